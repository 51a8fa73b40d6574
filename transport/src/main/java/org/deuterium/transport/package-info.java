/** How messages travel between processes: framed, multiplexed and batched over TCP; the only home of Netty. */
@NullMarked
package org.deuterium.transport;

import org.jspecify.annotations.NullMarked;
