package org.deuterium.coordinator;

/** Elects one controller among the nodes of the cluster, again and again while this process takes part. */
public interface LeaderElection {

    /** Who wants to be controller; called on a thread of the board, one at a time; must only queue. */
    interface Candidate {

        void onElected(Leadership leadership);

        /** This process is no controller any more, or cannot know it. */
        void onDeposed(Leadership leadership);
    }

    /** Takes part, as the node that registered. */
    void join(Candidate candidate);

    /**
     * Gives this leadership back, if it is held, for another process to be elected; takes part again some seconds later, in
     * case there is no other.
     */
    void giveWay(Leadership leadership);

    /** Gives the leadership back, if it is held, and no longer takes part. */
    void leave();
}
