/** The board kept in ZooKeeper; the only room that imports Curator. */
@NullMarked
package org.deuterium.coordinator.zookeeper;

import org.jspecify.annotations.NullMarked;
