package org.deuterium.server;

import java.nio.file.Path;

/**
 * Where a process logs: servers into a file of their data directory, commands nowhere. Must be called before the first
 * logger is made, since slf4j-simple reads its settings once.
 */
final class ProcessLog {

    private static final String PREFIX = "org.slf4j.simpleLogger.";

    /** Set to debug, info, warn or error: the level of servers, and what commands print on standard error. */
    private static final String LEVEL_VARIABLE = "DEUTERIUM_LOG_LEVEL";

    private ProcessLog() {}

    static void quiet() {
        String level = System.getenv(LEVEL_VARIABLE);
        setIfAbsent("defaultLogLevel", level == null ? "off" : level);
    }

    static void toFile(Path file) {
        String level = System.getenv(LEVEL_VARIABLE);
        System.setProperty(PREFIX + "defaultLogLevel", level == null ? "info" : level);
        System.setProperty(PREFIX + "logFile", file.toString());
        System.setProperty(PREFIX + "showDateTime", "true");
        System.setProperty(PREFIX + "dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
        System.setProperty(PREFIX + "showShortLogName", "true");
        // These two tell of every session and connection; at info they would be most of the log.
        setIfAbsent("log.org.apache.zookeeper", level == null ? "warn" : level);
        setIfAbsent("log.org.apache.curator", level == null ? "warn" : level);
    }

    private static void setIfAbsent(String name, String value) {
        if (System.getProperty(PREFIX + name) == null) {
            System.setProperty(PREFIX + name, value);
        }
    }
}
