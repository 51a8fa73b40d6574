package org.deuterium.replica.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** H2's file system {@code checked:}: ordinary files, of which databases are opened as {@link CheckedFile}. */
public final class CheckedFilePath extends FilePathWrapper {

    static final String SCHEME = "checked";

    /** H2 makes paths of it by this constructor. */
    public CheckedFilePath() {}

    static void register() {
        FilePath.register(new CheckedFilePath());
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        FileChannel base = getBase().open(mode);
        return name.endsWith(".mv.db") ? new CheckedFile(base, Path.of(getBase().toString())) : base;
    }
}
