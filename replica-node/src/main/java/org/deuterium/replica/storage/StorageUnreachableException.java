package org.deuterium.replica.storage;

import java.io.FileNotFoundException;
import java.nio.file.FileSystemException;
import org.h2.api.ErrorCode;
import org.h2.message.DbException;

/**
 * A database could not be opened for a reason that says nothing about what is in it: somebody else has it open, the
 * process may not or cannot open files, H2 is of another version. It must be left as it is, until a person has mended that.
 */
public final class StorageUnreachableException extends StorageFailedException {

    private static final long serialVersionUID = 1L;

    StorageUnreachableException(String message) {
        super(message);
    }

    StorageUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What became of an attempt to open a database: this, or one that must be taken for damaged. */
    static StorageFailedException of(String message, Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (isAboutThePlace(each)) {
                return new StorageUnreachableException(message, cause);
            }
        }
        return new StorageFailedException(message, cause);
    }

    private static boolean isAboutThePlace(Throwable cause) {
        if (cause instanceof DbException h2) {
            return switch (h2.getErrorCode()) {
                case ErrorCode.DATABASE_ALREADY_OPEN_1,
                        ErrorCode.FILE_VERSION_ERROR_1,
                        ErrorCode.DATABASE_IS_READ_ONLY,
                        ErrorCode.OUT_OF_MEMORY -> true;
                default -> false;
            };
        }
        return cause instanceof StorageUnreachableException
                || cause
                        instanceof
                        FileSystemException // no right, too many open files; a block that cannot be read is none
                || cause instanceof FileNotFoundException;
    }
}
