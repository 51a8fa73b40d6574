package org.deuterium.router.plan;

/**
 * Identity or sequence values that decide the partition of inserted rows, so that the router draws them itself: reserve
 * {@code count} values of {@code sequence}, append them to the client's parameters as BIGINT, and run {@code sql} with
 * these. The plan's routing then wants the appended parameters too.
 *
 * @param sequence as in {@link org.deuterium.wire.partition.ReserveSequence}
 * @param count how many values one set of parameters needs
 * @param sql the statement with a question mark where each drawn value goes; its parameters count the appended ones
 */
public record DrawnKeys(String sequence, int count, BoundSql sql) {}
