package org.deuterium.wire.partition;

import org.deuterium.wire.Message;

/** Something a node is asked about all partitions it leads, and about its clients; always answered once. */
public interface NodeRequest extends Message {}
