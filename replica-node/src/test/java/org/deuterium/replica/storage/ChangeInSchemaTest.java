package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

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
