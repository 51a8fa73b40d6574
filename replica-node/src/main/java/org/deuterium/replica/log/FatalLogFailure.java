package org.deuterium.replica.log;

/**
 * What a process does when its log could not be written or fsynced, or its node loop failed: end itself. After a failed fsync the kernel may have
 * dropped the dirty pages, so a second fsync that succeeds proves nothing. (Rebello et al., USENIX ATC 2020.)
 */
@FunctionalInterface
public interface FatalLogFailure {

    /** Ends the process; if it returns (in tests), the log refuses everything from then on. */
    void logFailed(Exception cause);
}
