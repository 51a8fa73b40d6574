package org.deuterium.simulation.scenario;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.simulation.scenario.Stage.Actor;
import org.deuterium.simulation.scenario.Stage.Letter;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.Election;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;

/**
 * The commands of a scenario. Each line that begins with {@code >} is one; what happens is printed below it.
 *
 * <pre>
 * cluster a b c [QUORUM]    replicas of a new partition, with an ack rule
 * raise                     the controller writes the next term, led by nobody
 * ask a b                   it asks these for their promise; with the answers it
 * name                      writes the winner on the board
 * board a b                 these read the board (everybody, without names)
 * elect a b c               all four of them, with these, told in one line
 * write x                   tries to write on the board what x wishes
 * propose a x y             a client's writes x and y at a
 * deliver [a [b]]           what is under way arrives (from a, to b), once
 * first a b                 only the first message from a to b arrives
 * drop [a [b]]              it gets lost
 * sync a b                  what was written there is fsynced (everywhere, without names)
 * run                       deliver and sync until nothing is under way
 * pass 100                  milliseconds go by, and everybody looks at the clock
 * pause a, resume a         SIGSTOP, SIGCONT
 * crash a, start a          a crash loses what was not synced
 * empty-disk a              while it is down: a new, empty directory
 * rule a SYNC               somebody wishes another ack rule
 * transfer a b              somebody wishes that a hands the lead over to b
 * join d                    a node that had no replica reads that it is to have one
 * replace a c d             a is asked to give the replica of c, which is lost, to d
 * read a                    a linearizable read
 * read-tail c               a strong read at the tail of a chain
 * checkpoint a, snapshots a stores H2 and cuts the log; sends what was asked for
 * show                      how everybody stands
 * </pre>
 *
 * A command after {@code quietly} prints nothing.
 */
final class Scenario {

    private static final int MOST_STEPS = 200;

    private final List<String> out = new ArrayList<>();
    private Stage stage;

    /** Does what the line says; returns what happened. */
    List<String> run(String line) {
        out.clear();
        boolean quietly = line.startsWith("quietly ");
        String[] words = (quietly ? line.substring(8) : line).split(" +");
        List<String> rest = List.of(words).subList(1, words.length);
        switch (words[0]) {
            case "cluster" -> cluster(rest);
            case "raise" -> raise();
            case "ask" ->
                rest.forEach(
                        name -> stage.ask(new NodeId(name), new PromiseRequest(Stage.PARTITION, stage.board.term())));
            case "name" -> nameWinner();
            case "board" -> those(rest).forEach(stage::tellBoard);
            case "elect" -> elect(rest);
            case "write" -> write(actor(rest.get(0)));
            case "propose" -> stage.propose(actor(rest.get(0)), rest.subList(1, rest.size()));
            case "deliver" -> take(rest).forEach(this::deliver);
            case "first" -> first(rest);
            case "drop" -> take(rest);
            case "sync" -> those(rest).forEach(stage::sync);
            case "run" -> runUntilQuiet();
            case "rule" ->
                stage.changeRule(actor(rest.get(0)), AckRule.parse(String.join(" ", rest.subList(1, rest.size()))));
            case "read" -> read(actor(rest.get(0)));
            case "read-tail" -> readAtTail(actor(rest.get(0)));
            default -> happen(words[0], rest);
        }
        return quietly ? List.of() : List.copyOf(out);
    }

    private void happen(String what, List<String> rest) {
        switch (what) {
            case "pass" -> stage.pass(Long.parseLong(rest.get(0)));
            case "pause" -> actor(rest.get(0)).paused = true;
            case "resume" -> actor(rest.get(0)).paused = false;
            case "crash" -> stage.crash(actor(rest.get(0)));
            case "start" -> stage.start(actor(rest.get(0)));
            case "empty-disk" -> stage.replaceDisk(actor(rest.get(0)));
            case "checkpoint" -> stage.checkpoint(actor(rest.get(0)));
            case "snapshots" -> stage.sendSnapshots(actor(rest.get(0)));
            case "join" -> stage.join(new NodeId(rest.get(0)));
            case "replace" -> stage.replace(actor(rest.get(0)), new NodeId(rest.get(1)), new NodeId(rest.get(2)));
            case "transfer" -> stage.transfer(actor(rest.get(0)), actor(rest.get(1)));
            case "show" -> stage.actors.values().forEach(actor -> out.add(stage.standing(actor)));
            default -> throw new IllegalArgumentException("no command '" + what + "'");
        }
    }

    private void cluster(List<String> words) {
        int names = 0;
        while (names < words.size() && words.get(names).length() == 1) {
            names++;
        }
        String rule = String.join(" ", words.subList(names, words.size()));
        stage = new Stage(words.subList(0, names), rule.isEmpty() ? AckRule.QUORUM : AckRule.parse(rule), out);
    }

    private Actor actor(String name) {
        Actor actor = stage.actors.get(new NodeId(name));
        if (actor == null) {
            throw new IllegalArgumentException("no node " + name);
        }
        return actor;
    }

    private List<Actor> those(List<String> names) {
        List<Actor> chosen = new ArrayList<>();
        for (Actor actor : stage.actors.values()) {
            boolean named = names.isEmpty() || names.contains(actor.id.name());
            if (named && actor.core != null && !actor.paused) {
                chosen.add(actor);
            }
        }
        return chosen;
    }

    private void raise() {
        stage.board = stage.board.withNextTerm();
        stage.promises.clear();
        out.add("board: " + Words.of(stage.board));
    }

    private void nameWinner() {
        Election election = new Election(stage.board);
        for (Letter answer : stage.promises) {
            election.add(answer.from(), (Promise) answer.message());
        }
        NodeId winner = election.winner(stage.board.successor());
        if (winner == null) {
            out.add("nobody can be named: " + election.promised() + " promises of " + stage.board.promisesToElect());
        } else {
            stage.board = stage.board.withLeader(winner);
            out.add("board: " + Words.of(stage.board));
        }
    }

    private void elect(List<String> names) {
        raise();
        for (String name : names) {
            stage.ask(new NodeId(name), new PromiseRequest(Stage.PARTITION, stage.board.term()));
        }
        take(List.of("controller")).forEach(stage::arrive);
        those(names).forEach(stage::sync);
        for (Letter letter : List.copyOf(stage.underWay)) {
            if (letter.to().name().equals("controller")) {
                stage.underWay.remove(letter);
                stage.arrive(letter);
            }
        }
        out.clear();
        nameWinner();
        those(names).forEach(stage::tellBoard);
    }

    private void write(Actor actor) {
        ReplicaGroup wish = actor.wish;
        if (wish == null) {
            out.add(actor.id + " wishes nothing");
        } else if (stage.board.version() == wish.version() - 1) {
            stage.board = wish;
            out.add("board: " + Words.of(wish));
        } else {
            out.add("not written: the board has version " + stage.board.version() + " already");
        }
        actor.wish = null;
    }

    private void read(Actor actor) {
        if (!actor.core.isServing()) {
            out.add(actor.id + " does not serve");
            return;
        }
        long left = actor.core.leaseUntilMillis() - stage.now;
        out.add(
                left > 0
                        ? actor.id + " answers with " + actor.core.appliedIndex() + ", its lease lasts " + left + " ms"
                        : actor.id + " may not answer: its lease has ended");
    }

    /** It shows all that is fsynced there when the read begins. */
    private void readAtTail(Actor actor) {
        long left = actor.core.tailLeaseUntilMillis() - stage.now;
        out.add(
                left > 0
                        ? actor.id + " answers as the tail, once H2 shows " + actor.core.durableIndex()
                                + ", its lease lasts " + left + " ms"
                        : actor.id + " may not answer: it has no lease as a tail");
    }

    /** Takes letters out of the post, by sender and receiver. */
    private List<Letter> take(List<String> fromTo) {
        List<Letter> taken = new ArrayList<>();
        for (Letter letter : stage.underWay) {
            boolean from = fromTo.isEmpty() || letter.from().name().equals(fromTo.get(0));
            boolean to = fromTo.size() < 2 || letter.to().name().equals(fromTo.get(1));
            Actor receiver = stage.actors.get(letter.to());
            if (from && to && (receiver == null || !receiver.paused)) {
                taken.add(letter);
            }
        }
        stage.underWay.removeAll(taken);
        return taken;
    }

    private void first(List<String> fromTo) {
        List<Letter> arriving = take(fromTo);
        stage.underWay.addAll(0, arriving.subList(1, arriving.size()));
        deliver(arriving.get(0));
    }

    private void deliver(Letter letter) {
        out.add(letter.toString());
        stage.arrive(letter);
    }

    private void runUntilQuiet() {
        for (int step = 0; step < MOST_STEPS; step++) {
            List<Letter> arriving = take(List.of());
            arriving.forEach(this::deliver);
            boolean synced = false;
            for (Actor actor : those(List.of())) {
                if (actor.unsynced || !actor.afterDurable.isEmpty()) {
                    stage.sync(actor);
                    synced = true;
                }
            }
            if (arriving.isEmpty() && !synced) {
                return;
            }
        }
        throw new IllegalStateException("it does not become quiet");
    }
}
