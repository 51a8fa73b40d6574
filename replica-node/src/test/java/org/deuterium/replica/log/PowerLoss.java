package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Files as a page cache shows them, and what of them the disk really holds: a process that dies loses nothing, the power
 * takes what was not fsynced. After an fsync that failed, the pages count as clean without being on the disk, as on Linux.
 */
final class PowerLoss implements LogSegment.ChannelOpener {

    private final Map<Path, Disk> disks = new HashMap<>();
    private boolean fsyncFails;

    /** What of one file is on the disk, and which bytes the next fsync brings there. */
    private static final class Disk {
        byte[] durable;
        final BitSet dirty = new BitSet();

        Disk(byte[] durable) {
            this.durable = durable;
        }
    }

    @Override
    public FileChannel open(Path file) throws IOException {
        Disk disk = disks.get(file);
        if (disk == null) {
            disk = new Disk(Files.readAllBytes(file)); // a segment is made durable before it gets its name
            disks.put(file, disk);
        }
        return new CachedChannel(FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE), disk, this);
    }

    void nextFsyncFails() {
        fsyncFails = true;
    }

    /** No process has the files open. */
    void strike() throws IOException {
        for (Map.Entry<Path, Disk> one : disks.entrySet()) {
            Files.write(one.getKey(), one.getValue().durable);
            one.getValue().dirty.clear();
        }
    }

    /** Positioned reads and writes, and fsync: what a log uses. */
    private static final class CachedChannel extends FileChannel {

        private final FileChannel cache;
        private final Disk disk;
        private final PowerLoss power;

        CachedChannel(FileChannel cache, Disk disk, PowerLoss power) {
            this.cache = cache;
            this.disk = disk;
            this.power = power;
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            int written = cache.write(source, position);
            disk.dirty.set((int) position, (int) position + written);
            return written;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            if (power.fsyncFails) {
                power.fsyncFails = false;
                disk.dirty.clear();
                throw new IOException("Input/output error");
            }
            byte[] now = new byte[(int) cache.size()];
            ByteBuffer all = ByteBuffer.wrap(now);
            while (all.hasRemaining() && cache.read(all, all.position()) > 0) {}
            disk.durable = Arrays.copyOf(disk.durable, now.length);
            disk.dirty.stream().forEach(at -> disk.durable[at] = now[at]);
            disk.dirty.clear();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return cache.read(target, position);
        }

        @Override
        public long size() throws IOException {
            return cache.size();
        }

        @Override
        protected void implCloseChannel() throws IOException {
            cache.close();
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long newPosition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
