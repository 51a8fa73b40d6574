package org.deuterium.benchmarks.tpcc;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The random values of clauses 2.1.6 and 4.3.2: one instance a thread. */
final class TpccRandom {

    private static final String[] SYLLABLES = {
        "BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING"
    };
    private static final char[] ALPHANUMERIC =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".toCharArray();

    /** The C of NURand while loading; a run takes other ones, as clause 2.1.6.1 wants it (here: a delta of 71). */
    private static final int LAST_NAME_AT_LOAD = 157;

    private static final int LAST_NAME_AT_RUN = 86;

    private final SplittableRandom random;

    TpccRandom(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Uniform, both ends included. */
    int uniform(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    /** An amount with two decimals, both ends included. */
    BigDecimal amount(int lowCents, int highCents) {
        return BigDecimal.valueOf(uniform(lowCents, highCents), 2);
    }

    boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    /** With this chance in percent another warehouse, if there is one; else the one given. */
    int warehouse(TpccScale scale, int home, int chance) {
        if (scale.warehouses() == 1 || !percent(chance)) {
            return home;
        }
        int other = uniform(1, scale.warehouses() - 1);
        return other < home ? other : other + 1;
    }

    int customer(TpccScale scale) {
        return nonUniform(1023, 259, 1, scale.customers());
    }

    int item(TpccScale scale) {
        return nonUniform(8191, 7911, 1, scale.items());
    }

    String lastName(TpccScale scale) {
        return lastName(nonUniform(255, LAST_NAME_AT_RUN, 0, scale.lastNames() - 1));
    }

    /** The last name of a customer being loaded: each name once, then by chance. */
    String lastNameOfLoaded(int customer, TpccScale scale) {
        return lastName(customer <= 1000 ? customer - 1 : nonUniform(255, LAST_NAME_AT_LOAD, 0, scale.lastNames() - 1));
    }

    static String lastName(int number) {
        return SYLLABLES[number / 100] + SYLLABLES[number / 10 % 10] + SYLLABLES[number % 10];
    }

    String text(int shortest, int longest) {
        char[] text = new char[uniform(shortest, longest)];
        for (int i = 0; i < text.length; i++) {
            text[i] = ALPHANUMERIC[random.nextInt(ALPHANUMERIC.length)];
        }
        return new String(text);
    }

    String digits(int length) {
        char[] text = new char[length];
        for (int i = 0; i < length; i++) {
            text[i] = (char) ('0' + random.nextInt(10));
        }
        return new String(text);
    }

    String zip() {
        return digits(4) + "11111";
    }

    /** Text of which a tenth of the rows hold "ORIGINAL" somewhere (clause 4.3.3.1). */
    String data() {
        String text = text(26, 50);
        if (!percent(10)) {
            return text;
        }
        int at = uniform(0, text.length() - 8);
        return text.substring(0, at) + "ORIGINAL" + text.substring(at + 8);
    }

    /** The numbers 1 to count in random order. */
    int[] permutation(int count) {
        int[] numbers = new int[count];
        Arrays.setAll(numbers, i -> i + 1);
        for (int i = count - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = numbers[i];
            numbers[i] = numbers[j];
            numbers[j] = swapped;
        }
        return numbers;
    }

    private int nonUniform(int a, int c, int low, int high) {
        return ((uniform(0, a) | uniform(low, high)) + c) % (high - low + 1) + low;
    }
}
