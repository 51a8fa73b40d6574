package org.deuterium.transport;

import org.jspecify.annotations.Nullable;

/**
 * Why a call got no answer.
 *
 * @param surelyNotSent true when the other side cannot have seen the whole request, so that it surely did nothing;
 *     false when it may have done everything
 * @param message what happened and where
 */
public record CallFailure(
        boolean surelyNotSent, String message, @Nullable Throwable cause) {}
