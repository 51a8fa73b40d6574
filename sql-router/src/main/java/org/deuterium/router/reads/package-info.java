/**
 * Reads from followers: which replica a plain read goes to, and what it must show so that the session sees its own
 * writes, never goes back, and sees no effect without its cause. Nothing here sends anything.
 */
@NullMarked
package org.deuterium.router.reads;

import org.jspecify.annotations.NullMarked;
