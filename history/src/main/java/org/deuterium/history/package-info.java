/** What clients of a database did and saw, written down so that it can be judged afterwards. */
@NullMarked
package org.deuterium.history;

import org.jspecify.annotations.NullMarked;
