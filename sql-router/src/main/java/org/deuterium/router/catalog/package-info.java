/** The logical schema: an empty H2 database that knows every table, and which columns decide the partition of a row. */
@NullMarked
package org.deuterium.router.catalog;

import org.jspecify.annotations.NullMarked;
