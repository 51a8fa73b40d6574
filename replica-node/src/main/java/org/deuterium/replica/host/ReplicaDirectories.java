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
import java.util.stream.Stream;
import org.deuterium.wire.PartitionId;
import org.jspecify.annotations.Nullable;

/** Where the databases of a node's replicas lie, each in {@code p<number>}, and snapshots on their way. */
final class ReplicaDirectories {

    private static final String INCOMING = ".incoming";
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

    void deleteAllBut(Collection<PartitionId> kept) throws IOException {
        try (Stream<Path> found = Files.list(root)) {
            List<Path> others = found.filter(path -> {
                        String name = path.getFileName().toString();
                        return !name.equals(SNAPSHOTS)
                                && kept.stream().noneMatch(p -> p.toString().equals(name));
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
