/** The driving loop of a replica, the controllers and the coordinator, as hosts of the pure core would run them. */
@NullMarked
package org.deuterium.simulation.cluster;

import org.jspecify.annotations.NullMarked;
