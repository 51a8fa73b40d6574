package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The schema in which the names of a replicated schema change are meant. */
class ChangeInSchemaTest {

    @Test
    void namesAreMeantInPublicUnlessSaid() {
        assertEquals(new ChangeInSchema("PUBLIC", "drop table t"), ChangeInSchema.of("drop table t"));
        assertEquals(new ChangeInSchema("S", "drop table t"), ChangeInSchema.of("SET SCHEMA \"S\"; drop table t"));
        assertEquals(
                new ChangeInSchema("a \"b\"", "create table t (c varchar default '\"; ')"),
                ChangeInSchema.of("SET SCHEMA \"a \"\"b\"\"\"; create table t (c varchar default '\"; ')"));
    }
}
