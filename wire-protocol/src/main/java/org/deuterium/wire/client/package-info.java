/** What a driver says to the router of a node, and hears from it; answers to statements are in {@code wire.statement}. */
@NullMarked
package org.deuterium.wire.client;

import org.jspecify.annotations.NullMarked;
