/** A whole cluster inside one JVM, for tests. */
@NullMarked
package org.deuterium.server.embedded;

import org.jspecify.annotations.NullMarked;
