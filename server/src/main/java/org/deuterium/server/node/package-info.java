/** A node as a process: what it is given, and how its parts are put together. */
@NullMarked
package org.deuterium.server.node;

import org.jspecify.annotations.NullMarked;
