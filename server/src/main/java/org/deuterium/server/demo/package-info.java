/** The demonstration: a cluster under load that loses a leader, and the proof that nothing else was lost. */
@NullMarked
package org.deuterium.server.demo;

import org.jspecify.annotations.NullMarked;
