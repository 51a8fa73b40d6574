package org.deuterium.benchmarks.tpcc;

/**
 * How much data a run has. Clause 1.2 fixes all but the warehouses; smaller numbers make a short demonstration and
 * are no TPC-C any more.
 *
 * @param customers customers of a district, and as many initial orders; 3000 in TPC-C
 * @param items rows of ITEM, and of STOCK for each warehouse; 100 000 in TPC-C
 */
public record TpccScale(int warehouses, int customers, int items) {

    public static final int DISTRICTS = 10;
    public static final int STANDARD_CUSTOMERS = 3000;
    public static final int STANDARD_ITEMS = 100_000;

    public TpccScale {
        if (warehouses < 1 || customers < 10 || items < 100) {
            throw new IllegalArgumentException(
                    "a load needs at least 1 warehouse, 10 customers a district and 100 items; asked for " + warehouses
                            + ", " + customers + " and " + items);
        }
    }

    /** The first of the orders not yet delivered when the load begins: the last 30 % (900 of 3000). */
    public int firstUndelivered() {
        return customers - customers * 3 / 10 + 1;
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
