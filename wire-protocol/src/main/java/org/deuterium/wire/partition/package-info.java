/** What a router says to the leader of a partition, and hears from it; answers to statements are in {@code wire.statement}. */
@NullMarked
package org.deuterium.wire.partition;

import org.jspecify.annotations.NullMarked;
