package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.TransactionId;
import org.junit.jupiter.api.Test;

/** The identities of a router's transactions. */
class TransactionNumbersTest {

    /** Else the next request's commit would be taken for an older one's, that was committed under a later identity. */
    @Test
    void noAttemptOfARequestTakesAnIdentityOfTheNextOne() {
        TransactionNumbers router = new TransactionNumbers(7);
        TransactionNumbers request = router.ofRequest(3, 4);
        TransactionId last = null;
        for (int attempt = 0; attempt < TransactionId.MAX_ATTEMPTS; attempt++) {
            assertTrue(request.hasNext());
            last = request.next();
        }
        assertEquals(TransactionId.of(7, 3, 4, TransactionId.MAX_ATTEMPTS - 1), last);
        assertFalse(request.hasNext());
        assertEquals(
                ErrorCode.LIMIT_EXCEEDED,
                assertThrows(StatementFailedException.class, request::next)
                        .failure()
                        .error());
        assertEquals(TransactionId.of(7, 3, 5, 0), router.ofRequest(3, 5).next(), "the next request has its own");
    }
}
