package org.deuterium.router.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a moment of the past may be written. */
class AsOfTest {

    private static final ZoneId ROME = ZoneId.of("Europe/Rome");
    private static final long NOW = 1_000_000_000_000L;

    private static long moment(String text) throws ReadRules.BadValue {
        AsOf parsed = AsOf.parse(text, ROME);
        return parsed == null ? -1 : parsed.momentMillis(NOW);
    }

    @Test
    void soLongAgo() throws ReadRules.BadValue {
        assertEquals(NOW - 10_000, moment("-10s"));
        assertEquals(NOW - 250, moment(" - 250 MS "));
        assertEquals(NOW - 120_000, moment("-2m"));
        assertEquals(NOW - 120_000, moment("-2min"));
        assertEquals(NOW - 3_600_000, moment("-1h"));
        assertEquals(NOW - 86_400_000, moment("-1d"));
    }

    @Test
    void aTime() throws ReadRules.BadValue {
        long three = Instant.parse("2026-11-26T14:00:00Z").toEpochMilli();
        for (String text : List.of(
                "2026-11-26 15:00:00+01",
                "2026-11-26 15:00:00+01:00",
                "2026-11-26 15:00:00 +0100",
                "2026-11-26T14:00:00Z",
                "2026-11-26T14:00Z",
                "2026-11-26 15:00:00")) {
            assertEquals(three, moment(text), text);
        }
        assertEquals(three + 125, moment("2026-11-26T14:00:00.125Z"));
        assertEquals(Instant.parse("2026-11-25T23:00:00Z").toEpochMilli(), moment("2026-11-26"));
    }

    @Test
    void thePresent() throws ReadRules.BadValue {
        assertNull(AsOf.parse("none", ROME));
        assertNull(AsOf.parse("", ROME));
    }

    @Test
    void whatIsNeitherIsRefused() {
        for (String text : List.of("10s", "yesterday", "-10", "-s", "2026-13-01 00:00:00", "15:00", "-10s ago")) {
            assertThrows(ReadRules.BadValue.class, () -> AsOf.parse(text, ROME), text);
        }
    }
}
