package org.deuterium.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.deuterium.transport.TestMessages.Parcel;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server and whoever connects to it, well-behaved or not, over real sockets. */
class MessageServerTest {

    private final EventLoops loops = new EventLoops("test-loop", 2);
    private final TransportSettings settings =
            TransportSettings.defaults().withKeepAlive(1_000, 20).withHandshakeTimeout(60_000);
    private final BlockingQueue<String> closedAtServer = new LinkedBlockingQueue<>();
    private volatile BiConsumer<MessageConnection, Integer> onParcel = (connection, correlation) -> {};
    private MessageServer server;

    /** Sends every parcel back; knows its visitors from the first message on. */
    private class Echo implements ConnectionHandler {

        @Override
        public void onMessage(MessageConnection connection, int correlation, Message message) {
            connection.identified();
            onParcel.accept(connection, correlation);
            connection.send(correlation, message);
        }

        @Override
        public void onClosed(MessageConnection connection, @Nullable Throwable cause) {
            closedAtServer.add(cause == null ? "" : String.valueOf(cause.getMessage()));
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = MessageServer.listen(loops, "127.0.0.1", 0, TestMessages.CODEC, settings, c -> new Echo());
    }

    @AfterEach
    void stop() {
        server.close();
        loops.close();
    }

    private MessageClient connect(Inbox owner) throws Exception {
        return MessageClient.connect(loops, server.address(), TestMessages.CODEC, settings, owner)
                .get(60, TimeUnit.SECONDS);
    }

    private static byte[] bytes(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    private void assertServerStillWorks() throws Exception {
        Inbox inbox = new Inbox();
        try (MessageClient client = connect(new Inbox())) {
            client.call(new Parcel(bytes(10)), inbox);
            assertArrayEquals(bytes(10), inbox.next(Parcel.class).content());
        }
    }

    @Test
    void everyCallGetsItsOwnAnswerFromManyThreads() throws Exception {
        int threads = 4;
        int callsEach = 2_000;
        AtomicInteger wrong = new AtomicInteger();
        CountDownLatch answered = new CountDownLatch(threads * callsEach);
        try (MessageClient client = connect(new Inbox())) {
            for (int t = 0; t < threads; t++) {
                int thread = t;
                new Thread(() -> {
                            for (int i = 0; i < callsEach; i++) {
                                byte[] content = new WireWriter()
                                        .writeInt(thread)
                                        .writeInt(i)
                                        .toByteArray();
                                client.call(new Parcel(content), new CallListener() {
                                    @Override
                                    public void onAnswer(Message answer) {
                                        if (!java.util.Arrays.equals(content, ((Parcel) answer).content())) {
                                            wrong.incrementAndGet();
                                        }
                                        answered.countDown();
                                    }

                                    @Override
                                    public void onFailure(CallFailure failure) {
                                        wrong.incrementAndGet();
                                        answered.countDown();
                                    }
                                });
                            }
                        })
                        .start();
            }
            assertTrue(answered.await(60, TimeUnit.SECONDS));
        }
        assertEquals(0, wrong.get());
    }

    @Test
    void largeMessagesTravelOnceIdentified() throws Exception {
        Inbox inbox = new Inbox();
        try (MessageClient client = connect(new Inbox())) {
            client.call(new Parcel(bytes(1)), inbox);
            inbox.next(Parcel.class);
            for (int size : new int[] {1 << 20, 5_000_000, MessageCodec.MAX_FRAME_BYTES - 100}) {
                client.call(new Parcel(bytes(size)), inbox);
                assertArrayEquals(bytes(size), inbox.next(Parcel.class).content());
            }
            assertThrows(
                    org.deuterium.wire.OversizedMessageException.class,
                    () -> client.call(new Parcel(new byte[MessageCodec.MAX_FRAME_BYTES]), inbox));
            client.call(new Parcel(bytes(3)), inbox);
            assertArrayEquals(bytes(3), inbox.next(Parcel.class).content());
        }
    }

    @Test
    void aLargeFrameBeforeTheGreetingIsRefused() throws Exception {
        Inbox owner = new Inbox();
        Inbox inbox = new Inbox();
        try (MessageClient client = connect(owner)) {
            client.call(new Parcel(bytes(MessageCodec.MAX_FIRST_FRAME_BYTES)), inbox);
            Failure refusal = owner.next(Failure.class);
            assertEquals(ErrorCode.PROTOCOL_VIOLATION, refusal.error());
            assertTrue(refusal.message().contains("65"), refusal.message());
            CallFailure failure = inbox.next(CallFailure.class);
            assertTrue(failure.message().contains("accepted here"), failure.message());
            owner.awaitClosed();
        }
        assertServerStillWorks();
    }

    @Test
    void garbageIsAnsweredWithAFailureAndTheServerStaysUp() throws Exception {
        byte[][] garbage = {
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII),
            new byte[100_000],
            bytes(100_000),
            {0, 0, 0, 9, (byte) 199, 0, 0, 0, 7, 1, 2, 3, 4},
            {0, 0, 0, 6, (byte) 200, 0, 0, 0, 7, 99},
            {0, 0, 0, 8, (byte) 200, 0, 0, 0, 7, 1, 1, 1}
        };
        for (byte[] sent : garbage) {
            try (Socket socket =
                    new Socket(server.address().host(), server.address().port())) {
                socket.setSoTimeout(60_000);
                OutputStream out = socket.getOutputStream();
                out.write(sent);
                out.flush();
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                Failure failure =
                        (Failure) TestMessages.CODEC.decode(frame[0], new WireReader(frame, 5, frame.length - 5));
                assertEquals(ErrorCode.PROTOCOL_VIOLATION, failure.error());
                assertEquals(-1, in.read());
            }
            assertServerStillWorks();
        }
    }

    @Test
    void aReaderThatTakesNothingIsNotReadFromAndLosesNothing() throws Exception {
        int count = 400;
        byte[] content = bytes(100_000);
        AtomicInteger handled = new AtomicInteger();
        CountDownLatch outputFull = new CountDownLatch(1);
        onParcel = (connection, correlation) -> {
            handled.incrementAndGet();
            if (handled.get() == 1) {
                connection.handler(new Echo() {
                    @Override
                    public void onWritable(MessageConnection full, boolean writable) {
                        outputFull.countDown();
                    }
                });
            }
        };
        try (Socket socket =
                new Socket(server.address().host(), server.address().port())) {
            Thread writer = new Thread(() -> {
                try {
                    WireWriter frame = new WireWriter();
                    MessageCodec.encodeFrame(new Parcel(bytes(1)), 1, frame);
                    socket.getOutputStream().write(frame.toByteArray());
                    // the greeting must be read before large frames are welcome
                    socket.getInputStream().readNBytes(frame.size());
                    frame.clear();
                    MessageCodec.encodeFrame(new Parcel(content), 1, frame);
                    for (int i = 0; i < count; i++) {
                        socket.getOutputStream().write(frame.array(), 0, frame.size());
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            writer.start();
            assertTrue(outputFull.await(60, TimeUnit.SECONDS));
            assertServerStillWorks();
            assertTrue(handled.get() < count, "the server went on reading although nobody took the answers");
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (int i = 0; i < count; i++) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                Parcel parcel =
                        (Parcel) TestMessages.CODEC.decode(frame[0], new WireReader(frame, 5, frame.length - 5));
                assertArrayEquals(content, parcel.content());
            }
            writer.join();
        }
    }

    @Test
    void callsInFlightFailAsMaybeSentAndLaterOnesAsSurelyNot() throws Exception {
        onParcel = (connection, correlation) -> connection.channel().close();
        Inbox owner = new Inbox();
        Inbox inbox = new Inbox();
        try (MessageClient client = connect(owner)) {
            client.call(new Parcel(bytes(5)), inbox);
            assertFalse(inbox.next(CallFailure.class).surelyNotSent());
            owner.awaitClosed();
            client.call(new Parcel(bytes(5)), inbox);
            assertTrue(inbox.next(CallFailure.class).surelyNotSent());
        }
    }

    @Test
    void aRequestTheSystemTookOnlyInPartWasSurelyNotSent() throws Exception {
        CountDownLatch paused = new CountDownLatch(1);
        MessageConnection[] atServer = new MessageConnection[1];
        onParcel = (connection, correlation) -> {
            connection.pauseReading();
            atServer[0] = connection;
            paused.countDown();
        };
        TransportSettings patient = settings.withKeepAlive(0, 0);
        Inbox inbox = new Inbox();
        try (MessageClient client = MessageClient.connect(
                        loops, server.address(), TestMessages.CODEC, patient, new Inbox())
                .get(60, TimeUnit.SECONDS)) {
            client.call(new Parcel(bytes(5)), inbox);
            inbox.next(Parcel.class);
            paused.await();
            client.call(new Parcel(bytes(60_000_000)), inbox);
            client.call(new Parcel(bytes(5)), inbox);
            atServer[0].channel().close();
            assertTrue(inbox.next(CallFailure.class).surelyNotSent());
            assertTrue(inbox.next(CallFailure.class).surelyNotSent());
        }
    }

    @Test
    void aClosedSocketInTheMiddleOfAFrameEndsOnlyItsConnection() throws Exception {
        try (Socket socket =
                new Socket(server.address().host(), server.address().port())) {
            socket.getOutputStream().write(new byte[] {0, 0, 1, 0, (byte) 200, 0, 0, 0, 1, 5, 5});
        }
        assertEquals("", closedAtServer.poll(60, TimeUnit.SECONDS));
        assertServerStillWorks();
    }

    @Test
    void aFrozenServerIsNoticed() throws Exception {
        Parcel large = new Parcel(bytes(50_000_000));
        try (java.net.ServerSocket frozen = new java.net.ServerSocket(0)) {
            Inbox owner = new Inbox();
            Inbox sent = new Inbox();
            Inbox sentInPart = new Inbox();
            MessageClient client = MessageClient.connect(
                            loops,
                            new org.deuterium.wire.NodeAddress("127.0.0.1", frozen.getLocalPort()),
                            TestMessages.CODEC,
                            settings.withKeepAlive(200, 10),
                            owner)
                    .get(60, TimeUnit.SECONDS);
            client.call(new Parcel(bytes(5)), sent);
            client.call(large, sentInPart);
            assertTrue(owner.awaitClosed().contains("nothing heard"));
            assertTrue(sentInPart.next(CallFailure.class).surelyNotSent());
            assertFalse(sent.next(CallFailure.class).surelyNotSent());
        }
    }

    @Test
    void anIdleConnectionToALivingServerStays() throws Exception {
        Inbox owner = new Inbox();
        Inbox inbox = new Inbox();
        try (MessageClient client = MessageClient.connect(
                        loops, server.address(), TestMessages.CODEC, settings.withKeepAlive(100, 10), owner)
                .get(60, TimeUnit.SECONDS)) {
            client.call(new Parcel(bytes(5)), inbox);
            inbox.next(Parcel.class);
            // three times longer than the silence that would end it
            assertThrows(java.util.concurrent.TimeoutException.class, () -> owner.closed.get(3, TimeUnit.SECONDS));
            client.call(new Parcel(bytes(6)), inbox);
            assertArrayEquals(bytes(6), inbox.next(Parcel.class).content());
        }
    }

    /** As after SIGSTOP, or when the host takes the processor away: everything that was due meanwhile is due at once. */
    @Test
    void whoStoodStillItselfGivesNobodyUp() throws Exception {
        Inbox owner = new Inbox();
        Inbox inbox = new Inbox();
        EventLoops own = new EventLoops("stands-still", 1);
        try (MessageClient client = MessageClient.connect(
                        own, server.address(), TestMessages.CODEC, settings.withKeepAlive(100, 10), owner)
                .get(60, TimeUnit.SECONDS)) {
            client.call(new Parcel(bytes(5)), inbox);
            inbox.next(Parcel.class);
            CountDownLatch goesOn = new CountDownLatch(1);
            own.execute(0, () -> {
                for (long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(2); System.nanoTime() < until; ) {
                    LockSupport.parkNanos(until - System.nanoTime()); // the length of the fault
                }
                goesOn.countDown();
            });
            assertTrue(goesOn.await(60, TimeUnit.SECONDS));
            client.call(new Parcel(bytes(6)), inbox);
            assertArrayEquals(bytes(6), inbox.next(Parcel.class).content());
            assertFalse(owner.closed.isDone(), () -> "closed: " + owner.closed.getNow(""));
        } finally {
            own.close();
        }
    }

    @Test
    void whoNeverGreetsIsSentAway() throws Exception {
        try (MessageServer strict = MessageServer.listen(
                        loops,
                        "127.0.0.1",
                        0,
                        TestMessages.CODEC,
                        settings.withHandshakeTimeout(100),
                        c -> new Echo());
                Socket socket = new Socket("127.0.0.1", strict.address().port())) {
            socket.setSoTimeout(60_000);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            assertEquals(-1, in.read());
        }
    }

    @Test
    void aHandlerThatFailsAnswersAndCloses() throws Exception {
        onParcel = (connection, correlation) -> {
            throw new IllegalStateException("a bug");
        };
        Inbox owner = new Inbox();
        Inbox inbox = new Inbox();
        try (MessageClient client = connect(owner)) {
            client.call(new Parcel(bytes(5)), inbox);
            assertEquals(ErrorCode.INTERNAL_ERROR, inbox.next(Failure.class).error());
            owner.awaitClosed();
        }
        onParcel = (connection, correlation) -> {};
        assertServerStillWorks();
    }

    @Test
    void callsFromTheLoopOfAConnectionStayOnIt() throws Exception {
        MessageClient client = MessageClient.connect(
                        loops, 1, server.address(), TestMessages.CODEC, settings, new Inbox())
                .get(60, TimeUnit.SECONDS);
        BlockingQueue<Integer> seenOn = new LinkedBlockingQueue<>();
        loops.execute(
                1,
                () -> client.call(new Parcel(bytes(5)), new CallListener() {
                    @Override
                    public void onAnswer(Message answer) {
                        seenOn.add(loops.current());
                    }

                    @Override
                    public void onFailure(CallFailure failure) {
                        seenOn.add(-2);
                    }
                }));
        assertEquals(1, seenOn.poll(60, TimeUnit.SECONDS));
        assertEquals(-1, loops.current());
    }

    @Test
    void aTakenPortIsSaid() {
        IOException e = assertThrows(
                IOException.class,
                () -> MessageServer.listen(
                        loops, "127.0.0.1", server.address().port(), TestMessages.CODEC, settings, c -> new Echo()));
        assertTrue(
                e.getMessage()
                        .contains(
                                "cannot listen on 127.0.0.1:" + server.address().port()),
                e.getMessage());
    }

    @Test
    void nobodyListeningIsSaid() {
        int port = server.address().port();
        server.close();
        java.util.concurrent.ExecutionException e =
                assertThrows(java.util.concurrent.ExecutionException.class, () -> MessageClient.connect(
                                loops,
                                new org.deuterium.wire.NodeAddress("127.0.0.1", port),
                                TestMessages.CODEC,
                                settings,
                                new Inbox())
                        .get(60, TimeUnit.SECONDS));
        assertTrue(e.getCause().getMessage().contains("cannot connect to 127.0.0.1:" + port));
    }
}
