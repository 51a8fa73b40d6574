<#-- Deuterium's own statements, and H2's forms of INSERT, MERGE, UPDATE and DELETE that Calcite's grammar lacks. -->

/** SHOW PARTITIONS [FROM t] | SHOW REPLICAS [FROM t] | SHOW NODES. */
SqlNode ShowCluster() :
{
    final Span s;
    final String subject;
    SqlIdentifier table = null;
}
{
    <SHOW> { s = span(); }
    (
        <PARTITIONS> { subject = "PARTITIONS"; }
        [ <FROM> table = CompoundTableIdentifier() ]
    |
        <REPLICAS> { subject = "REPLICAS"; }
        [ <FROM> table = CompoundTableIdentifier() ]
    |
        <NODES> { subject = "NODES"; }
    )
    {
        return StatementOperators.SHOW.createCall(s.end(this),
            SqlLiteral.createCharString(subject, getPos()), table);
    }
}

/**
 * What stands behind the column list of CREATE TABLE: REPLICATED, or PARTITION BY with its settings in any order.
 */
SqlNode PartitionClause() :
{
    final Span s;
    final String method;
    SqlNodeList columns = SqlNodeList.EMPTY;
    final SqlNodeList settings = new SqlNodeList(SqlParserPos.ZERO);
}
{
    (
        <REPLICATED> { s = span(); method = "REPLICATED"; }
    |
        <PARTITION> { s = span(); } <BY>
        ( <HASH> { method = "HASH"; } | <RANGE> { method = "RANGE"; } )
        columns = ParenthesizedSimpleIdentifierList()
        [ RangeBounds() ]
    )
    ( PartitionSetting(settings) )*
    {
        return StatementOperators.PARTITION_CLAUSE.createCall(s.end(this),
            SqlLiteral.createCharString(method, getPos()), columns, settings);
    }
}

/** The partitions of PARTITION BY RANGE; read so that the refusal can name the whole clause. */
void RangeBounds() :
{
}
{
    <LPAREN> RangeBound() ( <COMMA> RangeBound() )* <RPAREN>
}

void RangeBound() :
{
}
{
    <PARTITION> SimpleIdentifier() <VALUES> SimpleIdentifier() SimpleIdentifier()
    <LPAREN> Expression(ExprContext.ACCEPT_NON_QUERY)
    ( <COMMA> Expression(ExprContext.ACCEPT_NON_QUERY) )* <RPAREN>
}

/** PARTITIONS n | REPLICAS n | COLOCATE WITH t | ACK rule | LOG kind; adds the name and the value. */
void PartitionSetting(List<SqlNode> settings) :
{
    SqlNode value;
}
{
    <PARTITIONS> value = UnsignedNumericLiteral() { addSetting(settings, "PARTITIONS", value); }
|
    <REPLICAS> value = UnsignedNumericLiteral() { addSetting(settings, "REPLICAS", value); }
|
    <COLOCATE> <WITH> value = CompoundTableIdentifier() { addSetting(settings, "COLOCATE", value); }
|
    <ACK> value = AckRule() { addSetting(settings, "ACK", value); }
|
    <LOG> value = LogKind() { addSetting(settings, "LOG", value); }
}

/**
 * ASYNC | SEMI_SYNC k | QUORUM | SYNC [MIN_IN_SYNC n] | CHAIN [MIN_IN_SYNC n], as one text. Other words and numbers are
 * read as well, so that the refusal can name them.
 */
SqlNode AckRule() :
{
    final Span s;
    SqlNode word;
    SqlNode number = null;
    SqlNode least = null;
}
{
    ( <ALL> { word = new SqlIdentifier("ALL", getPos()); } | word = UnsignedNumericLiteral() | word = SimpleIdentifier() )
    { s = Span.of(word); }
    [ number = UnsignedNumericLiteral() ]
    [ <MIN_IN_SYNC> least = UnsignedNumericLiteral() ]
    {
        return SqlLiteral.createCharString(
            word + (number == null ? "" : " " + number) + (least == null ? "" : " MIN_IN_SYNC " + least), s.end(this));
    }
}

/** ROW | STATEMENT | MIXED; other words are read as well, so that the refusal can name them. */
SqlNode LogKind() :
{
    final SqlNode kind;
}
{
    ( <ROW> { kind = new SqlIdentifier("ROW", getPos()); } | kind = SimpleIdentifier() )
    { return kind; }
}

/** What concerns the cluster, not the schema: the leader of a partition, the rules of a table's set of partitions. */
SqlNode AlterCluster() :
{
    final Span s;
    final SqlNode target;
    final SqlNode value;
    final String setting;
}
{
    <ALTER> { s = span(); }
    (
        <PARTITION> target = UnsignedNumericLiteral() <TRANSFER> <LEADER> <TO>
        ( value = SimpleIdentifier() | value = StringLiteral() )
        { return StatementOperators.TRANSFER_LEADER.createCall(s.end(this), target, value); }
    |
        <TABLE> target = CompoundTableIdentifier() <SET>
        ( <ACK> value = AckRule() { setting = "ACK"; } | <LOG> value = LogKind() { setting = "LOG"; } )
        {
            return StatementOperators.SET_OF_PARTITIONS.createCall(s.end(this), target,
                SqlLiteral.createCharString(setting, getPos()), value);
        }
    )
}

JAVACODE void addSetting(List<SqlNode> settings, String name, SqlNode value) {
    settings.add(SqlLiteral.createCharString(name, value.getParserPosition()));
    settings.add(value);
}

/** SELECT and VALUES, with FOR UPDATE behind. */
SqlNode LockingQuery() :
{
    final Span s;
    SqlNode query;
    SqlNode wait = null;
}
{
    query = OrderedQueryOrExpr(ExprContext.ACCEPT_QUERY) { s = Span.of(query); }
    [
        <FOR> <UPDATE>
        [
            <NOWAIT> { wait = SqlLiteral.createCharString("NOWAIT", getPos()); }
        |
            <SKIP_> <LOCKED> { wait = SqlLiteral.createCharString("SKIP LOCKED", getPos()); }
        |
            <WAIT> wait = UnsignedNumericLiteral()
        ]
        { query = StatementOperators.FOR_UPDATE.createCall(s.end(this), query, wait); }
    ]
    { return query; }
}

/** INSERT INTO t [(columns)] { query | DEFAULT VALUES | SET c = e, ... }. */
SqlNode InsertRows() :
{
    final Span s;
    final SqlIdentifier table;
    SqlNodeList columns = null;
    final SqlNode source;
    final SqlNodeList values = new SqlNodeList(SqlParserPos.ZERO);
}
{
    <INSERT> { s = span(); } <INTO> table = CompoundTableIdentifier()
    (
        LOOKAHEAD(3)
        columns = ParenthesizedSimpleIdentifierList()
        [ <OVERRIDING> ( <USER> | <SYSTEM> ) <VALUE> ]
        source = OrderedQueryOrExpr(ExprContext.ACCEPT_QUERY)
    |
        <DEFAULT_> <VALUES> {
            columns = SqlNodeList.EMPTY;
            source = SqlStdOperatorTable.VALUES.createCall(getPos(), SqlStdOperatorTable.ROW.createCall(getPos()));
        }
    |
        <SET> { columns = new SqlNodeList(getPos()); }
        Assignment(columns, values)
        ( <COMMA> Assignment(columns, values) )*
        { source = SqlStdOperatorTable.VALUES.createCall(getPos(), SqlStdOperatorTable.ROW.createCall(values)); }
    |
        [ <OVERRIDING> ( <USER> | <SYSTEM> ) <VALUE> ]
        source = OrderedQueryOrExpr(ExprContext.ACCEPT_QUERY)
    )
    { return new SqlInsert(s.end(this), SqlNodeList.EMPTY, table, source, columns); }
}

/** c = e | c = DEFAULT | (c, ...) = row or query. A row is taken apart; a query counts for each of its columns. */
void Assignment(List<SqlNode> columns, List<SqlNode> values) :
{
    SqlNode column;
    SqlNode value;
    SqlNodeList several;
}
{
    column = CompoundIdentifier() <EQ>
    (
        <DEFAULT_> { value = SqlStdOperatorTable.DEFAULT.createCall(getPos()); }
    |
        value = Expression(ExprContext.ACCEPT_SUB_QUERY)
    )
    { columns.add(column); values.add(value); }
|
    several = ParenthesizedSimpleIdentifierList() <EQ> value = Expression(ExprContext.ACCEPT_SUB_QUERY)
    { assignSeveral(several, value, columns, values); }
}

JAVACODE void assignSeveral(SqlNodeList several, SqlNode value, List<SqlNode> columns, List<SqlNode> values) {
    boolean row = value.getKind() == SqlKind.ROW && ((SqlCall) value).operandCount() == several.size();
    for (int i = 0; i < several.size(); i++) {
        columns.add(several.get(i));
        values.add(row ? ((SqlCall) value).operand(i) : value);
    }
}

/** UPDATE t [[AS] a] SET ... [WHERE ...]. */
SqlNode UpdateRows() :
{
    final Span s;
    final SqlIdentifier table;
    SqlIdentifier alias = null;
    final SqlNodeList columns = new SqlNodeList(SqlParserPos.ZERO);
    final SqlNodeList values = new SqlNodeList(SqlParserPos.ZERO);
    SqlNode where = null;
}
{
    <UPDATE> { s = span(); } table = CompoundTableIdentifier()
    [ [ <AS> ] alias = SimpleIdentifier() ]
    <SET> Assignment(columns, values) ( <COMMA> Assignment(columns, values) )*
    [ where = Where() ]
    [ RowCountOfChange() ]
    { return new SqlUpdate(s.end(this), table, columns, values, where, null, alias); }
}

/** DELETE [FROM] t [[AS] a] [WHERE ...]. */
SqlNode DeleteRows() :
{
    final Span s;
    final SqlIdentifier table;
    SqlIdentifier alias = null;
    SqlNode where = null;
}
{
    <DELETE> { s = span(); } [ <FROM> ] table = CompoundTableIdentifier()
    [ [ <AS> ] alias = SimpleIdentifier() ]
    [ where = Where() ]
    [ RowCountOfChange() ]
    { return new SqlDelete(s.end(this), table, where, null, alias); }
}

/** LIMIT or FETCH FIRST of UPDATE and DELETE: each partition's H2 counts for itself, and only one is ever asked. */
void RowCountOfChange() :
{
}
{
    <LIMIT> Expression(ExprContext.ACCEPT_NON_QUERY)
|
    <FETCH> ( <FIRST> | <NEXT> ) [ UnsignedNumericLiteralOrParam() ] ( <ROW> | <ROWS> ) <ONLY>
}

/**
 * MERGE INTO t [(columns)] [KEY (columns)] query, H2's own; and MERGE INTO t [[AS] a] USING s ON c WHEN ..., the
 * standard's.
 */
SqlNode MergeRows() :
{
    final Span s;
    final SqlIdentifier table;
    SqlIdentifier alias = null;
    SqlNodeList columns = null;
    SqlNodeList keys = null;
    final SqlNode source;
    final SqlNode condition;
    final SqlNodeList clauses = new SqlNodeList(SqlParserPos.ZERO);
}
{
    <MERGE> { s = span(); } <INTO> table = CompoundTableIdentifier()
    (
        LOOKAHEAD( [ [ <AS> ] SimpleIdentifier() ] <USING> )
        [ [ <AS> ] alias = SimpleIdentifier() ]
        <USING> source = TableRef()
        <ON> condition = Expression(ExprContext.ACCEPT_SUB_QUERY)
        ( MergeClause(clauses) )+
        {
            return StatementOperators.MERGE_USING.createCall(s.end(this), table, alias, source, condition, clauses);
        }
    |
        [ LOOKAHEAD(3) columns = ParenthesizedSimpleIdentifierList() ]
        [ <KEY> keys = ParenthesizedSimpleIdentifierList() ]
        source = OrderedQueryOrExpr(ExprContext.ACCEPT_QUERY)
        { return StatementOperators.MERGE_KEY.createCall(s.end(this), table, columns, keys, source); }
    )
}

/** WHEN [NOT] MATCHED [AND c] THEN UPDATE, DELETE or INSERT. */
void MergeClause(List<SqlNode> clauses) :
{
    final Span s;
    SqlNode condition = null;
    SqlNodeList columns = null;
    SqlNode row;
    final SqlNodeList targets = new SqlNodeList(SqlParserPos.ZERO);
    final SqlNodeList values = new SqlNodeList(SqlParserPos.ZERO);
}
{
    <WHEN> { s = span(); }
    (
        <MATCHED> [ <AND> condition = Expression(ExprContext.ACCEPT_SUB_QUERY) ] <THEN>
        (
            <UPDATE> <SET> Assignment(targets, values) ( <COMMA> Assignment(targets, values) )*
            { clauses.add(StatementOperators.WHEN_UPDATE.createCall(s.end(this), condition, targets, values)); }
        |
            <DELETE>
            { clauses.add(StatementOperators.WHEN_DELETE.createCall(s.end(this), condition)); }
        )
    |
        <NOT> <MATCHED> [ <AND> condition = Expression(ExprContext.ACCEPT_SUB_QUERY) ] <THEN>
        <INSERT> [ columns = ParenthesizedSimpleIdentifierList() ]
        [ <OVERRIDING> ( <USER> | <SYSTEM> ) <VALUE> ]
        <VALUES> row = RowConstructor()
        { clauses.add(StatementOperators.WHEN_INSERT.createCall(s.end(this), condition, columns, row)); }
    )
}
