package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.deuterium.router.execute.Eventually;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.client.AskTransaction;
import org.deuterium.wire.client.CancelStatement;
import org.deuterium.wire.client.ChangeSession;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.DescribeCatalog;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.FetchRows;
import org.deuterium.wire.client.Ping;
import org.deuterium.wire.client.Welcome;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The door: who gets in, and what a session answers whatever it is told. */
class SessionServerTest {

    private RouterHarness router;

    @BeforeEach
    void open() throws SQLException, IOException {
        SessionLimits limits = new SessionLimits(3, 10, 10, 100);
        router = new RouterHarness(
                RouterSettings.defaults().withDefaultReplicas(1).withLimits(limits));
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    private static ErrorCode error(Message message) {
        return assertInstanceOf(Failure.class, message).error();
    }

    @Test
    void welcomesAndSaysWhereTheHomeLeaderIs() {
        try (TestClient client = new TestClient(router)) {
            Welcome welcome = assertInstanceOf(Welcome.class, client.ask(TestClient.hello("sa", "", Map.of())));
            assertEquals("n1", welcome.node());
            assertEquals("127.0.0.1:1", welcome.homeLeader());
            assertTrue(welcome.databaseVersion().startsWith("2.5."), welcome.databaseVersion());
            assertInstanceOf(Done.class, client.ask(new Ping()));
        }
        Eventually.until(() -> router.router.sessions().sessionCount() == 0);
    }

    @Test
    void refusesAWrongPasswordAndAnUnknownProperty() {
        try (TestClient client = new TestClient(router)) {
            assertEquals(ErrorCode.WRONG_USER_OR_PASSWORD, error(client.ask(TestClient.hello("sa", "x", Map.of()))));
        }
        try (TestClient client = new TestClient(router)) {
            assertEquals(
                    ErrorCode.NOT_SUPPORTED, error(client.ask(TestClient.hello("sa", "", Map.of("colour", "red")))));
        }
        Eventually.until(() -> router.router.sessions().sessionCount() == 0);
    }

    @Test
    void refusesMoreSessionsThanItsLimit() {
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(router.client());
        }
        try (TestClient fourth = new TestClient(router)) {
            assertEquals(ErrorCode.LIMIT_EXCEEDED, error(fourth.ask(TestClient.hello("sa", "", Map.of()))));
        }
        clients.get(0).close();
        Eventually.until(() -> router.router.sessions().sessionCount() == 2);
        router.client().close();
        clients.forEach(TestClient::close);
    }

    @Test
    void refusesAnyOtherFirstMessage() {
        try (TestClient client = new TestClient(router)) {
            assertEquals(ErrorCode.PROTOCOL_VIOLATION, error(client.ask(new Ping())));
        }
    }

    @Test
    void answersInOrderWhatIsSentAhead() {
        try (TestClient client = router.client()) {
            List<Integer> order = new ArrayList<>();
            List<CompletableFuture<Void>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int number = i;
                Message request = i % 3 == 0
                        ? new DescribeCatalog("getCatalogs", ParameterRows.NONE)
                        : i % 3 == 1 ? new Ping() : new EndTransaction(false);
                answers.add(client.send(request).thenAccept(answer -> {
                    synchronized (order) {
                        order.add(number);
                    }
                }));
            }
            answers.forEach(TestClient::get);
            assertEquals(java.util.stream.IntStream.range(0, 50).boxed().toList(), order);
        }
    }

    @Test
    void handlesThatDoNotExistAreRefusedAndTheSessionLivesOn() {
        try (TestClient client = router.client()) {
            assertEquals(ErrorCode.NO_SUCH_HANDLE, error(client.ask(new FetchRows(77, 10))));
            ExecuteStatement unknown =
                    new ExecuteStatement(5, null, ParameterRows.NONE, true, 0, 0, 0, KeysWanted.NONE, true);
            assertEquals(ErrorCode.NO_SUCH_HANDLE, error(client.ask(unknown)));
            client.tell(new CloseHandle(true, 77));
            client.tell(new CloseHandle(false, 77));
            assertInstanceOf(Done.class, client.ask(new Ping()));
        }
    }

    @Test
    void setsWhatASessionCanSet() {
        try (TestClient client = router.client()) {
            assertInstanceOf(Done.class, client.ask(new ChangeSession("lockTimeoutMillis", "50")));
            assertInstanceOf(Done.class, client.ask(new ChangeSession("isolation", "8")));
            assertInstanceOf(Done.class, client.ask(new ChangeSession("timeZone", "Europe/Rome")));
            assertInstanceOf(Done.class, client.ask(new ChangeSession("readOnly", "true")));
            assertEquals(ErrorCode.NOT_SUPPORTED, error(client.ask(new ChangeSession("isolation", "16"))));
            assertEquals(ErrorCode.NOT_SUPPORTED, error(client.ask(new ChangeSession("timeZone", "Mars"))));
            assertEquals(ErrorCode.NOT_SUPPORTED, error(client.ask(new ChangeSession("lockTimeoutMillis", "-1"))));
        }
    }

    /** A map need not be in the order in which its makers think. */
    @Test
    void aTimeWithoutAZoneIsOfTheSessionsZoneInWhateverOrderTheyCome() {
        try (TestClient client = router.client()) {
            client.execute("CREATE TABLE ZONED(ID INT PRIMARY KEY)");
        }
        String inTwoHours = LocalDateTime.now(ZoneOffset.UTC).plusHours(2).toString();
        for (List<String> order : List.of(List.of("asOf", "timeZone"), List.of("timeZone", "asOf"))) {
            Map<String, String> properties = new LinkedHashMap<>();
            order.forEach(name -> properties.put(name, name.equals("asOf") ? inTwoHours : "Asia/Tokyo"));
            try (TestClient client = new TestClient(router)) {
                assertInstanceOf(Welcome.class, client.ask(TestClient.hello("sa", "", properties)));
                Failure failure = client.refused("SELECT * FROM ZONED");
                assertEquals(ErrorCode.STATE_NOT_RETAINED, failure.error());
                assertTrue(failure.message().contains("keep no states"), order + ": " + failure.message());
            }
        }
    }

    @Test
    void describesTheCatalog() {
        try (TestClient client = router.client()) {
            RowsPage page = assertInstanceOf(
                    RowsPage.class, client.ask(new DescribeCatalog("getDatabaseProductName", ParameterRows.NONE)));
            assertNotNull(page.columns());
            List<String> rows = new ArrayList<>();
            TestClient.read(page, rows);
            assertEquals(List.of("H2"), rows);
        }
    }

    @Test
    void cancelsOnlyWithTheSecret() {
        try (TestClient client = new TestClient(router);
                TestClient canceler = new TestClient(router)) {
            Welcome welcome = assertInstanceOf(Welcome.class, client.ask(TestClient.hello("sa", "", Map.of())));
            Message answer = canceler.ask(new CancelStatement(welcome.session(), welcome.cancelKey() + 1));
            assertInstanceOf(Done.class, answer);
            assertInstanceOf(Done.class, client.ask(new Ping()));
        }
    }

    /** Nobody waits for it, and when it runs nobody is left who could stop it. */
    @Test
    void whatIsStillToBePlannedWhenItsClientLeavesIsNotRun() throws Exception {
        RouterSettings usual = RouterSettings.defaults();
        RouterSettings oneWorker = new RouterSettings(
                1,
                usual.mergeMemoryBytes(),
                1,
                usual.limits(),
                usual.followerWaitMillis(),
                usual.idleTransactionMillis());
        try (RouterHarness busy = new RouterHarness(oneWorker);
                TestClient first = busy.client();
                TestClient second = busy.client()) {
            first.update("CREATE TABLE T (ID INT PRIMARY KEY)");
            CompletableFuture<Void> free = new CompletableFuture<>();
            int before = busy.partitions.seen.size();
            busy.partitions.refuse(request -> {
                free.join();
                return false;
            });
            CompletableFuture<Message> keepsTheWorker =
                    first.send(first.statement("INSERT INTO T VALUES (1)", ParameterRows.NONE, KeysWanted.NONE));
            Eventually.until(() -> busy.partitions.seen.size() > before);
            CompletableFuture<Message> never =
                    second.send(second.statement("INSERT INTO T VALUES (2)", ParameterRows.NONE, KeysWanted.NONE));
            second.close();
            Eventually.until(() -> busy.router.sessions().sessionCount() == 1);
            free.complete(null);
            assertInstanceOf(UpdateCounts.class, TestClient.get(keepsTheWorker));
            first.update("INSERT INTO T VALUES (3)"); // planned by the same worker, after the one before
            assertEquals(List.of("1", "3"), first.query("SELECT ID FROM T ORDER BY ID"));
            assertTrue(never.isCompletedExceptionally());
        }
    }

    /** What the session does next must not come earlier than what it has just been told of. */
    @Test
    void whoIsToldOfACommitHasSeenIt() {
        try (TestClient lost = router.client();
                TestClient next = router.client()) {
            lost.update("CREATE TABLE T (ID INT PRIMARY KEY)");
            lost.update("INSERT INTO T VALUES (1)");
            TransactionId done = router.partitions.seen.stream()
                    .filter(ExecuteInBranch.class::isInstance)
                    .map(request -> ((ExecuteInBranch) request).transaction())
                    .reduce((earlier, later) -> later)
                    .orElseThrow();
            List<String> before = next.query("SHOW SESSION TOKEN");
            assertEquals(before, next.query("SHOW SESSION TOKEN"));
            TransactionOutcome outcome = assertInstanceOf(TransactionOutcome.class, next.ask(new AskTransaction(done)));
            assertEquals(TransactionOutcome.State.COMMITTED, outcome.state());
            assertNotEquals(before, next.query("SHOW SESSION TOKEN"));
        }
    }
}
