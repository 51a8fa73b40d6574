/** SQL from a file or the command line: split, run, and printed tidily. */
@NullMarked
package org.deuterium.server.shell;

import org.jspecify.annotations.NullMarked;
