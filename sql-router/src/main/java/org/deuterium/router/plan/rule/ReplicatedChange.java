package org.deuterium.router.plan.rule;

import org.deuterium.router.catalog.ReplicatedTable;

/** What a statement does to a REPLICATED table. */
public record ReplicatedChange(ReplicatedTable table, Kind kind) {

    /** How the rows that one copy changed are brought into the others. */
    public enum Kind {
        INSERT,
        UPDATE,
        DELETE,
        /** MERGE: a row may be new or not. */
        MERGE
    }
}
