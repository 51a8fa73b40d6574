/** Whole clusters, real kills, and the rules of the house as tests. */
package org.deuterium.system;
