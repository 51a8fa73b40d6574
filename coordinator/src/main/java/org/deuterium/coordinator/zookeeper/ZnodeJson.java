package org.deuterium.coordinator.zookeeper;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionMap;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.SchemaChange;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** The contents of znodes: JSON that people can read with any ZooKeeper shell. Unknown fields are ignored. */
final class ZnodeJson {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ZnodeJson() {}

    /** Who was elected controller last, and the term of that. */
    record ControllerRecord(Term term, String node, String instance) {

        static final ControllerRecord NOBODY = new ControllerRecord(Term.NONE, "", "");
    }

    /** How far the schema log goes, and what is proposed to follow. */
    record SchemaHead(long version, @Nullable SchemaProposal proposal) {}

    /** A decided change and the proposal it came from. */
    record DecidedChange(String proposalId, SchemaChange change) {}

    static byte[] write(ObjectNode json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("JSON made here is not writable", e);
        }
    }

    private static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] empty() {
        return write(object());
    }

    private static JsonNode read(byte[] data) {
        try {
            return MAPPER.readTree(data);
        } catch (IOException e) {
            throw new CoordinatorException("a znode holds no JSON but: " + new String(data, StandardCharsets.UTF_8), e);
        }
    }

    private static JsonNode field(JsonNode json, String name) {
        JsonNode value = json.get(name);
        if (value == null) {
            throw new CoordinatorException("a znode has no field '" + name + "': " + json);
        }
        return value;
    }

    static byte[] cluster(String clusterId) {
        return write(object().put("clusterId", clusterId).put("format", 1));
    }

    static String readClusterId(byte[] data) {
        JsonNode json = read(data);
        int format = field(json, "format").asInt();
        if (format != 1) {
            throw new CoordinatorException("this cluster was written in format " + format
                    + " by a newer release; this one understands format 1, use the newer release");
        }
        return field(json, "clusterId").asText();
    }

    static byte[] node(ClusterNode node) {
        return write(object().put("address", node.address().toString())
                .put("instance", node.instance())
                .put("startedAtMillis", node.startedAtMillis()));
    }

    static ClusterNode readNode(NodeId id, byte[] data) {
        JsonNode json = read(data);
        return new ClusterNode(
                id,
                NodeAddress.parse(field(json, "address").asText()),
                field(json, "instance").asText(),
                field(json, "startedAtMillis").asLong());
    }

    static byte[] storage(StorageId storage) {
        return write(object().put("storageId", storage.value()));
    }

    static StorageId readStorage(byte[] data) {
        return new StorageId(field(read(data), "storageId").asText());
    }

    static byte[] controller(ControllerRecord controller) {
        return write(object().put("term", controller.term().number())
                .put("node", controller.node())
                .put("instance", controller.instance()));
    }

    static ControllerRecord readController(byte[] data) {
        JsonNode json = read(data);
        return new ControllerRecord(
                new Term(field(json, "term").asLong()),
                field(json, "node").asText(),
                field(json, "instance").asText());
    }

    static byte[] partitionMap(PartitionMap map) {
        ObjectNode json = object().put("nextPartition", map.nextPartition());
        ArrayNode sets = json.putArray("sets");
        for (PartitionSet set : map.sets()) {
            ObjectNode one = sets.addObject().put("name", set.name()).put("replicas", set.replicas());
            one.put("ackRule", set.ackRule().toString())
                    .put("logKind", set.logKind().name());
            ArrayNode partitions = one.putArray("partitions");
            set.partitions().forEach(partition -> partitions.add(partition.number()));
        }
        return write(json);
    }

    static PartitionMap readPartitionMap(byte[] data, long version) {
        JsonNode json = read(data);
        List<PartitionSet> sets = new ArrayList<>();
        for (JsonNode one : field(json, "sets")) {
            List<PartitionId> partitions = new ArrayList<>();
            for (JsonNode number : field(one, "partitions")) {
                partitions.add(new PartitionId(number.asInt()));
            }
            sets.add(new PartitionSet(
                    field(one, "name").asText(),
                    partitions,
                    field(one, "replicas").asInt(),
                    // Boards of earlier releases say nothing of these.
                    AckRule.parse(one.path("ackRule").asText(AckRule.QUORUM.toString())),
                    LogKind.valueOf(one.path("logKind").asText(LogKind.DEFAULT.name()))));
        }
        return new PartitionMap(sets, field(json, "nextPartition").asInt(), version);
    }

    static byte[] partition(PartitionState state) {
        ReplicaGroup group = state.group();
        ObjectNode json = object().put("term", group.term().number());
        NodeId leader = group.leader();
        json.put("leader", leader == null ? null : leader.name());
        json.put("leaderInstance", state.leaderInstance());
        json.put("ackRule", group.ackRule().toString());
        ArrayNode replicas = json.putArray("replicas");
        for (ReplicaGroup.Voter voter : group.replicas()) {
            replicas.addObject()
                    .put("node", voter.node().name())
                    .put("storageId", voter.storage().value());
        }
        ArrayNode inSync = json.putArray("inSync");
        group.inSync().forEach(node -> inSync.add(node.name()));
        NodeId successor = group.successor();
        if (successor != null) {
            json.put("successor", successor.name());
        }
        if (!group.asyncThrough().equals(Term.NONE)) {
            json.put("asyncThrough", group.asyncThrough().number());
        }
        return write(json);
    }

    static PartitionState readPartition(PartitionId partition, byte[] data, int version) {
        JsonNode json = read(data);
        List<ReplicaGroup.Voter> replicas = new ArrayList<>();
        for (JsonNode one : field(json, "replicas")) {
            replicas.add(new ReplicaGroup.Voter(
                    new NodeId(field(one, "node").asText()),
                    new StorageId(field(one, "storageId").asText())));
        }
        List<NodeId> inSync = new ArrayList<>();
        for (JsonNode name : field(json, "inSync")) {
            inSync.add(new NodeId(name.asText()));
        }
        JsonNode leader = field(json, "leader");
        JsonNode successor = json.get("successor");
        ReplicaGroup group = new ReplicaGroup(
                partition,
                new Term(field(json, "term").asLong()),
                leader.isNull() ? null : new NodeId(leader.asText()),
                AckRule.parse(field(json, "ackRule").asText()),
                replicas,
                inSync,
                successor == null ? null : new NodeId(successor.asText()),
                new Term(json.path("asyncThrough").asLong(0)),
                version);
        return new PartitionState(group, field(json, "leaderInstance").asText());
    }

    static byte[] schemaHead(SchemaHead head) {
        ObjectNode json = object().put("version", head.version());
        SchemaProposal proposal = head.proposal();
        if (proposal == null) {
            json.putNull("proposal");
        } else {
            ObjectNode open = json.putObject("proposal")
                    .put("id", proposal.id())
                    .put("proposer", proposal.proposer().name())
                    .put("proposerInstance", proposal.proposerInstance());
            putChange(open, proposal.change());
        }
        return write(json);
    }

    static SchemaHead readSchemaHead(byte[] data) {
        JsonNode json = read(data);
        JsonNode open = field(json, "proposal");
        SchemaProposal proposal = open.isNull()
                ? null
                : new SchemaProposal(
                        field(open, "id").asText(),
                        readChange(open),
                        new NodeId(field(open, "proposer").asText()),
                        field(open, "proposerInstance").asText());
        return new SchemaHead(field(json, "version").asLong(), proposal);
    }

    static byte[] decidedChange(SchemaProposal proposal) {
        ObjectNode json = object().put("proposalId", proposal.id());
        putChange(json, proposal.change());
        return write(json);
    }

    static DecidedChange readDecidedChange(byte[] data) {
        JsonNode json = read(data);
        return new DecidedChange(field(json, "proposalId").asText(), readChange(json));
    }

    private static void putChange(ObjectNode json, SchemaChange change) {
        json.put("changeVersion", change.version())
                .put("sql", change.sql())
                .put("partitionSql", change.partitionSql())
                .put("placement", change.placement());
    }

    private static SchemaChange readChange(JsonNode json) {
        return new SchemaChange(
                field(json, "changeVersion").asLong(),
                field(json, "sql").asText(),
                field(json, "partitionSql").asText(),
                field(json, "placement").asText());
    }
}
