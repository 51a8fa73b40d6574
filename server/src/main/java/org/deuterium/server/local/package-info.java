/** A cluster of child processes on this machine, described by one directory. */
@NullMarked
package org.deuterium.server.local;

import org.jspecify.annotations.NullMarked;
