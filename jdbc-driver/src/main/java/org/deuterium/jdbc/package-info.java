/** The java.sql front door: JDBC calls become messages to a node of the cluster, its answers become rows and counts. */
@NullMarked
package org.deuterium.jdbc;

import org.jspecify.annotations.NullMarked;
