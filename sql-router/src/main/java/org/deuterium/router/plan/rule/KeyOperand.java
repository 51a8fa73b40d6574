package org.deuterium.router.plan.rule;

import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * What a partition column is compared with or set to: a constant, or one of the client's parameters.
 *
 * @param constant the value; null for a parameter
 * @param parameter its place from 0; -1 for a constant
 */
public record KeyOperand(@Nullable Value constant, int parameter) {

    public static KeyOperand of(Value constant) {
        return new KeyOperand(constant, -1);
    }

    public static KeyOperand ofParameter(int index) {
        return new KeyOperand(null, index);
    }

    @Override
    public String toString() {
        return constant == null ? "?" + (parameter + 1) : constant.getTraceSQL();
    }
}
