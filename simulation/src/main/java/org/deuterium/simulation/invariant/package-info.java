/** What must hold in every simulated cluster, one class each, told of everything as it happens. */
@NullMarked
package org.deuterium.simulation.invariant;

import org.jspecify.annotations.NullMarked;
