package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deuterium.server.DeuteriumMain;

/**
 * What the nodes' side files hold of a {@link LedgerLoad} and of {@link Registers}, as {@code bin/deuterium log show --tails}
 * prints it.
 */
final class SetAside {

    /** A row of LEDGER(REGION, ID, WRITER, AMOUNT) in a write set. */
    private static final Pattern LEDGER_ROW =
            Pattern.compile(" *INSERT PUBLIC\\.LEDGER row -?\\d+ \\(\\d+, (?:CAST\\()?(\\d+)\\b.*");

    /** A row of REGISTERS(K, V) in a write set. */
    private static final Pattern REGISTER_ROW =
            Pattern.compile(" *UPDATE PUBLIC\\.REGISTERS row -?\\d+ \\((\\d+), (?:CAST\\()?(\\d+)\\b.*");

    private final Set<Long> ledgerIds = new HashSet<>();
    private final Set<String> registers = new HashSet<>();

    private SetAside() {}

    static SetAside read(Collection<Path> dataDirectories) throws IOException, InterruptedException {
        SetAside found = new SetAside();
        for (Path data : dataDirectories) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            DeuteriumMain.class.getName(),
                            "log",
                            "show",
                            "--tails",
                            "--data",
                            data.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), printed);
            printed.lines().forEach(found::add);
        }
        return found;
    }

    private void add(String line) {
        Matcher ledger = LEDGER_ROW.matcher(line);
        if (ledger.matches()) {
            ledgerIds.add(Long.valueOf(ledger.group(1)));
        }
        Matcher register = REGISTER_ROW.matcher(line);
        if (register.matches()) {
            registers.add(register.group(1) + "=" + register.group(2));
        }
    }

    boolean hasLedger(long id) {
        return ledgerIds.contains(id);
    }

    boolean hasRegister(int key, long value) {
        return registers.contains(key + "=" + value);
    }

    @Override
    public String toString() {
        return ledgerIds.size() + " transactions and " + registers.size()
                + " writes of registers are in the side files";
    }
}
