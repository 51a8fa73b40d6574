package org.deuterium.replica.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.replica.host.SchemaChangePayload;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.partition.DescribeTransactions;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.Test;

/** News that come while a node is being stopped end quietly; questions are answered. */
class StoppedServiceTest {

    @Test
    void aRouterThatGoesAfterTheEndIsNoDefect() {
        PartitionService service = new PartitionService(
                new NodeId("n1"), (request, answer) -> {}, new NoSchema(), (request, answer) -> {});
        service.close();
        service.routerGone(7);
        service.schemaLogChanged();
        List<Message> answers = new ArrayList<>();
        service.handle(new DescribeTransactions(false), answers::add);
        assertEquals(1, answers.size());
        assertEquals(ErrorCode.NOT_READY, ((Failure) answers.get(0)).error());
    }

    private static final class NoSchema implements SchemaSource {

        @Override
        public long decidedVersion() {
            return 0;
        }

        @Override
        public List<SchemaChangePayload> changesAfter(long version) {
            return List.of();
        }

        @Override
        public boolean isProposed(long version) {
            return false;
        }
    }
}
