package org.deuterium.jdbc;

import java.sql.SQLException;

/** {@code unwrap} of every object of this driver: they wrap nothing but themselves. */
final class Wrappers {

    private Wrappers() {}

    static <T> T unwrap(Object self, Class<T> wanted) throws SQLException {
        if (wanted != null && wanted.isInstance(self)) {
            return wanted.cast(self);
        }
        throw SqlExceptions.invalidValue("iface", wanted);
    }
}
