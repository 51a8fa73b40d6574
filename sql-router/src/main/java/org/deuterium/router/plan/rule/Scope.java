package org.deuterium.router.plan.rule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.jspecify.annotations.Nullable;

/** The relations whose columns an expression can name, from the innermost query outwards. */
final class Scope {

    /** A WITH query, analysed again at each use. */
    record Named(
            SqlNode query,
            @Nullable List<String> columns,
            @Nullable Scope scope) {}

    final @Nullable Scope outer;
    final List<Relation> relations = new ArrayList<>();
    private final Map<String, Named> named = new HashMap<>();

    Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    void define(String name, Named query) {
        named.put(name, query);
    }

    @Nullable
    Named named(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Named query = scope.named.get(name);
            if (query != null) {
                return query;
            }
        }
        return null;
    }

    /** The partition column an expression is, or null if it is none (or it is not sure). */
    @Nullable
    KeyColumn keyColumn(SqlNode expression) {
        if (!(expression instanceof SqlIdentifier identifier) || identifier.isStar()) {
            return null;
        }
        List<String> names = identifier.names;
        int last = names.size() - 1;
        for (Scope scope = this; scope != null; scope = scope.outer) {
            boolean unsure = false;
            for (Relation relation : scope.relations) {
                boolean candidate =
                        last == 0 || relation.isNamed(last == 1 ? "" : names.get(last - 2), names.get(last - 1));
                if (candidate && relation.columns().containsKey(names.get(last))) {
                    return relation.columns().get(names.get(last));
                }
                unsure |= candidate && !relation.known();
            }
            if (unsure) {
                return null;
            }
        }
        return null;
    }
}
