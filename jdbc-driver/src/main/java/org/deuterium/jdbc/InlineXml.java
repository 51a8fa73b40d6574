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
import java.sql.SQLException;
import java.sql.SQLXML;
import javax.xml.transform.Result;
import javax.xml.transform.Source;
import javax.xml.transform.stream.StreamResult;
import javax.xml.transform.stream.StreamSource;
import org.jspecify.annotations.Nullable;

/** XML as its text: H2 has no type of its own for it. Only streams of it are given, no parsed documents. */
final class InlineXml implements SQLXML {

    private @Nullable String text;
    private boolean freed;

    InlineXml(@Nullable String text) {
        this.text = text;
    }

    @Override
    public String getString() throws SQLException {
        String written = text;
        if (freed || written == null) {
            throw freed
                    ? SqlExceptions.closed("SQLXML")
                    : SqlExceptions.h2(SqlExceptions.OBJECT_CLOSED, "this SQLXML is empty: set its text first", null);
        }
        return written;
    }

    @Override
    public void setString(String value) throws SQLException {
        checkWritable();
        text = value;
    }

    private void checkWritable() throws SQLException {
        if (freed || text != null) {
            throw SqlExceptions.closed(freed ? "SQLXML" : "SQLXML for writing: it has its text already and");
        }
    }

    @Override
    public InputStream getBinaryStream() throws SQLException {
        return new ByteArrayInputStream(getString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Reader getCharacterStream() throws SQLException {
        return new StringReader(getString());
    }

    @Override
    public OutputStream setBinaryStream() throws SQLException {
        checkWritable();
        return new ByteArrayOutputStream() {
            @Override
            public void close() {
                text = toString(StandardCharsets.UTF_8);
            }
        };
    }

    @Override
    public Writer setCharacterStream() throws SQLException {
        checkWritable();
        return new StringWriter() {
            @Override
            public void close() {
                text = toString();
            }
        };
    }

    @Override
    public <T extends Source> T getSource(@Nullable Class<T> sourceClass) throws SQLException {
        if (sourceClass == null || sourceClass == StreamSource.class) {
            @SuppressWarnings("unchecked") // T is the class that was asked for just before
            T source = (T) new StreamSource(getCharacterStream());
            return source;
        }
        throw SqlExceptions.notSupported(
                "an XML source of " + sourceClass.getName() + "; take a StreamSource and parse it yourself");
    }

    @Override
    public <T extends Result> T setResult(@Nullable Class<T> resultClass) throws SQLException {
        if (resultClass == null || resultClass == StreamResult.class) {
            @SuppressWarnings("unchecked") // T is the class that was asked for just before
            T result = (T) new StreamResult(setCharacterStream());
            return result;
        }
        throw SqlExceptions.notSupported(
                "an XML result of " + resultClass.getName() + "; take a StreamResult and write the text into it");
    }

    @Override
    public void free() {
        text = null;
        freed = true;
    }
}
