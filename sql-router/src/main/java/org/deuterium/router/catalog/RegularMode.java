package org.deuterium.router.catalog;

import org.h2.api.JavaObjectSerializer;
import org.h2.engine.CastDataProvider;
import org.h2.engine.Mode;
import org.h2.util.DateTimeUtils;
import org.h2.util.TimeZoneProvider;
import org.h2.value.ValueTimestampTimeZone;
import org.jspecify.annotations.Nullable;

/** What H2's conversions of values ask a session for, where there is none: H2's regular mode. */
public final class RegularMode implements CastDataProvider {

    public static final RegularMode INSTANCE = new RegularMode();

    private RegularMode() {}

    @Override
    public ValueTimestampTimeZone currentTimestamp() {
        return DateTimeUtils.currentTimestamp(currentTimeZone());
    }

    @Override
    public TimeZoneProvider currentTimeZone() {
        return DateTimeUtils.getTimeZone();
    }

    @Override
    public Mode getMode() {
        return Mode.getRegular();
    }

    @Override
    public @Nullable JavaObjectSerializer getJavaObjectSerializer() {
        return null;
    }

    @Override
    public boolean zeroBasedEnums() {
        return false;
    }
}
