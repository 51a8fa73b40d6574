/** What the one elected controller does: it forms partitions, elects their leaders and tidies up after lost nodes. */
@NullMarked
package org.deuterium.coordinator.control;

import org.jspecify.annotations.NullMarked;
