package org.deuterium.router.execute;

import java.util.Arrays;
import java.util.List;
import org.deuterium.router.plan.BoundSql;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ParameterRows;
import org.h2.value.Value;
import org.h2.value.ValueBigint;

/** Picks the parameters that a text of the planner's wants out of those the client gave. */
final class BoundParameters {

    private BoundParameters() {}

    /** The one set of {@code client} in the order in which the text wants it. */
    static ParameterRows bind(BoundSql text, ParameterRows client) {
        int[] places = text.parameters();
        if (places == null) {
            return client;
        }
        int[] starts = valueStarts(client);
        WireWriter out = new WireWriter();
        for (int place : places) {
            out.writeRaw(client.values(), starts[place], starts[place + 1] - starts[place]);
        }
        return new ParameterRows(1, places.length, out.toByteArray());
    }

    /** Some of several sets, each in the order in which the text wants its values. */
    static ParameterRows bindSets(BoundSql text, ParameterRows all, int[] starts, List<Integer> sets) {
        int[] places = text.parameters();
        int perSet = places == null ? all.perSet() : places.length;
        WireWriter out = new WireWriter();
        for (int set : sets) {
            int first = set * all.perSet();
            for (int i = 0; i < perSet; i++) {
                int value = first + (places == null ? i : places[i]);
                out.writeRaw(all.values(), starts[value], starts[value + 1] - starts[value]);
            }
        }
        return new ParameterRows(sets.size(), perSet, out.toByteArray());
    }

    /** One of several sets alone: the sets before it need not be skipped again. */
    static ParameterRows oneSet(ParameterRows all, int[] starts, int set) {
        int from = starts[set * all.perSet()];
        int to = starts[(set + 1) * all.perSet()];
        return new ParameterRows(1, all.perSet(), Arrays.copyOfRange(all.values(), from, to));
    }

    /** The sets with {@code perSet} more values behind each, which are BIGINTs. */
    static ParameterRows append(ParameterRows sets, long[] drawn, int perSet) {
        int[] starts = valueStarts(sets);
        WireWriter out = new WireWriter();
        for (int set = 0; set < sets.sets(); set++) {
            int from = starts[set * sets.perSet()];
            out.writeRaw(sets.values(), from, starts[(set + 1) * sets.perSet()] - from);
            for (int i = 0; i < perSet; i++) {
                ValueCodec.write(ValueBigint.get(drawn[set * perSet + i]), out);
            }
        }
        return new ParameterRows(sets.sets(), sets.perSet() + perSet, out.toByteArray());
    }

    /** Where each value begins, and behind the last where the last one ends. */
    static int[] valueStarts(ParameterRows parameters) {
        int count = parameters.sets() * parameters.perSet();
        int[] starts = new int[count + 1];
        WireReader in = new WireReader(parameters.values());
        for (int i = 0; i < count; i++) {
            starts[i] = in.position();
            ValueCodec.read(in);
        }
        starts[count] = in.position();
        return starts;
    }

    /** The values themselves, of the only set. */
    static Value[] values(ParameterRows parameters) {
        WireReader in = new WireReader(parameters.values());
        Value[] values = new Value[parameters.perSet()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ValueCodec.read(in);
        }
        return values;
    }
}
