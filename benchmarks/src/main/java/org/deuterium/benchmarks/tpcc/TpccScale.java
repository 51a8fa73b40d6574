package org.deuterium.benchmarks.tpcc;

/**
 * How much data a run has. Clause 1.2 fixes all but the warehouses; smaller numbers make a short demonstration and
 * are no TPC-C any more.
 *
 * @param customers customers of a district, and as many initial orders; 3000 in TPC-C
 * @param items rows of ITEM, and of STOCK for each warehouse; 100 000 in TPC-C
 * @param remote of 100 order lines so many are supplied by another warehouse, and 15 times as many of 100 payments are made
 *     by another one's customers; 1 in TPC-C (clauses 2.4.1.5 and 2.5.1.2), 0 for none
 */
public record TpccScale(int warehouses, int customers, int items, int remote) {

    public static final int DISTRICTS = 10;
    public static final int STANDARD_CUSTOMERS = 3000;
    public static final int STANDARD_ITEMS = 100_000;
    public static final int STANDARD_REMOTE = 1;
    private static final int REMOTE_PAYMENTS = 15;

    /** With TPC-C's share of remote warehouses. */
    public TpccScale(int warehouses, int customers, int items) {
        this(warehouses, customers, items, STANDARD_REMOTE);
    }

    public TpccScale {
        if (warehouses < 1 || customers < 10 || items < 100) {
            throw new IllegalArgumentException(
                    "a load needs at least 1 warehouse, 10 customers a district and 100 items; asked for " + warehouses
                            + ", " + customers + " and " + items);
        }
        if (remote < 0 || remote > 100) {
            throw new IllegalArgumentException("of 100 order lines 0 to 100 can be remote, not " + remote);
        }
    }

    /** The first of the orders not yet delivered when the load begins: the last 30 % (900 of 3000). */
    public int firstUndelivered() {
        return customers - customers * 3 / 10 + 1;
    }

    /** Of 100 payments so many are made by customers of another warehouse. */
    int remotePayments() {
        return Math.min(100, REMOTE_PAYMENTS * remote);
    }

    /** Last names are numbered 0 to 999, and every one exists in a district only if it has 1000 customers. */
    public int lastNames() {
        return Math.min(1000, customers);
    }

    public boolean isStandard() {
        return customers == STANDARD_CUSTOMERS && items == STANDARD_ITEMS;
    }

    /** Rows to load, for the progress line; order lines are counted with their mean of ten an order. */
    public long expectedRows() {
        long districtRows = 1 + 13L * customers + (customers - firstUndelivered() + 1);
        return items + warehouses * (1L + items + DISTRICTS * districtRows);
    }
}
