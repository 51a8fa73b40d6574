package org.deuterium.replica.storage;

import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/** Reads what H2's parsed schema changes keep to themselves; the H2 version is pinned for its sake too. */
final class PrivateFields {

    private PrivateFields() {}

    static @Nullable Object read(Object target, String name) {
        for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
            try {
                Field field = type.getDeclaredField(name);
                field.setAccessible(true);
                return field.get(target);
            } catch (NoSuchFieldException e) {
                continue;
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(name + " of " + target.getClass() + " cannot be read", e);
            }
        }
        throw new IllegalStateException(
                "this H2 version has no " + target.getClass().getName() + "." + name + "; use the version pinned");
    }

    static <T> T read(Object target, String name, Class<T> type) {
        Object value = read(target, name);
        if (value == null) {
            throw new IllegalStateException(target.getClass().getName() + "." + name + " is not set");
        }
        return type.cast(value);
    }
}
