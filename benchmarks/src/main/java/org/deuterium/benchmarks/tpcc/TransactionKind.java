package org.deuterium.benchmarks.tpcc;

/** The five transactions and their share of the mix in percent (clause 5.2.3, with the minimum for all but the first). */
public enum TransactionKind {
    NEW_ORDER("New-Order", 45, true),
    PAYMENT("Payment", 43, true),
    ORDER_STATUS("Order-Status", 4, false),
    DELIVERY("Delivery", 4, true),
    STOCK_LEVEL("Stock-Level", 4, false);

    private final String label;
    private final int share;
    private final boolean writes;

    TransactionKind(String label, int share, boolean writes) {
        this.label = label;
        this.share = share;
        this.writes = writes;
    }

    public String label() {
        return label;
    }

    public boolean writes() {
        return writes;
    }

    static TransactionKind drawn(TpccRandom random) {
        int drawn = random.uniform(1, 100);
        for (TransactionKind kind : values()) {
            drawn -= kind.share;
            if (drawn <= 0) {
                return kind;
            }
        }
        throw new IllegalStateException("the shares of the mix do not add up to 100");
    }

    TpccTransaction create(TpccRandom random, TpccScale scale, int warehouse) {
        return switch (this) {
            case NEW_ORDER -> new NewOrder(random, scale, warehouse);
            case PAYMENT -> new Payment(random, scale, warehouse);
            case ORDER_STATUS -> new OrderStatus(random, scale, warehouse);
            case DELIVERY -> new Delivery(random, warehouse);
            case STOCK_LEVEL -> new StockLevel(random, warehouse);
        };
    }
}
