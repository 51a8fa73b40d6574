package org.deuterium.transport;

/**
 * The knobs of the connections of one process.
 *
 * @param eventLoopThreads threads that read and write frames
 * @param connectTimeoutMillis how long a connection may take to be made
 * @param handshakeTimeoutMillis how long somebody may stay connected without saying who it is
 * @param keepAliveMillis how often a {@link MessageClient} asks the other side for a sign of life
 * @param missedKeepAlives so many signs of life may be missing in a row before the connection counts as dead
 * @param unwritableAboveBytes bytes waiting to be sent from which {@link MessageConnection#isWritable()} is false
 * @param lingerMillis how long a refused connection is kept, so that the other side can read why
 */
public record TransportSettings(
        int eventLoopThreads,
        int connectTimeoutMillis,
        int handshakeTimeoutMillis,
        int keepAliveMillis,
        int missedKeepAlives,
        int unwritableAboveBytes,
        int lingerMillis) {

    public static TransportSettings defaults() {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        return new TransportSettings(threads, 2_000, 10_000, 500, 6, 1 << 20, 500);
    }

    public TransportSettings withKeepAlive(int everyMillis, int missed) {
        return new TransportSettings(
                eventLoopThreads,
                connectTimeoutMillis,
                handshakeTimeoutMillis,
                everyMillis,
                missed,
                unwritableAboveBytes,
                lingerMillis);
    }

    public TransportSettings withHandshakeTimeout(int millis) {
        return new TransportSettings(
                eventLoopThreads,
                connectTimeoutMillis,
                millis,
                keepAliveMillis,
                missedKeepAlives,
                unwritableAboveBytes,
                lingerMillis);
    }

    public TransportSettings withEventLoopThreads(int threads) {
        return new TransportSettings(
                threads,
                connectTimeoutMillis,
                handshakeTimeoutMillis,
                keepAliveMillis,
                missedKeepAlives,
                unwritableAboveBytes,
                lingerMillis);
    }
}
