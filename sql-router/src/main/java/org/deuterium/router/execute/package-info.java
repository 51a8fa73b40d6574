/** Sends a plan to the leaders of its partitions and turns what they answer into one answer. */
@NullMarked
package org.deuterium.router.execute;

import org.jspecify.annotations.NullMarked;
