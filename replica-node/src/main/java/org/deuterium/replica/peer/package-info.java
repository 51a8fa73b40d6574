/** How nodes talk to each other about replicas: links out, receivers in, promises for the controller. */
@NullMarked
package org.deuterium.replica.peer;

import org.jspecify.annotations.NullMarked;
