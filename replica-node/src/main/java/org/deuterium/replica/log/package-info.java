/** The one replicated log of a node: segmented, checksummed, chained, group-committed, shared by its partitions. */
@NullMarked
package org.deuterium.replica.log;

import org.jspecify.annotations.NullMarked;
