/** One statement, many times: what a single read or write by key costs. */
@NullMarked
package org.deuterium.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
