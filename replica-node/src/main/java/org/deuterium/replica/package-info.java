/** A node's replicas as one part: what a server starts, asks and stops. */
@NullMarked
package org.deuterium.replica;

import org.jspecify.annotations.NullMarked;
