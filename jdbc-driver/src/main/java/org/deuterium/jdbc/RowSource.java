package org.deuterium.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a result and the place in them. A forward-only source holds one page and asks for the next when it is
 * needed; a scrollable one, or one that must outlive its transaction, fetches all pages and keeps them.
 */
final class RowSource {

    private final @Nullable ClusterSession session;
    private final int onLink;
    private final ColumnLabels labels;
    private final boolean scrollable;
    private final int[] offsets;
    private @Nullable List<RowsPage> kept;
    private RowsPage page;
    private int pageNumber;
    private int rowInPage;
    private int end;
    private long position;
    private long rowsBeforePage;
    private volatile long cursor;
    private volatile boolean closed;
    private int fetchSize;
    private boolean onRow;

    RowSource(
            @Nullable ClusterSession session, RowsPage first, ColumnLabels labels, boolean scrollable, int fetchSize) {
        this.session = session;
        this.onLink = session == null ? 0 : session.linkNumber();
        this.labels = labels;
        this.scrollable = scrollable;
        this.fetchSize = fetchSize;
        this.offsets = new int[labels.columns().size()];
        this.page = first;
        this.cursor = first.cursor();
    }

    /** All rows are in this page, which has its columns. */
    static RowSource ofAll(RowsPage page) {
        List<ColumnDescription> columns = page.columns();
        if (columns == null) {
            throw new IllegalArgumentException("a page without columns is no result by itself");
        }
        return new RowSource(null, page, new ColumnLabels(columns), true, 0);
    }

    List<ColumnDescription> columns() {
        return labels.columns();
    }

    ColumnLabels labels() {
        return labels;
    }

    boolean scrollable() {
        return scrollable;
    }

    boolean onRow() {
        return onRow;
    }

    /** The number of the row from 1; 0 before the first; one more than the last after it. */
    long position() {
        return position;
    }

    boolean hasRows() {
        return page.rowCount() > 0 || rowsBeforePage > 0;
    }

    int fetchSize() {
        return fetchSize;
    }

    void setFetchSize(int count) {
        fetchSize = count;
    }

    /** More rows are at the server, in a cursor that ends with the transaction. */
    boolean isStreaming() {
        return !closed && cursor != RowsPage.NO_MORE;
    }

    boolean next() throws SQLException {
        while (rowInPage == page.rowCount()) {
            if (!nextPage()) {
                if (onRow) {
                    position++;
                }
                onRow = false;
                return false;
            }
        }
        WireReader in = new WireReader(page.rows(), end, page.rows().length - end);
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = in.position();
            WireValues.skip(in);
        }
        end = in.position();
        rowInPage++;
        position++;
        onRow = true;
        return true;
    }

    /** The bytes of a column of the row, from its type code on. */
    WireReader value(int column) {
        return new WireReader(page.rows(), offsets[column], end - offsets[column]);
    }

    boolean isLast() throws SQLException {
        if (rowInPage < page.rowCount()) {
            return false;
        }
        return position == count();
    }

    private boolean nextPage() throws SQLException {
        if (scrollable) {
            keepAll();
        }
        List<RowsPage> all = kept;
        if (all != null) {
            if (pageNumber + 1 >= all.size()) {
                return false;
            }
            rowsBeforePage += page.rowCount();
            pageNumber++;
            enter(all.get(pageNumber));
            return true;
        }
        if (!isStreaming()) {
            return false;
        }
        RowsPage following = fetch();
        rowsBeforePage += page.rowCount();
        enter(following);
        return true;
    }

    private void enter(RowsPage next) {
        page = next;
        rowInPage = 0;
        end = 0;
    }

    private RowsPage fetch() throws SQLException {
        if (session == null) {
            throw new IllegalStateException("rows without a session are all here");
        }
        RowsPage following = session.fetch(cursor, fetchSize, onLink);
        cursor = following.cursor();
        return following;
    }

    /** Fetches what is still at the server, and keeps it with the page that is open. */
    void keepAll() throws SQLException {
        if (kept != null) {
            return;
        }
        List<RowsPage> all = new ArrayList<>();
        all.add(page);
        try {
            while (isStreaming()) {
                all.add(fetch());
            }
        } catch (SQLException e) {
            if (!closed || !ErrorCode.NO_SUCH_HANDLE.sqlState().equals(e.getSQLState())) {
                throw e;
            }
        }
        if (closed) {
            return; // another thread did it meanwhile: nobody needs the rows any more
        }
        kept = all;
        pageNumber = 0;
    }

    /** How many rows there are; fetches them all to know it. */
    long count() throws SQLException {
        keepAll();
        List<RowsPage> all = kept;
        if (all == null) {
            return rowsBeforePage + page.rowCount();
        }
        long before = rowsBeforePage;
        for (int i = 0; i < pageNumber; i++) {
            before -= all.get(i).rowCount();
        }
        long count = before;
        for (RowsPage each : all) {
            count += each.rowCount();
        }
        return count;
    }

    private void checkScrollable() throws SQLException {
        if (!scrollable) {
            throw SqlExceptions.h2(
                    SqlExceptions.NOT_SCROLLABLE,
                    "this result can only be read forward; create the statement with TYPE_SCROLL_INSENSITIVE",
                    null);
        }
    }

    /** Goes to a row by its number; false if there is none, then it is before the first or after the last. */
    boolean moveTo(long row) throws SQLException {
        if (row < position) {
            checkScrollable();
            keepAll();
            rewind();
        }
        while (position < row) {
            if (!next()) {
                return false;
            }
        }
        return onRow;
    }

    private void rewind() {
        List<RowsPage> all = kept;
        if (all != null) {
            enter(all.get(0));
        }
        pageNumber = 0;
        position = 0;
        rowsBeforePage = 0;
        onRow = false;
    }

    /** Does not wait for another thread, which may be keeping the rows for the end of its transaction. */
    void close() {
        boolean streaming = isStreaming();
        closed = true;
        if (streaming && session != null) {
            session.sayLater(new CloseHandle(true, cursor), onLink);
        }
        onRow = false;
        kept = null;
    }
}
