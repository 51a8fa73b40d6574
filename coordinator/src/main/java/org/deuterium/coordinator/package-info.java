/** The words of the board every node reads: who lives, who leads, where partitions live, what the schema is. */
@NullMarked
package org.deuterium.coordinator;

import org.jspecify.annotations.NullMarked;
