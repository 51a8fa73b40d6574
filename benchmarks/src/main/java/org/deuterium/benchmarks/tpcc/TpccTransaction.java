package org.deuterium.benchmarks.tpcc;

import java.sql.SQLException;

/** One transaction with its input already drawn, so that it can be run again after a rollback. */
interface TpccTransaction {

    /** Runs the statements without ending the transaction; false: the terminal has to roll back (clause 2.4.1.4). */
    boolean run(TerminalConnection connection) throws SQLException;

    /** After a commit whose outcome is unknown: looks whether its rows are there. */
    boolean happened(TerminalConnection connection) throws SQLException;
}
