package org.deuterium.jdbc;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.SQLException;

/** A geometry's bytes (EWKB) as text (EWKT), as H2 shows it: {@code SRID=4326;POINT Z (1 2 3)}. */
final class GeometryText {

    private static final int HAS_Z = 0x8000_0000;
    private static final int HAS_M = 0x4000_0000;
    private static final int HAS_SRID = 0x2000_0000;

    private static final String[] NAMES = {
        "", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"
    };

    private final ByteBuffer bytes;
    private final StringBuilder text = new StringBuilder();
    private int dimensions;

    private GeometryText(byte[] ewkb) {
        bytes = ByteBuffer.wrap(ewkb);
    }

    static String of(byte[] ewkb) throws SQLException {
        try {
            GeometryText geometry = new GeometryText(ewkb);
            geometry.appendGeometry(true);
            return geometry.text.toString();
        } catch (BufferUnderflowException | ArrayIndexOutOfBoundsException e) {
            throw SqlExceptions.conversion("GEOMETRY of " + ewkb.length + " bytes", "text", e);
        }
    }

    private void appendGeometry(boolean named) {
        bytes.order(bytes.get() == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        int header = bytes.getInt();
        int type = header & 0xff;
        if ((header & HAS_SRID) != 0) {
            int srid = bytes.getInt();
            text.append(text.length() == 0 && srid != 0 ? "SRID=" + srid + ";" : "");
        }
        boolean z = (header & HAS_Z) != 0;
        boolean m = (header & HAS_M) != 0;
        dimensions = 2 + (z ? 1 : 0) + (m ? 1 : 0);
        if (named) {
            text.append(NAMES[type])
                    .append(z && m ? " ZM" : z ? " Z" : m ? " M" : "")
                    .append(' ');
        }
        switch (type) {
            case 1 -> appendPoint();
            case 2 -> appendPoints();
            case 3 -> appendList(this::appendPoints);
            case 4, 5, 6 -> appendList(() -> appendGeometry(false));
            default -> appendList(() -> appendGeometry(true));
        }
    }

    private void appendPoint() {
        int start = text.length();
        text.append('(');
        boolean empty = appendCoordinates();
        if (empty) {
            text.setLength(start);
            text.append("EMPTY");
        } else {
            text.append(')');
        }
    }

    private void appendPoints() {
        appendList(this::appendCoordinates);
    }

    private void appendList(Runnable item) {
        int count = bytes.getInt();
        if (count == 0) {
            text.append("EMPTY");
            return;
        }
        text.append('(');
        for (int i = 0; i < count; i++) {
            text.append(i > 0 ? ", " : "");
            item.run();
        }
        text.append(')');
    }

    /** True if the coordinates are all NaN, which stands for an empty point. */
    private boolean appendCoordinates() {
        boolean empty = true;
        for (int i = 0; i < dimensions; i++) {
            double value = bytes.getDouble();
            empty &= Double.isNaN(value);
            String number = Double.toString(value);
            text.append(i > 0 ? " " : "")
                    .append(number.endsWith(".0") ? number.substring(0, number.length() - 2) : number);
        }
        return empty;
    }
}
