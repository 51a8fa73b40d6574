/** What a statement takes and gives, said alike by drivers to routers and by routers to partition leaders. */
@NullMarked
package org.deuterium.wire.statement;

import org.jspecify.annotations.NullMarked;
