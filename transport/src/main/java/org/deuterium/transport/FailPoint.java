package org.deuterium.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A named place in the code where a drill can end the process, as kill -9 would. Without the system property
 * {@value #PROPERTY} nothing is looked at. With it, the property names a file that processes share; the first process that
 * comes by a place whose name the file holds deletes the file and ends.
 */
public final class FailPoint {

    public static final String PROPERTY = "deuterium.failpoint.file";

    private static final @Nullable String FILE = System.getProperty(PROPERTY);

    private FailPoint() {}

    /** This place is reached. */
    public static void at(String place) {
        if (FILE != null) {
            endIfArmed(Path.of(FILE), place);
        }
    }

    /** This place is reached for something that has a number, such as a partition; the file holds both. */
    public static void at(String place, int number) {
        if (FILE != null) {
            endIfArmed(Path.of(FILE), place + " " + number);
        }
    }

    private static void endIfArmed(Path file, String place) {
        try {
            if (Files.exists(file) && Files.readString(file).trim().equals(place) && Files.deleteIfExists(file)) {
                Runtime.getRuntime().halt(137);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the drill's file " + file + " cannot be read", e);
        }
    }
}
