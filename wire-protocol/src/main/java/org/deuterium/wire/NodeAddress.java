package org.deuterium.wire;

/** Where a node listens: a host name or IP address, and a port. */
public record NodeAddress(String host, int port) {

    public NodeAddress {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("an address without a host; write host:port");
        }
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("port " + port + " of host " + host + " is not between 0 and 65535");
        }
    }

    /**
     * Reads {@code host:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException if the text is neither
     */
    public static NodeAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("address '" + text + "' is not host:port");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            return new NodeAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("address '" + text + "' is not host:port", e);
        }
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
