package org.deuterium.history.graph;

/**
 * One step of a cycle: {@code first} must come before {@code second}.
 *
 * @param key number of the key on account of which it is there; -1 if it comes from clients or clocks
 * @param older the value at that key which the first installed or read
 * @param newer the value at that key which the second installed or read
 */
public record Dependency(int first, int second, EdgeKind kind, int key, long older, long newer) {}
