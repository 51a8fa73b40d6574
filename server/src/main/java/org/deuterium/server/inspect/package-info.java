/** Looks at a running cluster from outside, as commands and tests do. */
@NullMarked
package org.deuterium.server.inspect;

import org.jspecify.annotations.NullMarked;
