/** What processes say: the shared words, the messages and how they become bytes; JDK only. */
@NullMarked
package org.deuterium.wire;

import org.jspecify.annotations.NullMarked;
