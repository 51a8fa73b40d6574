/** Tests of the driver: what java.sql promises, run alike on H2 and over this driver, and what only this driver does. */
package org.deuterium.jdbc;
