/** A TPC-C-like load through plain JDBC: schema, loader, terminals, and the consistency conditions of clause 3.3.2. */
@NullMarked
package org.deuterium.benchmarks.tpcc;

import org.jspecify.annotations.NullMarked;
