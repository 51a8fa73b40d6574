/** What nodes say to each other about a partition's replicas: greetings, promises, log entries and snapshots. */
@NullMarked
package org.deuterium.wire.replication;

import org.jspecify.annotations.NullMarked;
