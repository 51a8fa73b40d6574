package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.deuterium.jdbc.ClusterUrl.Host;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The JDBC URL and its properties. */
class ClusterUrlTest {

    @Test
    void hostsDatabaseAndBothFormsOfProperties() throws SQLException {
        ClusterUrl url = ClusterUrl.parse(
                "jdbc:deuterium://one:1,two,[::1]:3/shop?user=ann&password=a%26b;FETCHSIZE=9;schema=X", null);
        assertEquals(List.of(new Host("one", 1), new Host("two", 7077), new Host("::1", 3)), url.hosts());
        assertEquals("shop", url.database());
        assertEquals("ann", url.user());
        assertEquals("a&b", url.password());
        assertEquals("9", url.properties().getProperty("fetchSize"));
        assertEquals("X", url.sessionProperties().get("schema"));
    }

    @Test
    void theUrlCountsMoreThanTheProperties() throws SQLException {
        Properties given = new Properties();
        given.setProperty("user", "ann");
        given.setProperty("password", "secret");
        ClusterUrl url = ClusterUrl.parse("jdbc:deuterium://h/db?user=bob", given);
        assertEquals("bob", url.user());
        assertEquals("secret", url.password());
        assertEquals("SA", ClusterUrl.parse("jdbc:deuterium://h/db", null).user());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jdbc:deuterium:h/db | '//'",
                "jdbc:deuterium://h | name of the database",
                "jdbc:deuterium://h/ | name of the database",
                "jdbc:deuterium://h:x/db | 'h:x' is not host:port",
                "jdbc:deuterium://h:70000/db | not host:port",
                "jdbc:deuterium://h:1,/db | '' is not host:port",
                "jdbc:deuterium://h/db?user | 'user' is not name=value",
                "jdbc:deuterium://h/db?user=%zz | hexadecimal",
            })
    void aMalformedUrlSaysWhatIsWrongAndShowsAnExample(String url, String part) {
        SQLException failure = assertThrows(SQLException.class, () -> ClusterUrl.parse(url, null));
        assertEquals(90046, failure.getErrorCode());
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
        assertTrue(failure.getMessage().contains("jdbc:deuterium://host1:7077,host2:7077/db"), failure.getMessage());
    }

    @Test
    void anUnknownPropertyIsRefusedWithTheKnownOnes() {
        SQLException failure = assertThrows(
                SQLException.class,
                () -> DriverManager.getConnection("jdbc:deuterium://h/db?fetchsice=3&password=xyzzy"));
        assertEquals(90113, failure.getErrorCode());
        assertTrue(failure.getMessage().contains("\"fetchsice\""), failure.getMessage());
        assertTrue(failure.getMessage().contains("fetchSize"), failure.getMessage());
        assertFalse(failure.getMessage().contains("xyzzy"), "no password in a message");
    }

    @Test
    void aPropertyThatIsNoNumberIsRefused() {
        SQLException failure = assertThrows(
                SQLException.class, () -> DriverManager.getConnection("jdbc:deuterium://h/db?connectTimeout=soon"));
        assertTrue(failure.getMessage().contains("connectTimeout=soon"), failure.getMessage());
    }

    @Test
    void theDriverTakesOnlyItsOwnUrlsAndTellsItsProperties() throws SQLException {
        Driver driver = new Driver();
        assertTrue(driver.acceptsURL("jdbc:deuterium://h/db"));
        assertFalse(driver.acceptsURL("jdbc:h2:mem:x"));
        assertNull(driver.connect("jdbc:h2:mem:x", new Properties()));
        DriverPropertyInfo[] infos = driver.getPropertyInfo("jdbc:deuterium://h/db?fetchSize=12", null);
        assertEquals(
                "12",
                Arrays.stream(infos)
                        .filter(info -> info.name.equals("fetchSize"))
                        .findFirst()
                        .orElseThrow()
                        .value);
        assertEquals(ConnectionProperty.values().length, infos.length);
    }
}
