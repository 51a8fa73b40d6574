package org.deuterium.router.execute;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.statement.Failure;

/**
 * The values of sequences and identity columns that this router has reserved and not given out yet. A block is asked
 * for at the home partition and is a committed entry there before its first value is used: no value is ever given out
 * twice, and what is left of a block when the router stops, or the schema changes, is a gap.
 */
public final class SequenceCache {

    /** The first block of a sequence; each further one is twice as large, so that a bulk load asks rarely. */
    static final int SMALLEST_BLOCK = 32;

    static final int LARGEST_BLOCK = 10_000;

    private final PartitionLeaders leaders;
    private final Map<String, Stock> stocks = new HashMap<>();
    private long schemaVersion;

    /** What is left of the block of one sequence; guarded by itself. */
    private static final class Stock {
        private long next;
        private long increment;
        private int left;
        private int blockSize = SMALLEST_BLOCK;

        void refill(SequenceBlock block) {
            next = block.first();
            increment = block.increment();
            left = block.count();
            blockSize = Math.min(2 * blockSize, LARGEST_BLOCK);
        }

        long take() {
            long value = next;
            next += increment;
            left--;
            return value;
        }
    }

    public SequenceCache(PartitionLeaders leaders) {
        this.leaders = leaders;
    }

    /**
     * Draws values; waits for the home partition's leader when the stock is used up.
     *
     * @param sequence as in {@link ReserveSequence}
     * @throws StatementFailedException if no values can be had: the sequence is exhausted (90006), unknown, or the home
     *     partition has no leader
     */
    public long[] draw(String sequence, long version, int count) {
        Stock stock = stockOf(sequence, version);
        long[] values = new long[count];
        synchronized (stock) {
            for (int i = 0; i < count; i++) {
                if (stock.left == 0) {
                    stock.refill(reserve(sequence, version, Math.max(stock.blockSize, count - i)));
                }
                values[i] = stock.take();
            }
        }
        return values;
    }

    /** A schema change may have restarted or replaced any sequence: what was reserved before it is given up. */
    private synchronized Stock stockOf(String sequence, long version) {
        if (version != schemaVersion) {
            stocks.clear();
            schemaVersion = version;
        }
        return stocks.computeIfAbsent(sequence, name -> new Stock());
    }

    private SequenceBlock reserve(String sequence, long version, int count) {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        leaders.callLeader(
                new ReserveSequence(PartitionId.HOME, version, sequence, Math.min(count, LARGEST_BLOCK)),
                true,
                reply::complete);
        Message block = reply.join();
        if (block instanceof SequenceBlock reserved && reserved.count() > 0) {
            return reserved;
        }
        if (block instanceof Failure failure) {
            throw new StatementFailedException(failure);
        }
        throw new StatementFailedException(
                ErrorCode.INTERNAL_ERROR, "reserving values of " + sequence + " was answered by " + block);
    }
}
