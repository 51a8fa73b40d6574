package org.deuterium.router.plan;

import java.util.List;
import org.deuterium.router.catalog.MovableRow;
import org.deuterium.router.plan.rule.ReplicatedChange;
import org.deuterium.wire.statement.ColumnDescription;
import org.jspecify.annotations.Nullable;

/** How the answers of several partitions become one. */
public sealed interface Merge
        permits Merge.Concatenation,
                Merge.OrderedMerge,
                Merge.Combination,
                Merge.Changes,
                Merge.Copies,
                Merge.Transfer,
                Merge.Moves {

    /** What every partition runs. */
    BoundSql pushed();

    /** All rows in any order, but at most those the limit leaves. */
    record Concatenation(BoundSql pushed, RowLimit limit) implements Merge {}

    /**
     * Each partition's rows come sorted; the smallest goes first.
     *
     * @param visibleColumns how many columns the client sees; those behind are only sorted by
     */
    record OrderedMerge(BoundSql pushed, int visibleColumns, List<SortKey> keys, RowLimit limit) implements Merge {
        public OrderedMerge {
            keys = List.copyOf(keys);
        }
    }

    /**
     * All rows become arrays, one for each column, that H2 computes the answer from.
     *
     * @param partials the columns that come from the partitions
     * @param combine what the scratch H2 runs: its parameters {@code ?1 .. ?n} are the arrays of the n partial columns
     *     (H2 type ARRAY), those behind are the client's parameters that {@code combine.parameters()} names
     */
    record Combination(BoundSql pushed, List<ColumnDescription> partials, BoundSql combine) implements Merge {
        public Combination {
            partials = List.copyOf(partials);
        }
    }

    /**
     * No rows but changes, in one transaction: every partition runs the same text, or its own rows of it, and the counts
     * are added.
     *
     * @param rows null if every partition runs {@code pushed}
     * @param limit how many rows all of them together may change; null if all. Then the partitions follow one another, and
     *     {@code pushed} has the number of rows left as one more parameter behind the client's
     */
    record Changes(BoundSql pushed, @Nullable RowSplit rows, RowLimit.@Nullable RowCount limit) implements Merge {}

    /**
     * A change of a REPLICATED table, in one transaction: the home partition runs {@code pushed}, all others bring the rows
     * it changed into their copies.
     *
     * @param pushed gives the rows: those of a DELETE by their keys as its result, all others by their columns as
     *     generated keys
     * @param elsewhere what the others run for each row; its parameters are the columns the home partition gives, in order
     * @param sets the names of the sets of partitions that have copies, the home partition's among them
     */
    record Copies(BoundSql pushed, ReplicatedChange change, String elsewhere, List<String> sets) implements Merge {
        public Copies {
            sets = List.copyOf(sets);
        }
    }

    /**
     * INSERT ... SELECT whose rows pass through the router, in one transaction.
     *
     * @param pushed the client's text, for the partition that has it all, if {@code always} is false and there is one
     * @param read gives the rows: a {@link DataPlan} or a {@link CatalogPlan}
     * @param insert takes them, a set of parameters each
     */
    record Transfer(BoundSql pushed, RoutedPlan read, DataPlan insert, boolean always) implements Merge {}

    /**
     * UPDATE of a partition column: rows stay in their partition, or leave it for another, in one transaction. Every
     * partition's rows are found and locked first, with what they are to become. Those that stay and keep their place in
     * every unique index are updated there; all others are deleted, everywhere, and then inserted where they belong.
     *
     * @param pushed the client's text, for the one partition that surely has all rows, before and after
     * @param found where rows are looked for
     * @param probe gives the rows: {@code _ROWID_}, then the values that {@code values} names by their places
     * @param width how many columns the probe gives
     * @param values what the parameters of {@code insert} are, in order
     * @param stored the partition of the new row, as a function of the parameters of {@code insert}
     * @param update its parameters are the values of {@code values} that are set, then the row's {@code _ROWID_}
     * @param delete its parameter is the row's {@code _ROWID_}
     * @param row what the table's rows are made of
     * @param table its name in messages
     */
    record Moves(
            BoundSql pushed,
            Routing found,
            BoundSql probe,
            int width,
            List<NewValue> values,
            Routing stored,
            String insert,
            String update,
            String delete,
            MovableRow row,
            String table)
            implements Merge {
        public Moves {
            values = List.copyOf(values);
        }
    }

    /**
     * A value of a row that {@link Moves} changes.
     *
     * @param probed its place in the probe's row; -1 if it is a parameter of the client's
     * @param parameter the place of the client's parameter; -1 if the probe has it
     * @param before the place of the column's old value in the probe's row
     * @param set true if the UPDATE sets the column
     */
    record NewValue(MovableRow.Column column, int probed, int parameter, int before, boolean set) {}

    /**
     * One column rows are sorted by; H2's order: NULLs are lowest unless said otherwise.
     *
     * @param column its place in the pushed result, from 0
     * @param nullsFirst true or false when the statement says so, null for H2's default
     */
    record SortKey(int column, boolean descending, @Nullable Boolean nullsFirst) {}
}
