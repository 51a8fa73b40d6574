package org.deuterium.replica.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.h2.mvstore.FileStore;

/** A stored state of H2's file that stays readable while the database goes on: its header then, and its length then. */
final class FileCopy {

    private static final int PIECE_BYTES = 1 << 16;

    private final SnapshotPosition position;
    private final FileStore<?> file;
    private final byte[] header;
    private final long bytes;

    FileCopy(SnapshotPosition position, FileStore<?> file, byte[] header, long bytes) {
        this.position = position;
        this.file = file;
        this.header = header;
        this.bytes = bytes;
    }

    SnapshotPosition position() {
        return position;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(header);
        byte[] piece = new byte[PIECE_BYTES];
        for (long at = header.length; at < bytes; at += PIECE_BYTES) {
            int length = (int) Math.min(PIECE_BYTES, bytes - at);
            ByteBuffer read = file.readFully(null, at, length);
            read.get(piece, 0, length);
            out.write(piece, 0, length);
        }
    }
}
