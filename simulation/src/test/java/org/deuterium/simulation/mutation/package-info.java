/** Known mistakes, planted one by one into the sources, which the simulation must find. */
package org.deuterium.simulation.mutation;
