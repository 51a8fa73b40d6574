/** What a replica of a partition decides: a pure state machine without clock, thread, file, socket or randomness. */
@NullMarked
package org.deuterium.replication;

import org.jspecify.annotations.NullMarked;
