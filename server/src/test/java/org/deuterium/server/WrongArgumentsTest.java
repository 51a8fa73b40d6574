package org.deuterium.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say to arguments they cannot work with: one line, with the command's whole name, and nothing is begun. */
class WrongArgumentsTest {

    @TempDir
    Path directory;

    /** @return what was said on standard error */
    private static String refused(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertEquals(1, DeuteriumMain.commandLine().execute(arguments));
        } finally {
            System.setErr(before);
        }
        // what threads of earlier tests log while they end is not said by this command
        List<String> said = bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("[") || line.startsWith("[main]"))
                .toList();
        assertEquals(1, said.size(), said::toString);
        return said.get(0);
    }

    private void assertNodeRefuses(String option, String value) {
        Path data = directory.resolve("node");
        String said = refused(
                "node",
                "--id=n1",
                "--zookeeper=127.0.0.1:1",
                "--listen=127.0.0.1:0",
                "--data=" + data,
                option + "=" + value);
        assertTrue(said.startsWith("deuterium node: " + option + " " + value + " is "), said);
        assertFalse(Files.exists(data), "nothing is made before the arguments are looked at");
    }

    @Test
    void numbersOfANode() {
        assertNodeRefuses("--replicas", "0");
        assertNodeRefuses("--replace-after", "-5");
        assertNodeRefuses("--spread-leaders", "-1");
        assertNodeRefuses("--retain-states", "-1");
        assertNodeRefuses("--idle-transaction-timeout", "-1");
        assertNodeRefuses("--idle-transaction-timeout", "3000000");
    }

    @Test
    void numbersOfACluster() {
        Path data = directory.resolve("cluster");
        for (String nodes : new String[] {"0", "-1", "17"}) {
            assertEquals(
                    "deuterium start: --nodes " + nodes + " is not between 1 and 16",
                    refused("start", "--data=" + data, "--nodes=" + nodes));
        }
        assertTrue(refused("start", "--data=" + data, "--port=70000").contains("port 70000 does not exist"));
        assertFalse(Files.exists(data), "a cluster that is not started leaves nothing behind");
    }

    @Test
    void filesInTheWayOrMissing() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertTrue(refused("start", "--data=" + file).contains(file + " is in the way"));
        Path missing = directory.resolve("missing");
        assertTrue(refused("log", "show", "--data=" + missing)
                .startsWith("deuterium log show: " + missing + " is not the data directory of a node"));
        assertTrue(refused("sql", "jdbc:deuterium://127.0.0.1:1/db", "--file=" + missing)
                .endsWith("there is no file or directory " + missing));
    }
}
