/** Carries what replicas say to replicas of other nodes. */
@NullMarked
package org.deuterium.replica.peer;

import org.jspecify.annotations.NullMarked;
