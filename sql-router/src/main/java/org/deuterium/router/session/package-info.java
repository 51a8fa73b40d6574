/** One open connection of a client and the transaction it is in. */
@NullMarked
package org.deuterium.router.session;

import org.jspecify.annotations.NullMarked;
