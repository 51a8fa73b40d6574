package org.deuterium.replica.service;

import java.util.List;
import org.deuterium.replica.host.SchemaChangePayload;

/** The cluster's schema log, as far as this process knows it; reading never blocks. */
public interface SchemaSource {

    /** The last version decided; 0 before the first. */
    long decidedVersion();

    /** The changes decided after this version, in order. */
    List<SchemaChangePayload> changesAfter(long version);

    /** True if a change to this version is proposed and neither decided nor dropped. */
    boolean isProposed(long version);
}
