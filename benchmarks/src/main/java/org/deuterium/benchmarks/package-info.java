/** What every benchmark needs: the database under test, how failures are counted, and how latencies are kept. */
@NullMarked
package org.deuterium.benchmarks;

import org.jspecify.annotations.NullMarked;
