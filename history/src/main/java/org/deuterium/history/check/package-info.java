/** From histories to dependencies, from cycles to anomalies, and from anomalies to the isolation levels they rule out. */
@NullMarked
package org.deuterium.history.check;

import org.jspecify.annotations.NullMarked;
