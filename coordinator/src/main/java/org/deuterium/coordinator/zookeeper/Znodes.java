package org.deuterium.coordinator.zookeeper;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.CoordinatorException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes of single znodes. Changes go to ZooKeeper's own handle and are never repeated behind the caller's
 * back: Curator's retries would turn a compare-and-set that was done into one that seems lost.
 */
final class Znodes {

    private static final Logger LOG = LoggerFactory.getLogger(Znodes.class);

    private static final long LONGEST_PAUSE_MILLIS = 100;

    private final CuratorFramework curator;
    private final ZooKeeperSettings settings;

    Znodes(CuratorFramework curator, ZooKeeperSettings settings) {
        this.curator = curator;
        this.settings = settings;
    }

    /** What a znode holds. */
    record Znode(byte[] data, int version, long ephemeralOwner) {}

    static Op create(String path, byte[] data) {
        return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    static Op createEphemeral(String path, byte[] data) {
        return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    }

    private ZooKeeper handle() throws Exception {
        return curator.getZookeeperClient().getZooKeeper();
    }

    long sessionId() throws Exception {
        return handle().getSessionId();
    }

    /** Reads from the server this process is connected to; null if there is no such znode. */
    CompletableFuture<@Nullable Znode> read(String path) {
        CompletableFuture<@Nullable Znode> result = new CompletableFuture<>();
        try {
            handle().getData(
                            path,
                            false,
                            (rc, readPath, context, data, stat) -> {
                                if (rc == Code.OK.intValue()) {
                                    result.complete(new Znode(data, stat.getVersion(), stat.getEphemeralOwner()));
                                } else if (rc == Code.NONODE.intValue()) {
                                    result.complete(null);
                                } else {
                                    result.completeExceptionally(KeeperException.create(Code.get(rc), readPath));
                                }
                            },
                            null);
        } catch (Exception e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    /** Reads what is there after every change made before this call, by whomever. */
    CompletableFuture<@Nullable Znode> readLatest(String path) {
        CompletableFuture<@Nullable Znode> result = new CompletableFuture<>();
        try {
            handle().sync(
                            path,
                            (rc, syncedPath, context) -> {
                                if (rc == Code.OK.intValue()) {
                                    read(path).whenComplete((znode, problem) -> {
                                        if (problem == null) {
                                            result.complete(znode);
                                        } else {
                                            result.completeExceptionally(problem);
                                        }
                                    });
                                } else {
                                    result.completeExceptionally(KeeperException.create(Code.get(rc), path));
                                }
                            },
                            null);
        } catch (Exception e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    /** Does all of the changes or none. */
    CompletableFuture<ChangeResult> change(List<Op> changes) {
        CompletableFuture<ChangeResult> result = new CompletableFuture<>();
        try {
            handle().multi(changes, (rc, path, context, results) -> result.complete(resultOf(rc, changes)), null);
        } catch (Exception e) {
            LOG.debug("no connection to ZooKeeper for a change", e);
            result.complete(ChangeResult.UNKNOWN);
        }
        return result;
    }

    private static ChangeResult resultOf(int rc, List<Op> changes) {
        Code code = Code.get(rc);
        if (code == null) {
            LOG.error("ZooKeeper answered a change with the unknown code {}", rc);
            return ChangeResult.UNKNOWN;
        }
        return switch (code) {
            case OK -> ChangeResult.DONE;
            case BADVERSION, NODEEXISTS, NONODE, NOTEMPTY, RUNTIMEINCONSISTENCY -> ChangeResult.LOST;
            case CONNECTIONLOSS, OPERATIONTIMEOUT, SESSIONEXPIRED, SESSIONMOVED -> ChangeResult.UNKNOWN;
            default -> {
                LOG.error(
                        "ZooKeeper refused a change of {}: {}",
                        changes.stream().map(Op::getPath).toList(),
                        code);
                yield ChangeResult.UNKNOWN;
            }
        };
    }

    /** Tells what a blocking call is about, and what one try of it gave: null to try again. */
    interface Attempt<T> {

        @Nullable
        T once() throws Exception;
    }

    /**
     * Repeats an attempt until it gives something or the time for an answer is over.
     *
     * @param what completes the sentence "cannot ..."
     * @throws CoordinatorException if there was no connection for so long; a CoordinatorException of the attempt goes on
     */
    <T> T blocking(String what, Attempt<T> attempt) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.answerTimeoutMillis());
        Exception last = null;
        long pauseMillis = 1;
        do {
            try {
                T result = attempt.once();
                if (result != null) {
                    return result;
                }
            } catch (CoordinatorException e) {
                throw e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CoordinatorException("interrupted while it was to " + what, e);
            } catch (Exception e) {
                last = e;
            }
            pause(what, pauseMillis);
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        } while (System.nanoTime() < deadline);
        throw unreachable(what, last);
    }

    private static void pause(String what, long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CoordinatorException("interrupted while it was to " + what, e);
        }
    }

    CoordinatorException unreachable(String what, @Nullable Throwable last) {
        String message = "cannot " + what + ": ZooKeeper at " + settings.connectString() + " did not answer within "
                + settings.answerTimeoutMillis() + " ms"
                + (last == null ? "" : " (" + last.getMessage() + ")")
                + "; check that it runs and can be reached from here";
        return last == null ? new CoordinatorException(message) : new CoordinatorException(message, last);
    }

    /** Waits for one answer, for as long as a blocking call may take at most. */
    <T extends @Nullable Object> T await(Supplier<CompletableFuture<T>> question) throws Exception {
        try {
            return question.get().get(settings.answerTimeoutMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } catch (TimeoutException e) {
            throw new java.io.IOException("no answer within " + settings.answerTimeoutMillis() + " ms", e);
        }
    }

    /** Makes a znode unless it is there. */
    void ensure(String path, byte[] data) {
        blocking("make " + path, () -> {
            ChangeResult result = await(() -> change(List.of(create(path, data))));
            return result == ChangeResult.UNKNOWN ? null : result;
        });
    }
}
