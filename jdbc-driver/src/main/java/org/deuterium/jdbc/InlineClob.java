package org.deuterium.jdbc;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.Clob;
import java.sql.NClob;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A CLOB whose characters came with its row, or are to go with a parameter: all of it is in memory. */
final class InlineClob implements NClob {

    private @Nullable StringBuilder text;

    InlineClob(String text) {
        this.text = new StringBuilder(text);
    }

    private StringBuilder text() throws SQLException {
        StringBuilder open = text;
        if (open == null) {
            throw SqlExceptions.closed("CLOB");
        }
        return open;
    }

    private int offset(long position) throws SQLException {
        if (position < 1 || position > text().length() + 1L) {
            throw SqlExceptions.invalidValue("pos", position);
        }
        return (int) position - 1;
    }

    @Override
    public long length() throws SQLException {
        return text().length();
    }

    @Override
    public String getSubString(long pos, int length) throws SQLException {
        if (length < 0) {
            throw SqlExceptions.invalidValue("length", length);
        }
        int from = offset(pos);
        return text().substring(from, Math.min(text().length(), from + length));
    }

    @Override
    public Reader getCharacterStream() throws SQLException {
        return new StringReader(text().toString());
    }

    @Override
    public Reader getCharacterStream(long pos, long length) throws SQLException {
        int from = offset(pos);
        if (length < 0 || from + length > text().length()) {
            throw SqlExceptions.invalidValue("length", length);
        }
        return new StringReader(text().substring(from, from + (int) length));
    }

    @Override
    public InputStream getAsciiStream() throws SQLException {
        return new ByteArrayInputStream(text().toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public long position(String searched, long start) throws SQLException {
        return text().indexOf(searched, offset(start)) + 1L;
    }

    @Override
    public long position(Clob searched, long start) throws SQLException {
        return position(searched.getSubString(1, (int) searched.length()), start);
    }

    @Override
    public int setString(long pos, String value) throws SQLException {
        int from = offset(pos);
        text().replace(from, Math.min(text().length(), from + value.length()), value);
        return value.length();
    }

    @Override
    public int setString(long pos, String value, int offset, int length) throws SQLException {
        return setString(pos, value.substring(offset, offset + length));
    }

    @Override
    public OutputStream setAsciiStream(long pos) throws SQLException {
        int from = offset(pos);
        StringBuilder target = text();
        return new ByteArrayOutputStream() {
            @Override
            public void close() {
                target.replace(from, target.length(), toString(StandardCharsets.UTF_8));
            }
        };
    }

    @Override
    public Writer setCharacterStream(long pos) throws SQLException {
        int from = offset(pos);
        StringBuilder target = text();
        return new StringWriter() {
            @Override
            public void close() {
                target.replace(from, target.length(), toString());
            }
        };
    }

    @Override
    public void truncate(long length) throws SQLException {
        text().setLength(offset(length + 1));
    }

    @Override
    public void free() {
        text = null;
    }

    @Override
    public String toString() {
        StringBuilder open = text;
        return open == null ? "CLOB (freed)" : "CLOB of " + open.length() + " characters";
    }
}
