/** The protocol told in scenes: text files of commands, with what the real core does printed below each. */
package org.deuterium.simulation.scenario;
