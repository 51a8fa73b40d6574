/** What a simulated cluster lives in: time, chance, a network, disks and clocks that fail as the seed wants. */
@NullMarked
package org.deuterium.simulation.world;

import org.jspecify.annotations.NullMarked;
