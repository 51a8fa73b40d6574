/** Client work at the leaders of a node: branches, lock waits, sequences, schema changes. */
@NullMarked
package org.deuterium.replica.service;

import org.jspecify.annotations.NullMarked;
