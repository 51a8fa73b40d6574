/** Looks at a running cluster from outside, as the demonstration and the tests do. */
@NullMarked
package org.deuterium.server.inspect;

import org.jspecify.annotations.NullMarked;
