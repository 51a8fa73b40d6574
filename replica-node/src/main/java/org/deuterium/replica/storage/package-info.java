/** One replica's H2 database: the only room that speaks to H2's insides. */
@NullMarked
package org.deuterium.replica.storage;

import org.jspecify.annotations.NullMarked;
