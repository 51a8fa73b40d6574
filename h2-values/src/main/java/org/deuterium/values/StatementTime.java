package org.deuterium.values;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.h2.engine.SessionLocal;
import org.h2.util.DateTimeUtils;
import org.h2.util.TimeZoneProvider;
import org.h2.value.ValueTimestampTimeZone;

/**
 * What CURRENT_TIMESTAMP, CURRENT_DATE and their like say in a statement. H2 takes the moment once in a transaction, and
 * forgets it at its end; in a transaction of several H2 databases it has to be one for all.
 *
 * @param timeZone the client's time zone id
 * @param momentMicros microseconds since 1970; 0 for the moment at which H2 is first asked
 */
public record StatementTime(String timeZone, long momentMicros) {

    private static final VarHandle CURRENT = currentTimestampOfSessions();

    private static VarHandle currentTimestampOfSessions() {
        try {
            return MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup())
                    .findVarHandle(SessionLocal.class, "currentTimestamp", ValueTimestampTimeZone.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this H2 version has no SessionLocal.currentTimestamp; use the version pinned", e);
        }
    }

    /** The session has this time zone, and its transaction this moment. */
    public void setOn(SessionLocal session) {
        session.setTimeZone(TimeZoneProvider.ofId(timeZone));
        setMoment(session, momentMicros);
    }

    /** The session's transaction has this moment, in the session's time zone; 0 leaves it to H2. */
    public static void setMoment(SessionLocal session, long micros) {
        if (micros == 0) {
            return;
        }
        long perSecond = TimeUnit.SECONDS.toMicros(1);
        long nanos = TimeUnit.MICROSECONDS.toNanos(Math.floorMod(micros, perSecond));
        Instant moment = Instant.ofEpochSecond(Math.floorDiv(micros, perSecond), nanos);
        CURRENT.set(session, DateTimeUtils.currentTimestamp(session.currentTimeZone(), moment));
    }
}
