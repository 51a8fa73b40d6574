package org.deuterium.replica.service;

import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/**
 * The schema change that a leader is bringing into its log, if it is about one. It belongs to a term: a replica may lead
 * again before the end of a proposal of its earlier term is told, and that end must not count for the later one.
 */
final class ChangeUnderWay {

    private @Nullable Term term;

    /** False if one of this term, or of a later one, is under way. */
    boolean begin(Term next) {
        if (term != null && !term.isBefore(next)) {
            return false;
        }
        term = next;
        return true;
    }

    /** The one of this term has come to an end; does nothing if it is another term's that is under way. */
    void end(Term ended) {
        if (ended.equals(term)) {
            term = null;
        }
    }

    /** Whatever is under way has come to an end. */
    void endAny() {
        term = null;
    }

    boolean isUnderWay() {
        return term != null;
    }
}
