package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;

/** Sets savepoints in branches, and undoes what was done after them. */
final class BranchSavepoints {

    private final PartitionLeadership leadership;

    BranchSavepoints(PartitionLeadership leadership) {
        this.leadership = leadership;
    }

    /** On a worker: it may have to wait at the checkpoint gate. */
    void execute(BranchSavepoint request, Consumer<Message> answer) {
        OpenBranch branch = leadership.goOn(request.transaction(), -1, answer);
        if (branch == null) {
            return;
        }
        Message reply;
        try {
            if (request.rollback()) {
                int h2Number = branch.branch().h2Number();
                branch.branch().rollbackTo(request.savepoint());
                // The locks taken since then are free.
                leadership.waiters().transactionEnded(h2Number, request.transaction());
            } else {
                branch.branch().savepoint(request.savepoint());
            }
            reply = new Done();
        } catch (RuntimeException e) {
            reply = Failure.of(ErrorCode.INTERNAL_ERROR, "savepoint " + request.savepoint() + ": " + e.getMessage());
        }
        Failure doom = branch.becomeIdle();
        if (doom != null) {
            leadership.branches().rollBack(branch);
            reply = doom;
        }
        answer.accept(reply);
    }
}
