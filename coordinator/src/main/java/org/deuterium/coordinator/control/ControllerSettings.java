package org.deuterium.coordinator.control;

/**
 * The knobs of the controller.
 *
 * @param homeReplicas replicas of the home partition; the cluster starts when so many nodes are there
 * @param promiseTimeoutMillis how long voters may take to promise before another term is tried
 * @param betterCandidateMillis how long the controller waits for the rest once enough have promised
 * @param firstBackoffMillis pause after an election that failed; doubles up to {@code longestBackoffMillis}
 * @param formingPatienceMillis how long a new partition waits for a node that is gone before it does without
 * @param rejoinPatienceMillis how long a leader that the board does not show but that answers may take to join again
 * @param answerMillis how long it may take to answer
 * @param replaceAfterMillis how long a node is gone before its replicas are given to others; 0: never
 * @param spreadMillis how long nothing has happened before a leader is moved from a node that leads too many, and between
 *     two such moves; 0: never
 */
public record ControllerSettings(
        int homeReplicas,
        int promiseTimeoutMillis,
        int betterCandidateMillis,
        int firstBackoffMillis,
        int longestBackoffMillis,
        int formingPatienceMillis,
        int rejoinPatienceMillis,
        int answerMillis,
        long replaceAfterMillis,
        long spreadMillis) {

    private static final long REPLACE_AFTER_MILLIS = 300_000;
    private static final long SPREAD_MILLIS = 10_000;

    public static ControllerSettings ofHomeReplicas(int homeReplicas) {
        return new ControllerSettings(
                homeReplicas, 2_000, 50, 50, 1_000, 3_000, 2_000, 250, REPLACE_AFTER_MILLIS, SPREAD_MILLIS);
    }

    public ControllerSettings withReplaceAfterMillis(long millis) {
        return new ControllerSettings(
                homeReplicas,
                promiseTimeoutMillis,
                betterCandidateMillis,
                firstBackoffMillis,
                longestBackoffMillis,
                formingPatienceMillis,
                rejoinPatienceMillis,
                answerMillis,
                millis,
                spreadMillis);
    }

    public ControllerSettings withRejoinPatienceMillis(int millis) {
        return new ControllerSettings(
                homeReplicas,
                promiseTimeoutMillis,
                betterCandidateMillis,
                firstBackoffMillis,
                longestBackoffMillis,
                formingPatienceMillis,
                millis,
                answerMillis,
                replaceAfterMillis,
                spreadMillis);
    }

    public ControllerSettings withSpreadMillis(long millis) {
        return new ControllerSettings(
                homeReplicas,
                promiseTimeoutMillis,
                betterCandidateMillis,
                firstBackoffMillis,
                longestBackoffMillis,
                formingPatienceMillis,
                rejoinPatienceMillis,
                answerMillis,
                replaceAfterMillis,
                millis);
    }
}
