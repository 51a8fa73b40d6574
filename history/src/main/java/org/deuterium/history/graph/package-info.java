/** Who must come before whom (Adya's direct serialization graph), and the smallest cycles in it. */
@NullMarked
package org.deuterium.history.graph;

import org.jspecify.annotations.NullMarked;
