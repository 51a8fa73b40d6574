package org.deuterium.replica.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.WeakHashMap;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/**
 * What H2's session remembers of its client beyond a transaction: the values that CURRENT VALUE FOR and @variables tell. H2
 * forgets them with the session only, and the next client of a pooled one must not see them.
 */
final class SessionMemory {

    private static final VarHandle CURRENT_VALUES = field("currentValueFor", WeakHashMap.class);

    private static final VarHandle VARIABLES = field("variables", HashMap.class);

    private SessionMemory() {}

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup())
                    .findVarHandle(SessionLocal.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new StorageFailedException(
                    "this H2 version has no SessionLocal." + name + "; use the version pinned", e);
        }
    }

    /** Between two transactions, by whoever has the session. */
    static void forget(SessionLocal session) {
        clear(CURRENT_VALUES, session);
        clear(VARIABLES, session);
    }

    private static void clear(VarHandle field, SessionLocal session) {
        @Nullable Object nothing = null;
        if (field.get(session) != null) {
            field.set(session, nothing);
        }
    }
}
