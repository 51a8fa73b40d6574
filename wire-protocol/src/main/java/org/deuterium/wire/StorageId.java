package org.deuterium.wire;

/**
 * The identity of one replica's directory, drawn at random when the directory is made. A replica whose storage id is
 * not the one in the partition's state (an empty or rebuilt disk) neither votes nor counts as an acknowledgement.
 */
public record StorageId(String value) {

    /** Written in the partition's state for a replica that has not registered its directory yet. */
    public static final StorageId UNKNOWN = new StorageId("");

    @Override
    public String toString() {
        return value;
    }
}
