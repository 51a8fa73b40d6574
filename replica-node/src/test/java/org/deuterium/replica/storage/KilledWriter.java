package org.deuterium.replica.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;

/**
 * A process that writes until it is killed: four writers on contended rows, row locks waited for outside the gate,
 * checkpoints with compaction and hardly any retention meanwhile. Arguments: the directory.
 */
final class KilledWriter {

    static final StorageSettings SETTINGS = new StorageSettings(8 << 10, 50, 4 << 20, 1_500L << 20, 4 << 20);
    static final int ACCOUNTS = 12;

    private final H2Storage storage;
    private final EntryFile log;
    private final ReentrantLock order = new ReentrantLock();
    private final Condition transactionEnded = order.newCondition();
    private long transactions;
    private long lockWaits;

    private KilledWriter(Path directory) throws IOException {
        storage = H2Storage.open(directory.resolve("storage"), SETTINGS);
        log = new EntryFile(directory.resolve("log"));
        log.replay(storage);
    }

    public static void main(String[] arguments) throws IOException {
        KilledWriter process = new KilledWriter(Path.of(arguments[0]));
        for (int i = 0; i < 4; i++) {
            long seed = System.nanoTime() + i;
            new Thread(() -> process.writeForever(new Random(seed))).start();
        }
        System.out.println("writing");
        for (int i = 0; ; i++) {
            process.storage.checkpoint();
            // Some work between two checkpoints, or the gate is never open.
            LockSupport.parkNanos(30_000_000);
            if (i % 100 == 0) {
                System.out.println(process.storage.appliedIndex() + ", lock waits " + process.lockWaits);
            }
        }
    }

    private void writeForever(Random random) {
        try {
            while (true) {
                write(random);
            }
        } catch (RuntimeException | IOException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(3);
        }
    }

    private Branch begin() {
        order.lock();
        try {
            return storage.openBranch(new TransactionId(1, ++transactions), TwoReplicas.SESSION);
        } finally {
            order.unlock();
        }
    }

    private void write(Random random) throws IOException {
        Branch branch = begin();
        int from = random.nextInt(ACCOUNTS);
        int to = random.nextInt(ACCOUNTS);
        boolean done = run(branch, "UPDATE ACCOUNT SET BALANCE = BALANCE - 1 WHERE ID = ?", from)
                && run(
                        branch,
                        "INSERT INTO ENTRY(U, ACCOUNT, TEXT) SELECT COALESCE(MAX(U), 0) + 1, ?, REPEAT('t',"
                                + random.nextInt(900) + ") FROM ENTRY WHERE ACCOUNT = ?",
                        from,
                        from)
                && run(branch, "UPDATE ACCOUNT SET BALANCE = BALANCE + 1 WHERE ID = ?", to)
                && run(branch, "UPDATE SWAP SET U = 3 - U WHERE G = ?", from)
                && run(
                        branch,
                        "DELETE FROM ENTRY WHERE ACCOUNT = ? AND U < (SELECT MAX(U) FROM ENTRY WHERE ACCOUNT = ?)"
                                + " - 300",
                        from,
                        from);
        order.lock();
        try {
            byte[] writeSet = done && random.nextInt(10) > 0 ? branch.capture() : WriteSetCapture.NOTHING;
            if (writeSet.length == 0) {
                branch.rollback();
            } else {
                LogIndex index = storage.appliedIndex().next();
                log.appendRows(index, writeSet);
                branch.commit(index, TwoReplicas.TERM);
            }
            transactionEnded.signalAll();
        } finally {
            order.unlock();
        }
    }

    private boolean run(Branch branch, String sql, Object... values) throws IOException {
        StatementResult result =
                branch.execute(TwoReplicas.statement(sql, TwoReplicas.parameters(1, values), 0, KeysWanted.NONE), 0);
        for (int waits = 0; !result.isAnswered(); waits++) {
            if (result.kind() == StatementResult.Kind.NEEDS_SEQUENCE_BLOCK) {
                reserve(result);
            } else if (waits == 4 || !waitForAnyEnd()) {
                return false;
            }
            result = branch.resume(waits % 3 == 0 ? 10 : 0);
        }
        if (result.answer() instanceof Failure failure) {
            // A deadlock's victim or the same U drawn twice: rolled back, like any client would.
            if (failure.transactionEnded() || failure.vendorCode() == 23505) {
                return false;
            }
            throw new IllegalStateException(sql + ": " + failure);
        }
        return true;
    }

    private void reserve(StatementResult result) throws IOException {
        order.lock();
        try {
            LogIndex index = storage.appliedIndex().next();
            log.appendReservation(index, result.sequence(), result.valuesWanted());
            Message block =
                    storage.applySequenceReservation(index, TwoReplicas.TERM, result.sequence(), result.valuesWanted());
            storage.grantSequence(result.sequence(), (SequenceBlock) block, storage.schemaVersion());
        } finally {
            order.unlock();
        }
    }

    private boolean waitForAnyEnd() {
        order.lock();
        try {
            lockWaits++;
            transactionEnded.awaitNanos(5_000_000);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            order.unlock();
        }
    }
}
