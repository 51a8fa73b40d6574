/** Whole clusters of the pure core in one thread, driven by one seed through the faults of networks, disks and processes. */
@NullMarked
package org.deuterium.simulation;

import org.jspecify.annotations.NullMarked;
