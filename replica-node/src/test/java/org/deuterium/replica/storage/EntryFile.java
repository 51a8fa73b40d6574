package org.deuterium.replica.storage;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** The log of one storage as a plain file; a torn record at its end is no record. */
final class EntryFile {

    private static final int ROWS = 1;
    private static final int RESERVATION = 2;
    private static final int SCHEMA = 3;

    private final Path path;
    private final RandomAccessFile file;

    EntryFile(Path path) throws IOException {
        this.path = path;
        this.file = new RandomAccessFile(path.toFile(), "rw");
    }

    void appendRows(LogIndex index, byte[] writeSet) throws IOException {
        append(new WireWriter().writeByte(ROWS).writeVLong(index.position()).writeBytes(writeSet));
    }

    void appendReservation(LogIndex index, String sequence, int count) throws IOException {
        append(new WireWriter()
                .writeByte(RESERVATION)
                .writeVLong(index.position())
                .writeString(sequence)
                .writeVInt(count));
    }

    void appendSchema(LogIndex index, long version, String sql) throws IOException {
        append(new WireWriter()
                .writeByte(SCHEMA)
                .writeVLong(index.position())
                .writeVLong(version)
                .writeString(sql));
    }

    private void append(WireWriter record) throws IOException {
        byte[] bytes = new WireWriter()
                .writeInt(record.size())
                .writeRaw(record.array(), 0, record.size())
                .toByteArray();
        file.write(bytes);
    }

    /** Applies what comes after the storage's index, and stands at the end; how many entries there are. */
    long replay(H2Storage storage) throws IOException {
        file.seek(0);
        long end = 0;
        long entries = 0;
        while (true) {
            byte[] record;
            try {
                record = new byte[file.readInt()];
                file.readFully(record);
            } catch (EOFException e) {
                file.setLength(end);
                file.seek(end);
                return entries;
            }
            end = file.getFilePointer();
            entries++;
            WireReader in = new WireReader(record);
            int kind = in.readByte();
            LogIndex index = new LogIndex(in.readVLong());
            if (index.isAfter(storage.appliedIndex())) {
                apply(storage, kind, index, in);
            }
        }
    }

    private void apply(H2Storage storage, int kind, LogIndex index, WireReader in) {
        switch (kind) {
            case ROWS -> storage.applyRows(List.of(new RowsEntry(index, TwoReplicas.TERM, in.readBytes())));
            case RESERVATION ->
                storage.applySequenceReservation(index, TwoReplicas.TERM, in.readString(), in.readVInt());
            case SCHEMA -> {
                Object failure = storage.applySchemaChange(index, TwoReplicas.TERM, in.readVLong(), in.readString());
                if (failure != null) {
                    throw new IllegalStateException(path + ": " + failure);
                }
            }
            default -> throw new IllegalStateException(path + ": record of kind " + kind);
        }
    }

    void close() throws IOException {
        file.close();
    }
}
