/** H2's values and column descriptions as they travel on the wire, and back. */
@NullMarked
package org.deuterium.values;

import org.jspecify.annotations.NullMarked;
