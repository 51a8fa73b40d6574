package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/** Puts the generated keys that several partitions gave back into the order of the batch. */
final class BatchKeys {

    private BatchKeys() {}

    static @Nullable RowsPage merge(List<BatchProgress.DonePart> parts) {
        List<BatchProgress.DonePart> withKeys = new ArrayList<>();
        for (BatchProgress.DonePart part : parts) {
            if (part.answer().generatedKeys() != null) {
                withKeys.add(part);
            }
        }
        if (withKeys.isEmpty()) {
            return null;
        }
        if (withKeys.size() == 1) {
            return withKeys.get(0).answer().generatedKeys();
        }
        return reorder(withKeys);
    }

    /**
     * A set that changed n rows has the next n keys of its partition; statements that give other numbers of keys keep
     * the order of partitions.
     */
    private static RowsPage reorder(List<BatchProgress.DonePart> parts) {
        TreeMap<Integer, byte[]> rowsOfSet = new TreeMap<>();
        List<ColumnDescription> columns = List.of();
        int rowCount = 0;
        for (BatchProgress.DonePart part : parts) {
            UpdateCounts done = part.answer();
            RowsPage keys = done.generatedKeys();
            if (keys == null) {
                continue;
            }
            columns = keys.columns() == null ? columns : keys.columns();
            WireReader in = new WireReader(keys.rows());
            int left = keys.rowCount();
            for (int i = 0; i < part.sets().size() && left > 0; i++) {
                boolean last = i == part.sets().size() - 1;
                long wanted = last ? left : Math.max(0, Math.min(left, done.counts()[i]));
                int start = in.position();
                for (long value = wanted * columns.size(); value > 0; value--) {
                    ValueCodec.read(in);
                }
                WireWriter rows = new WireWriter(in.position() - start);
                rows.writeRaw(in.array(), start, in.position() - start);
                rowsOfSet.put(part.sets().get(i), rows.toByteArray());
                left -= (int) wanted;
            }
            rowCount += keys.rowCount();
        }
        WireWriter all = new WireWriter();
        rowsOfSet.values().forEach(rows -> all.writeRaw(rows, 0, rows.length));
        return new RowsPage(columns, rowCount, all.toByteArray(), RowsPage.NO_MORE);
    }
}
