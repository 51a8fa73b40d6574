package org.deuterium.wire.client;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * The first message of a driver; answered by {@link Welcome} or a Failure, after which the server closes.
 *
 * @param protocolVersion the newest version the driver speaks
 * @param database the database named in the URL
 * @param properties how the session begins: the properties of {@link ChangeSession}, by the same names
 */
public record Hello(int protocolVersion, String database, String user, String password, Map<String, String> properties)
        implements Message {

    public static final int PROTOCOL_VERSION = 1;

    /** "D2O1": the first bytes of a Hello, so that a stray client of another protocol is told apart at once. */
    public static final int MAGIC = 0x44324f31;

    @Override
    public int code() {
        return ClientMessages.HELLO;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeInt(MAGIC).writeVInt(protocolVersion).writeString(database).writeString(user);
        out.writeString(password).writeVInt(properties.size());
        properties.forEach((name, value) -> out.writeString(name).writeString(value));
    }

    static Hello decode(WireReader in) {
        if (in.readInt() != MAGIC) {
            throw new MalformedMessageException("the first message does not begin as a Deuterium driver's");
        }
        int version = in.readVInt();
        String database = in.readString();
        String user = in.readString();
        String password = in.readString();
        Map<String, String> properties = new LinkedHashMap<>();
        for (int i = in.readCount(); i > 0; i--) {
            properties.put(in.readString(), in.readString());
        }
        return new Hello(version, database, user, password, properties);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Hello[" + user + "@" + database + ", version " + protocolVersion + "]";
    }
}
