/** The command line: one class a subcommand. */
@NullMarked
package org.deuterium.server;

import org.jspecify.annotations.NullMarked;
