package org.deuterium.wire;

import java.util.regex.Pattern;

/** The name of one node of a cluster: letters, digits, {@code -}, {@code _} and {@code .}, at most 64 characters. */
public record NodeId(String name) implements Comparable<NodeId> {

    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public NodeId {
        if (!ALLOWED.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "node id '" + name + "' is not 1 to 64 letters, digits, '-', '_' or '.'");
        }
    }

    @Override
    public int compareTo(NodeId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
