/** Locks on whole tables of one partition, which keep SERIALIZABLE readers and all writers apart; see DESIGN.md. */
@NullMarked
package org.deuterium.replica.locks;

import org.jspecify.annotations.NullMarked;
