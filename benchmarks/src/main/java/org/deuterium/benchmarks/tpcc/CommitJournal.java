package org.deuterium.benchmarks.tpcc;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The client's own append-only file of commits: one line for each transaction that the database acknowledged, written
 * after the acknowledgement and never before it. A line is "A warehouse id" (acknowledged) or "U warehouse id" (the
 * outcome stayed unknown). The same id stands in table JOURNAL, written by the transaction itself.
 */
public final class CommitJournal implements AutoCloseable {

    /** One acknowledged transaction. */
    public record Entry(int warehouse, long id) {}

    private final BufferedWriter writer;

    private CommitJournal(BufferedWriter writer) {
        this.writer = writer;
    }

    /** Opens the file, keeping what it holds. */
    public static CommitJournal open(Path file) throws IOException {
        return new CommitJournal(Files.newBufferedWriter(
                file, StandardCharsets.US_ASCII, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    public void acknowledged(int warehouse, long id) throws IOException {
        write('A', warehouse, id);
    }

    public void unknown(int warehouse, long id) throws IOException {
        write('U', warehouse, id);
    }

    /** The acknowledged transactions of a file, in the order of their acknowledgement. */
    public static List<Entry> readAcknowledged(Path file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
            String[] words = line.split(" ", -1);
            if (words.length == 3 && words[0].equals("A")) {
                entries.add(new Entry(Integer.parseInt(words[1]), Long.parseLong(words[2])));
            }
        }
        return entries;
    }

    @Override
    public synchronized void close() throws IOException {
        writer.close();
    }

    private synchronized void write(char what, int warehouse, long id) throws IOException {
        writer.write(what + " " + warehouse + " " + id + "\n");
        writer.flush();
    }
}
