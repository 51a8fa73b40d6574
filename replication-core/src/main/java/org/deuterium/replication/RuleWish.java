package org.deuterium.replication;

import org.deuterium.wire.replication.AckRule;
import org.jspecify.annotations.Nullable;

/** The ack rule that is to replace the present one, and how many wait for it; the latest wish counts. */
final class RuleWish {

    private @Nullable AckRule rule;
    private int wishers;

    void add(AckRule wished) {
        wishers = isFor(wished) ? wishers + 1 : 1;
        rule = wished;
    }

    @Nullable
    AckRule rule() {
        return rule;
    }

    boolean isFor(AckRule other) {
        return other.equals(rule);
    }

    /** One of those who wish it gives up. */
    void withdraw(AckRule withdrawn) {
        if (isFor(withdrawn) && --wishers == 0) {
            rule = null;
        }
    }

    void fulfilled() {
        rule = null;
    }
}
