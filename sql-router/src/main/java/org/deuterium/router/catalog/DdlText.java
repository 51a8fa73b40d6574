package org.deuterium.router.catalog;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A schema change taken apart just far enough: what kind it is, and Deuterium's clause cut off behind. H2 reads all the
 * rest.
 *
 * @param partitionSql the text without Deuterium's clause
 * @param clause Deuterium's clause; null if there is none
 * @param tableSchema the schema written before the name of the table; null if none is
 * @param tableName the name of the table that is created, or of which a column is recomputed; else null
 * @param recomputedColumn the column of ALTER TABLE ... ALTER COLUMN ... USING, or what follows ADD COLUMN if that has
 *     USING; null for all other changes
 */
record DdlText(
        String partitionSql,
        @Nullable PartitionClause clause,
        @Nullable String tableSchema,
        @Nullable String tableName,
        @Nullable String recomputedColumn) {

    private static final Set<String> OBJECTS_KEPT_OUT = Set.of(
            "USER",
            "ROLE",
            "TRIGGER",
            "ALIAS",
            "AGGREGATE",
            "LINKED",
            "ALL",
            "SYNONYM",
            "MATERIALIZED",
            "SYSTEM",
            "TYPE");

    /** Values that differ from replica to replica when each computes them itself. */
    private static final Set<String> NOT_REPEATABLE = Set.of(
            "CURRENT_TIMESTAMP",
            "CURRENT_DATE",
            "CURRENT_TIME",
            "LOCALTIMESTAMP",
            "LOCALTIME",
            "NOW",
            "SYSDATE",
            "RAND",
            "RANDOM",
            "RANDOM_UUID",
            "UUID",
            "SECURE_RAND",
            "SESSION_ID",
            "CURDATE",
            "CURTIME",
            "SYSTIMESTAMP");

    private static final Set<String> GENERATED =
            Set.of("IDENTITY", "AUTO_INCREMENT", "GENERATED", "SERIAL", "BIGSERIAL");

    /**
     * Reads a text that begins with CREATE, ALTER, DROP, TRUNCATE or COMMENT.
     *
     * @throws StatementRefusedException for changes that Deuterium keeps out
     */
    static DdlText read(String sql, List<SqlToken> tokens) {
        String verb = tokens.get(0).text();
        int i = 1;
        if (wordAt(tokens, i).equals("OR") && wordAt(tokens, i + 1).equals("REPLACE")) {
            i += 2;
        }
        refuseKeptOut(verb, tokens, i);
        if (verb.equals("TRUNCATE") && tokens.stream().anyMatch(token -> token.isWord("RESTART"))) {
            throw notSupported("TRUNCATE TABLE ... RESTART IDENTITY is not supported yet; leave RESTART IDENTITY out");
        }
        if (verb.equals("ALTER") && wordAt(tokens, 1).equals("TABLE")) {
            refuseUnrepeatable(tokens);
            return readAlterTable(sql, tokens);
        }
        while (Set.of("CACHED", "MEMORY", "FORCE").contains(wordAt(tokens, i))) {
            i++;
        }
        if (verb.equals("CREATE") && wordAt(tokens, i).equals("TABLE")) {
            return readCreateTable(sql, tokens, i + 1);
        }
        return new DdlText(sql, null, null, null, null);
    }

    /**
     * Refuses what may stand in the schema log of an older version, and is not to be added to it.
     *
     * @throws StatementRefusedException with the reason and the cure
     */
    static void refuseNew(List<SqlToken> tokens) {
        SequenceOptionText.check(tokens);
        int i = wordAt(tokens, 1).equals("OR") ? 3 : 1;
        if (tokens.get(0).isWord("CREATE") && wordAt(tokens, i).equals("SPATIAL")) {
            throw notSupported(
                    "spatial indexes are not supported: H2's show the rows of the present to transactions that are"
                            + " to see those of an earlier moment; leave the index out, && works without one, or index"
                            + " number columns that hold the bounds");
        }
        if (tokens.get(0).isWord("CREATE") && wordAt(tokens, i).equals("CONSTANT")) {
            refuseComputedConstant(tokens);
        }
        if (!tokens.get(0).isWord("ALTER")) {
            return;
        }
        if (tokens.stream().anyMatch(token -> token.isWord("REFERENTIAL_INTEGRITY"))) {
            throw notSupported(
                    "SET REFERENTIAL_INTEGRITY is not supported: H2 forgets it at every start, so replicas would"
                            + " differ; DROP CONSTRAINT, and ADD it again afterwards");
        }
        boolean using = false;
        for (SqlToken token : tokens) {
            using |= token.depth() == 0 && token.isWord("USING");
            if (using && token.kind() == SqlToken.Kind.WORD && NOT_REPEATABLE.contains(token.text())) {
                throw notSupported(
                        "ALTER TABLE ... USING with " + token.text() + " is not supported: each replica would compute"
                                + " other values for the rows that exist; make"
                                + " the change without it, then UPDATE the rows");
            }
        }
    }

    /** H2 computes a constant when it is made: each replica would, at its own time and from its own rows. */
    private static void refuseComputedConstant(List<SqlToken> tokens) {
        for (SqlToken token : tokens) {
            boolean looksAround = Set.of("SELECT", "NEXT", "NEXTVAL", "CURRENT", "CURRVAL", "TABLE")
                    .contains(token.text());
            if (token.kind() == SqlToken.Kind.WORD && (looksAround || NOT_REPEATABLE.contains(token.text()))) {
                throw notSupported("CREATE CONSTANT with " + token.text()
                        + " is not supported: each replica would compute" + " another value; say the value itself");
            }
        }
    }

    private static void refuseKeptOut(String verb, List<SqlToken> tokens, int i) {
        String object = wordAt(tokens, i);
        int at = i;
        while (Set.of("GLOBAL", "LOCAL", "FORCE", "CACHED", "MEMORY").contains(wordAt(tokens, at))) {
            at++;
        }
        String word = wordAt(tokens, at);
        if (word.equals("TEMPORARY") || word.equals("TEMP")) {
            throw notSupported(
                    "temporary tables are not supported yet: " + verb + " TEMPORARY TABLE; use a plain table");
        }
        if (!verb.equals("COMMENT") && (OBJECTS_KEPT_OUT.contains(word) || OBJECTS_KEPT_OUT.contains(object))) {
            throw notSupported(verb + " " + word + " is not supported: every replica would have to run it alike; "
                    + "tables, indexes, views, sequences, schemas and domains are");
        }
        if (verb.equals("CREATE")
                && word.equals("UNIQUE")
                && wordAt(tokens, at + 1).equals("GLOBAL")) {
            throw notSupported("global indexes are not supported yet; leave GLOBAL out for an index in each partition");
        }
    }

    /** ALTER TABLE ADD computes values for the rows that are there, in every replica by itself. */
    private static void refuseUnrepeatable(List<SqlToken> tokens) {
        boolean adds = tokens.stream().anyMatch(token -> token.isWord("ADD"));
        if (!adds) {
            return;
        }
        for (SqlToken token : tokens) {
            if (token.kind() == SqlToken.Kind.WORD && NOT_REPEATABLE.contains(token.text())) {
                throw notSupported("ALTER TABLE ... ADD with " + token.text() + " is not supported: each replica would "
                        + "compute other values for the rows that exist; add the column without it, UPDATE the rows, "
                        + "then ALTER COLUMN SET DEFAULT");
            }
            if (token.kind() == SqlToken.Kind.WORD && GENERATED.contains(token.text())) {
                throw notSupported("ALTER TABLE ... ADD of a generated or identity column is not supported yet; "
                        + "create the table with it");
            }
        }
    }

    /** ALTER TABLE [IF EXISTS] table ALTER [COLUMN] [IF EXISTS] column ... [USING expression]. */
    private static DdlText readAlterTable(String sql, List<SqlToken> tokens) {
        int i = behindIfExists(tokens, 2);
        String schema = null;
        if (i + 2 < tokens.size() && tokens.get(i + 1).isSymbol('.')) {
            schema = tokens.get(i).text();
            i += 2;
        }
        int at = i + 1;
        boolean recomputes = Set.of("ALTER", "ADD").contains(wordAt(tokens, at))
                && tokens.stream().anyMatch(token -> token.depth() == 0 && token.isWord("USING"));
        if (!recomputes) {
            return new DdlText(sql, null, null, null, null);
        }
        at = behindIfExists(tokens, wordAt(tokens, at + 1).equals("COLUMN") ? at + 2 : at + 1);
        String column = at < tokens.size() ? tokens.get(at).text() : null;
        return new DdlText(sql, null, schema, tokens.get(i).text(), column);
    }

    private static int behindIfExists(List<SqlToken> tokens, int i) {
        return wordAt(tokens, i).equals("IF") && wordAt(tokens, i + 1).equals("EXISTS") ? i + 2 : i;
    }

    private static DdlText readCreateTable(String sql, List<SqlToken> tokens, int from) {
        int i = from;
        if (wordAt(tokens, i).equals("IF")) {
            i += 3;
        }
        String schema = null;
        String name = i < tokens.size() ? tokens.get(i).text() : "";
        if (i + 2 < tokens.size() && tokens.get(i + 1).isSymbol('.')) {
            schema = name;
            name = tokens.get(i + 2).text();
            i += 2;
        }
        boolean bodySeen = false;
        for (i++; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            if (token.depth() > 0) {
                bodySeen = true;
                continue;
            }
            boolean partition =
                    token.isWord("PARTITION") && wordAt(tokens, i + 1).equals("BY");
            if (partition || (token.isWord("REPLICATED") && bodySeen)) {
                PartitionClause clause = PartitionClause.read(sql, token.start(), tokens);
                return new DdlText(sql.substring(0, token.start()).stripTrailing(), clause, schema, name, null);
            }
            if (token.isWord("AS")) {
                throw notSupported("CREATE TABLE " + name
                        + " AS is not supported yet: create the table, then INSERT INTO " + name + " SELECT");
            }
        }
        return new DdlText(sql, null, schema, name, null);
    }

    private static String wordAt(List<SqlToken> tokens, int i) {
        return i < tokens.size() && tokens.get(i).kind() == SqlToken.Kind.WORD
                ? tokens.get(i).text()
                : "";
    }
}
