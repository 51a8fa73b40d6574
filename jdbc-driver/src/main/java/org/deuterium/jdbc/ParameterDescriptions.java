package org.deuterium.jdbc;

import java.sql.ParameterMetaData;
import java.sql.SQLException;
import java.util.List;
import org.deuterium.wire.statement.ColumnDescription;
import org.jspecify.annotations.Nullable;

/** The parameters of a prepared statement, as the server described them. */
final class ParameterDescriptions implements ParameterMetaData {

    private final List<ColumnDescription> parameters;

    ParameterDescriptions(List<ColumnDescription> parameters) {
        this.parameters = parameters;
    }

    private ColumnDescription at(int parameter) throws SQLException {
        if (parameter < 1 || parameter > parameters.size()) {
            throw SqlExceptions.invalidValue("param", parameter);
        }
        return parameters.get(parameter - 1);
    }

    @Override
    public int getParameterCount() {
        return parameters.size();
    }

    @Override
    public int getParameterType(int parameter) throws SQLException {
        return at(parameter).sqlType();
    }

    @Override
    public String getParameterTypeName(int parameter) throws SQLException {
        return at(parameter).typeName();
    }

    @Override
    public String getParameterClassName(int parameter) throws SQLException {
        return at(parameter).className();
    }

    @Override
    public int getPrecision(int parameter) throws SQLException {
        return (int) Math.min(at(parameter).precision(), Integer.MAX_VALUE);
    }

    @Override
    public int getScale(int parameter) throws SQLException {
        return at(parameter).scale();
    }

    @Override
    public int isNullable(int parameter) throws SQLException {
        return at(parameter).nullable();
    }

    @Override
    public boolean isSigned(int parameter) throws SQLException {
        at(parameter);
        return true;
    }

    @Override
    public int getParameterMode(int parameter) throws SQLException {
        at(parameter);
        return parameterModeIn;
    }

    @Override
    public <T> T unwrap(Class<T> wanted) throws SQLException {
        return Wrappers.unwrap(this, wanted);
    }

    @Override
    public boolean isWrapperFor(@Nullable Class<?> wanted) {
        return wanted != null && wanted.isInstance(this);
    }
}
