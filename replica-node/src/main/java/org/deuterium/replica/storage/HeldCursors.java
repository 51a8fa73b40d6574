package org.deuterium.replica.storage;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;

/** Results that clients have not read to their end. H2 keeps them apart from the tables: they outlive their transaction. */
final class HeldCursors {

    private static final int MAX_OPEN = 10_000;

    private record Held(TransactionId transaction, ResultInterface result) {}

    private final RowPages pages;
    private final ConcurrentHashMap<Long, Held> open = new ConcurrentHashMap<>();

    /** Not from 1: a cursor of before a restart must not look like one of after it. */
    private final AtomicLong lastCursor = new AtomicLong(System.nanoTime() & 0x7fff_ffff_0000L);

    HeldCursors(RowPages pages) {
        this.pages = pages;
    }

    /** Keeps a result for later pages; its cursor. */
    long hold(TransactionId transaction, ResultInterface result) {
        if (open.size() >= MAX_OPEN) {
            result.close();
            throw DbException.get(
                    org.h2.api.ErrorCode.GENERAL_ERROR_1, "more than " + MAX_OPEN + " unread results; close some");
        }
        long cursor = lastCursor.incrementAndGet();
        open.put(cursor, new Held(transaction, result));
        return cursor;
    }

    Message fetch(long cursor, int count) {
        Held held = open.get(cursor);
        if (held == null) {
            return Failure.of(ErrorCode.NO_SUCH_HANDLE, "cursor " + cursor + " is closed; run the query again");
        }
        synchronized (held) {
            try {
                RowsPage page = pages.next(held.result, count, false, new WireWriter());
                if (held.result.hasNext()) {
                    return page.withCursor(cursor);
                }
                close(cursor);
                return page;
            } catch (RuntimeException e) {
                close(cursor);
                return Failures.of(Failures.asDbException(e));
            }
        }
    }

    void close(long cursor) {
        Held held = open.remove(cursor);
        if (held != null) {
            held.result.close();
        }
    }

    void closeIf(Predicate<TransactionId> ofTransaction) {
        open.forEach((cursor, held) -> {
            if (ofTransaction.test(held.transaction)) {
                close(cursor);
            }
        });
    }
}
