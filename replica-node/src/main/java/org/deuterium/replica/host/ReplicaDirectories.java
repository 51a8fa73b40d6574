package org.deuterium.replica.host;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deuterium.replica.log.LogDirectory;
import org.deuterium.wire.PartitionId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the databases of a node's replicas lie, each in {@code p<number>}, snapshots on their way, and in
 * {@code p<number>.broken-<number>} what could not be used and is not made good yet.
 */
final class ReplicaDirectories {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaDirectories.class);
    private static final Pattern DATABASE = Pattern.compile("p[0-9]+");
    private static final String INCOMING = ".incoming";
    private static final String BROKEN = ".broken-";
    private static final String SNAPSHOTS = "snapshots";

    private final Path root;

    ReplicaDirectories(Path root) throws IOException {
        this.root = root;
        Files.createDirectories(root);
        Files.createDirectories(snapshots());
    }

    Path of(PartitionId partition) {
        return root.resolve(partition.toString());
    }

    Path snapshots() {
        return root.resolve(SNAPSHOTS);
    }

    /** Where a snapshot is unpacked before it takes the place of the database. */
    Path incoming(PartitionId partition) {
        return root.resolve(partition + INCOMING);
    }

    /**
     * Puts the unpacked snapshot in place; a crash in between is mended by {@link #mend}.
     *
     * @throws IOException if that cannot be done; what was there before is there again if it can be
     */
    void takeIncoming(PartitionId partition) throws IOException {
        Path aside = aside(partition);
        deleteTree(aside);
        if (Files.exists(of(partition))) {
            Files.move(of(partition), aside, StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            Files.move(incoming(partition), of(partition), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (Files.exists(aside)) {
                Files.move(aside, of(partition), StandardCopyOption.ATOMIC_MOVE);
            }
            throw e;
        }
        deleteTree(aside);
    }

    /** Finishes or forgets what a crash interrupted: an incoming database counts only if the old one is gone. */
    void mend(PartitionId partition) throws IOException {
        if (Files.exists(incoming(partition))) {
            if (Files.exists(of(partition))) {
                deleteTree(incoming(partition));
            } else {
                Files.move(incoming(partition), of(partition), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    void delete(PartitionId partition) throws IOException {
        deleteTree(incoming(partition));
        if (Files.exists(of(partition))) {
            Path aside = aside(partition);
            deleteTree(aside);
            Files.move(of(partition), aside, StandardCopyOption.ATOMIC_MOVE);
            deleteTree(aside);
        }
    }

    /** A directory goes there first, so that a half deleted one is never taken for a database. */
    private Path aside(PartitionId partition) {
        return root.resolve(partition + ".deleted");
    }

    /** True if databases lie there, or what is to come in their place; false for a directory nobody has used, or mounted. */
    static boolean isUsed(Path root) {
        return Files.isDirectory(root.resolve(SNAPSHOTS));
    }

    /** The databases that are there, whatever the log says. */
    static List<Path> databases(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(root)) {
            return found.filter(path ->
                            DATABASE.matcher(path.getFileName().toString()).matches())
                    .toList();
        }
    }

    /**
     * Keeps a database that cannot be used until {@link #deleteSetAside}: whoever has nothing better may mend it. Durable when
     * this returns; else its log could end, and the next start find it where it is deleted.
     *
     * @return where it is now; null if there was none
     */
    @Nullable
    Path setAside(PartitionId partition) throws IOException {
        return Files.exists(of(partition)) ? setAside(of(partition)) : null;
    }

    private Path setAside(Path database) throws IOException {
        int number = 1;
        Path aside = root.resolve(database.getFileName() + BROKEN + number);
        while (Files.exists(aside)) {
            aside = root.resolve(database.getFileName() + BROKEN + ++number);
        }
        Files.move(database, aside, StandardCopyOption.ATOMIC_MOVE);
        LogDirectory.forceNames(root);
        return aside;
    }

    /** True if databases of this replica are {@link #setAside}. */
    boolean hasSetAside(PartitionId partition) throws IOException {
        return !ofSetAside(partition).isEmpty();
    }

    /** The replica is as good as the others again. */
    void deleteSetAside(PartitionId partition) throws IOException {
        for (Path aside : ofSetAside(partition)) {
            deleteTree(aside);
        }
    }

    private List<Path> ofSetAside(PartitionId partition) throws IOException {
        try (Stream<Path> found = Files.list(root)) {
            return found.filter(path -> path.getFileName().toString().startsWith(partition + BROKEN))
                    .toList();
        }
    }

    /**
     * Removes what belongs to none of these replicas.
     *
     * @param logIsIncomplete keep databases: the log does not show whether they are wanted
     */
    void deleteAllBut(Collection<PartitionId> kept, boolean logIsIncomplete) throws IOException {
        Set<String> names = kept.stream().map(PartitionId::toString).collect(Collectors.toSet());
        for (Path database : databases(root)) {
            if (logIsIncomplete && !names.contains(database.getFileName().toString())) {
                LOG.error("{} is kept as {}: the log does not show any more what it is", database, setAside(database));
            }
        }
        try (Stream<Path> found = Files.list(root)) {
            List<Path> others = found.filter(path -> {
                        String name = path.getFileName().toString();
                        return !name.equals(SNAPSHOTS) && !name.contains(BROKEN) && !names.contains(name);
                    })
                    .toList();
            for (Path other : others) {
                deleteTree(other);
            }
        }
    }

    static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
