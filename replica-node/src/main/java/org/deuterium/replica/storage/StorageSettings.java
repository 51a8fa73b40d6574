package org.deuterium.replica.storage;

/**
 * How a replica's H2 database is run.
 *
 * @param cacheKilobytes page cache of one database; a node has many
 * @param retentionMillis how long H2 keeps freed chunks before their space is written again
 * @param compactBytes how much one checkpoint rewrites at most to give space back
 * @param maxUnstoredBytes changes between checkpoints, as H2 estimates them, beyond which writes are refused; below 2 GB
 * @param pageBytes the size from which a page of rows is sent without waiting for more
 * @param retainedMillis how long a replica keeps states of the past for transactions AS OF; 0: it keeps none
 */
public record StorageSettings(
        int cacheKilobytes,
        int retentionMillis,
        int compactBytes,
        long maxUnstoredBytes,
        int pageBytes,
        long retainedMillis) {

    public static final StorageSettings DEFAULT = new StorageSettings(8 << 10, 5_000, 4 << 20, 1_500L << 20, 4 << 20);

    /** Of a database that keeps no states of the past. */
    public StorageSettings(
            int cacheKilobytes, int retentionMillis, int compactBytes, long maxUnstoredBytes, int pageBytes) {
        this(cacheKilobytes, retentionMillis, compactBytes, maxUnstoredBytes, pageBytes, 0);
    }

    public StorageSettings withRetainedMillis(long millis) {
        return new StorageSettings(cacheKilobytes, retentionMillis, compactBytes, maxUnstoredBytes, pageBytes, millis);
    }
}
