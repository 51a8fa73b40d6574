/** The SQL grammar: Calcite's, with H2's forms and Deuterium's own clauses; the parser itself is generated. */
@NullMarked
package org.deuterium.sql.parser;

import org.jspecify.annotations.NullMarked;
