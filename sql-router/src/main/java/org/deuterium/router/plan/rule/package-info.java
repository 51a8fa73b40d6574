/** Reads syntax trees for one thing: which partitions the rows of each table can be in. */
@NullMarked
package org.deuterium.router.plan.rule;

import org.jspecify.annotations.NullMarked;
