/** SQL in, a plan that names partitions out; no network. */
@NullMarked
package org.deuterium.router.plan;

import org.jspecify.annotations.NullMarked;
