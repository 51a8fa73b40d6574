package org.deuterium.replica.storage;

import java.util.List;
import org.h2.value.Value;

/**
 * A statement as it stands in the log: names are whole, and what could differ from replica to replica (clock, random
 * and sequence values, the session's settings) is a parameter with the leader's value.
 */
record LoggedStatement(String sql, List<Value> parameters) {

    LoggedStatement {
        parameters = List.copyOf(parameters);
    }
}
