package org.deuterium.router.plan;

import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Plans by text and current schema, for one version of the schema. Reading takes no lock; when it is full, a sweep in the
 * manner of CLOCK drops what was not used since the last one.
 */
final class PlanCache {

    /** What one plan takes besides its text, roughly. */
    private static final int PLAN_BYTES = 2_000;

    private static final class Entry {
        final RoutedPlan plan;
        volatile boolean used = true;

        Entry(RoutedPlan plan) {
            this.plan = plan;
        }
    }

    private record Key(String sql, String schema) {
        long bytes() {
            return PLAN_BYTES + 6L * sql.length();
        }
    }

    private final int maxPlans;
    private final long maxBytes;
    private final ConcurrentHashMap<Key, Entry> plans = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private volatile long version = -1;

    PlanCache(int maxPlans, long maxBytes) {
        this.maxPlans = maxPlans;
        this.maxBytes = maxBytes;
    }

    @Nullable
    RoutedPlan get(String sql, String schema, long schemaVersion) {
        if (version != schemaVersion) {
            return null;
        }
        Entry entry = plans.get(new Key(sql, schema));
        if (entry == null || entry.plan.shape().schemaVersion() != schemaVersion) {
            return null;
        }
        if (!entry.used) {
            entry.used = true;
        }
        return entry.plan;
    }

    /** Remembers a plan, unless its text alone would fill a good part of the cache. */
    synchronized void put(String sql, String schema, RoutedPlan plan) {
        if (plan.shape().schemaVersion() < version) {
            return;
        }
        if (plan.shape().schemaVersion() > version) {
            plans.clear();
            bytes.set(0);
            version = plan.shape().schemaVersion();
        }
        Key key = new Key(sql, schema);
        if (key.bytes() > maxBytes / 16) {
            return;
        }
        if (plans.put(key, new Entry(plan)) == null) {
            bytes.addAndGet(key.bytes());
        }
        while (plans.size() > maxPlans || bytes.get() > maxBytes) {
            sweep();
        }
    }

    /** One round over all plans: the unused go, the used get a second chance. */
    private void sweep() {
        for (Iterator<ConcurrentHashMap.Entry<Key, Entry>> i = plans.entrySet().iterator(); i.hasNext(); ) {
            ConcurrentHashMap.Entry<Key, Entry> entry = i.next();
            if (entry.getValue().used) {
                entry.getValue().used = false;
            } else {
                i.remove();
                bytes.addAndGet(-entry.getKey().bytes());
            }
            if (plans.size() <= maxPlans * 3 / 4 && bytes.get() <= maxBytes / 4 * 3) {
                return;
            }
        }
    }

    int size() {
        return plans.size();
    }
}
