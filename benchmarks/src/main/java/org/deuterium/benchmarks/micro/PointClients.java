package org.deuterium.benchmarks.micro;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.deuterium.benchmarks.FailureKind;
import org.deuterium.benchmarks.TargetDatabase;
import org.jspecify.annotations.Nullable;

/** N connections with a thread each, that run one prepared statement over and over while they are let, and then stand still. */
final class PointClients implements AutoCloseable {

    private final TargetDatabase database;
    private final String sql;
    private final boolean query;
    private final int rows;
    private final List<Client> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** Guarded by this: how many threads wait to be let, or have failed. */
    private int standing;

    private volatile boolean running;
    private volatile boolean measuring;
    private volatile boolean stopping;

    /** Connects; returns when all stand ready. */
    PointClients(TargetDatabase database, String sql, boolean query, int rows, int connections)
            throws InterruptedException {
        this.database = database;
        this.sql = sql;
        this.query = query;
        this.rows = rows;
        for (int i = 0; i < connections; i++) {
            Client client = new Client(i);
            clients.add(client);
            threads.add(new Thread(client, "client-" + i));
        }
        threads.forEach(Thread::start);
        awaitStanding();
    }

    /** Lets them run for so long, and waits until they stand again; what they do is remembered if it is to be measured. */
    void run(long millis, boolean measured) throws InterruptedException {
        measuring = measured;
        synchronized (this) {
            running = true;
            notifyAll();
        }
        TimeUnit.MILLISECONDS.sleep(millis);
        running = false;
        awaitStanding();
        measuring = false;
    }

    private synchronized void awaitStanding() throws InterruptedException {
        while (standing < threads.size()) {
            wait();
        }
    }

    /** False when there is nothing more to do. */
    private boolean mayGoOn() throws InterruptedException {
        if (!running) {
            synchronized (this) {
                standing++;
                notifyAll();
                while (!running && !stopping) {
                    wait();
                }
                standing--;
            }
        }
        return !stopping;
    }

    private synchronized void standsForEver() {
        standing++;
        notifyAll();
    }

    /** Latencies in microseconds of all measured statements; only while they stand still. */
    Histogram micros() throws SQLException {
        Histogram all = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        for (Client client : clients) {
            if (client.failure != null) {
                throw client.failure;
            }
            all.add(client.micros);
        }
        return all;
    }

    /** Statements that were refused for a moment, and run again. */
    long retries() {
        return clients.stream().mapToLong(client -> client.retries).sum();
    }

    @Override
    public void close() throws InterruptedException {
        synchronized (this) {
            stopping = true;
            notifyAll();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** One connection and its thread. */
    private final class Client implements Runnable {

        private final SplittableRandom random;
        private final Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        private long retries;
        private @Nullable SQLException failure;

        Client(int number) {
            this.random = new SplittableRandom(number);
        }

        @Override
        public void run() {
            try (Connection connection = database.connect();
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                while (mayGoOn()) {
                    long start = System.nanoTime();
                    if (once(statement) && measuring) {
                        micros.recordValue(
                                Math.min(micros.getHighestTrackableValue(), (System.nanoTime() - start) / 1000));
                    }
                }
            } catch (SQLException e) {
                failure = e;
            } catch (InterruptedException e) {
                failure = new SQLException("interrupted", e);
            } finally {
                standsForEver();
            }
        }

        private boolean once(PreparedStatement statement) throws SQLException {
            try {
                statement.setInt(1, random.nextInt(rows));
                if (!query) {
                    return expectOne(statement.executeUpdate());
                }
                try (ResultSet row = statement.executeQuery()) {
                    boolean found = row.next();
                    expectOne(found ? 1 : 0);
                    return row.getLong(1) >= 0 && row.getString(2) != null;
                }
            } catch (SQLException e) {
                if (FailureKind.of(e) != FailureKind.RETRY) {
                    throw e;
                }
                retries++;
                return false;
            }
        }

        private boolean expectOne(int count) throws SQLException {
            if (count != 1) {
                throw new SQLException(count + " rows by primary key where there must be one: " + sql);
            }
            return true;
        }
    }
}
