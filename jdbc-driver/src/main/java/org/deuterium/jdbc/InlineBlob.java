package org.deuterium.jdbc;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.Blob;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A BLOB whose bytes came with its row, or are to go with a parameter: all of it is in memory. */
final class InlineBlob implements Blob {

    private byte @Nullable [] bytes;

    InlineBlob(byte[] bytes) {
        this.bytes = bytes;
    }

    private byte[] bytes() throws SQLException {
        byte[] open = bytes;
        if (open == null) {
            throw SqlExceptions.closed("BLOB");
        }
        return open;
    }

    private int offset(long position) throws SQLException {
        if (position < 1 || position > bytes().length + 1L) {
            throw SqlExceptions.invalidValue("pos", position);
        }
        return (int) position - 1;
    }

    @Override
    public long length() throws SQLException {
        return bytes().length;
    }

    @Override
    public byte[] getBytes(long pos, int length) throws SQLException {
        if (length < 0) {
            throw SqlExceptions.invalidValue("length", length);
        }
        int from = offset(pos);
        return Arrays.copyOfRange(bytes(), from, Math.min(bytes().length, from + length));
    }

    @Override
    public InputStream getBinaryStream() throws SQLException {
        return new ByteArrayInputStream(bytes());
    }

    @Override
    public InputStream getBinaryStream(long pos, long length) throws SQLException {
        int from = offset(pos);
        if (length < 0 || from + length > bytes().length) {
            throw SqlExceptions.invalidValue("length", length);
        }
        return new ByteArrayInputStream(bytes(), from, (int) length);
    }

    @Override
    public long position(byte[] searched, long start) throws SQLException {
        byte[] all = bytes();
        for (int at = offset(start); at + searched.length <= all.length; at++) {
            if (Arrays.equals(all, at, at + searched.length, searched, 0, searched.length)) {
                return at + 1L;
            }
        }
        return -1;
    }

    @Override
    public long position(Blob searched, long start) throws SQLException {
        return position(searched.getBytes(1, (int) searched.length()), start);
    }

    @Override
    public int setBytes(long pos, byte[] value) throws SQLException {
        return setBytes(pos, value, 0, value.length);
    }

    @Override
    public int setBytes(long pos, byte[] value, int offset, int length) throws SQLException {
        int to = offset(pos);
        byte[] longer = Arrays.copyOf(bytes(), Math.max(bytes().length, to + length));
        System.arraycopy(value, offset, longer, to, length);
        bytes = longer;
        return length;
    }

    @Override
    public OutputStream setBinaryStream(long pos) throws SQLException {
        int from = offset(pos);
        return new ByteArrayOutputStream() {
            @Override
            public void close() {
                byte[] before = bytes;
                byte[] written = toByteArray();
                byte[] all = Arrays.copyOf(before == null ? new byte[0] : before, from + written.length);
                System.arraycopy(written, 0, all, from, written.length);
                bytes = all;
            }
        };
    }

    @Override
    public void truncate(long length) throws SQLException {
        bytes = Arrays.copyOf(bytes(), offset(length + 1));
    }

    @Override
    public void free() {
        bytes = null;
    }

    @Override
    public String toString() {
        byte[] open = bytes;
        return open == null ? "BLOB (freed)" : "BLOB of " + open.length + " bytes";
    }
}
