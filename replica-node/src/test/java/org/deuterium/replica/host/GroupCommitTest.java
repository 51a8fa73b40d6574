package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** When proposals become a batch. Times in nanoseconds. */
class GroupCommitTest {

    private static final long FLIGHT = 1000;
    private static final long GATHERING = 500;

    private final GroupCommit groupCommit = new GroupCommit(FLIGHT, GATHERING);

    private void arrive(int proposals) {
        for (int i = 0; i < proposals; i++) {
            groupCommit.arrived();
        }
    }

    private void takeAt(long now, int proposals) {
        assertEquals(0, groupCommit.nanosToWait(now));
        groupCommit.taking();
        groupCommit.taken(proposals, proposals);
    }

    private void cycleAt(long now, int proposals) {
        arrive(proposals);
        takeAt(now, proposals);
        groupCommit.ended(proposals);
    }

    @Test
    void oneClientNeverWaits() {
        for (int i = 0; i < 100; i++) {
            cycleAt(i * 10_000, 1);
        }
    }

    @Test
    void whatArrivesDuringTheFlightOfABatchWaitsForIt() {
        arrive(3);
        takeAt(0, 3);
        arrive(1);
        assertEquals(FLIGHT, groupCommit.nanosToWait(100));
        arrive(1);
        assertEquals(FLIGHT - 200, groupCommit.nanosToWait(300));
    }

    @Test
    void theFlightOfASlowQuorumIsNotWaitedForLonger() {
        arrive(3);
        takeAt(0, 3);
        arrive(2);
        assertEquals(FLIGHT, groupCommit.nanosToWait(10));
        takeAt(10 + FLIGHT, 2);
    }

    @Test
    void thoseThatWereAnsweredAreExpectedAgain() {
        cycleAt(0, 4);
        arrive(1);
        assertEquals(GATHERING, groupCommit.nanosToWait(100));
        arrive(2);
        assertEquals(GATHERING - 50, groupCommit.nanosToWait(150));
        arrive(1);
        takeAt(200, 4);
    }

    @Test
    void theTimeToGatherBeginsWhenTheBatchIsBack() {
        arrive(4);
        takeAt(0, 4);
        arrive(1);
        assertEquals(FLIGHT, groupCommit.nanosToWait(10));
        groupCommit.ended(4);
        assertEquals(GATHERING, groupCommit.nanosToWait(700));
    }

    @Test
    void afterAWaitInVainOnlyThoseThatCameAreExpected() {
        cycleAt(0, 4);
        arrive(2);
        assertEquals(GATHERING, groupCommit.nanosToWait(100));
        takeAt(100 + GATHERING, 2);
        groupCommit.ended(2);
        cycleAt(2_000, 2);
    }

    @Test
    void waitsInVainBecomeRare() {
        int waits = 0;
        for (int i = 0; i < 1_000; i++) {
            long now = i * 10_000L;
            boolean many = i % 2 == 0;
            arrive(many ? 4 : 1);
            if (groupCommit.nanosToWait(now) > 0) {
                waits++;
            }
            takeAt(now + GATHERING, many ? 4 : 1);
            groupCommit.ended(many ? 4 : 1);
        }
        assertEquals(true, waits < 500, waits + " waits");
    }

    @Test
    void whatIsRefusedIsNotWaitedFor() {
        arrive(2);
        assertEquals(0, groupCommit.nanosToWait(0));
        groupCommit.taking();
        groupCommit.taken(2, 0);
        arrive(2);
        takeAt(10, 2);
    }
}
