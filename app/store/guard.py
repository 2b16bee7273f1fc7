"""Does a statement name its clinic? Checked once a statement, before it first runs.

A statement passes when every clinic table it touches is tied to the bind `CLINIC`, which only the transaction fills: by
an equality that no OR can weaken, or as the value of an insert. Raw text never passes. This is the second of the three
guards of docs/decisions/0003-keys.md.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import BindParameter, Column, Table, bindparam
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, ClauseElement, Grouping, TextClause
from sqlalchemy.sql.selectable import Alias, CompoundSelect, FromClause, Join, Select, SelectBase, Subquery

CLINIC_COLUMN = "clinic_id"
CLINIC_BIND = "of_clinic"
CLINIC: BindParameter[UUID] = bindparam(CLINIC_BIND)
"""The bind that ties a table to the clinic of the transaction. Named as no column is: an UPDATE would set it."""


class UnguardedStatement(AssertionError):
    """A statement that could touch another clinic's rows. It is a defect in the store, never an answer to a client."""


def check(statement: ClauseElement) -> None:
    """Raise UnguardedStatement unless every clinic table in the statement is tied to the clinic of the transaction."""
    for element in visitors.iterate(statement):
        if isinstance(element, TextClause):
            raise UnguardedStatement(f"raw text is not allowed, build the statement from tables: {element.text!r}")
    if isinstance(statement, Insert):
        _check_insert(statement)
    elif isinstance(statement, Update | Delete):
        if isinstance(statement, Update) and CLINIC_COLUMN in _names_set(statement):
            raise UnguardedStatement("no row moves to another clinic: clinic_id cannot be set")
        tied = _tied(statement.whereclause)
        _require(statement.table, tied, statement)
        _check_nested(statement, tied)
    elif isinstance(statement, SelectBase):
        _check_select(statement, frozenset())
    else:
        raise UnguardedStatement(f"only select, insert, update and delete are allowed: {statement}")


def _check_insert(statement: Insert) -> None:
    table = statement.table
    if _belongs_to_a_clinic(table):
        value = {getattr(c, "name", c): v for c, v in (statement._values or {}).items()}.get(CLINIC_COLUMN)  # noqa: SLF001 - SQLAlchemy has no public reader
        if not _is_clinic_bind(value):
            raise UnguardedStatement(f"insert into {table} without clinic_id=CLINIC")
    _check_nested(statement, frozenset())


def _check_select(select: ClauseElement, outer: frozenset[FromClause]) -> None:
    """`outer` are the tables that an enclosing select has tied already and that this one may be correlated with."""
    if isinstance(select, CompoundSelect):
        for part in select.selects:
            _check_select(part, outer)
        return
    if not isinstance(select, Select):
        return
    leaves: list[FromClause] = []
    conditions = [select.whereclause]
    tied = set(outer | _tied(select.whereclause))
    for from_ in select.get_final_froms():
        for leaf, join in _leaves(from_):
            leaves.append(leaf)
            if join is not None:
                conditions.append(join.onclause)
                # The condition of an outer join filters its right side only.
                tied |= _tied(join.onclause) & {leaf} if join.isouter else _tied(join.onclause)
    for leaf in leaves:
        if isinstance(leaf, Subquery) or (not isinstance(leaf, Table | Alias) and hasattr(leaf, "element")):
            _check_select(leaf.element, frozenset())
        else:
            _require(leaf, frozenset(tied), select)
    for clause in (*conditions, *select.selected_columns, *select._order_by_clauses):  # noqa: SLF001 - ditto
        if clause is not None:
            _check_nested(clause, frozenset(tied))


def _check_nested(clause: ClauseElement, tied: frozenset[FromClause]) -> None:
    """Check the selects inside a clause; each takes care of its own inner ones."""
    for child in clause.get_children():
        if isinstance(child, SelectBase):
            _check_select(child, tied)
        elif not isinstance(child, FromClause):
            _check_nested(child, tied)


def _leaves(from_: FromClause) -> Iterator[tuple[FromClause, Join | None]]:
    """The tables of a FROM, each with the join whose right side it is."""
    if isinstance(from_, Join):
        if from_.full or isinstance(from_.right, Join):
            raise UnguardedStatement("full joins and joins nested on the right are not allowed")
        yield from _leaves(from_.left)
        yield from_.right, from_
    else:
        yield from_, None


def _tied(condition: ClauseElement | None) -> frozenset[FromClause]:
    """The tables whose clinic_id the condition fixes, whatever else is true."""
    if isinstance(condition, Grouping):
        return _tied(condition.element)  # type: ignore[arg-type]
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        return frozenset().union(*(_tied(part) for part in condition.get_children()))
    if isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
        for column, value in ((condition.left, condition.right), (condition.right, condition.left)):
            if isinstance(column, Column) and column.name == CLINIC_COLUMN and _is_clinic_bind(value):
                return frozenset({column.table})
    return frozenset()


def _require(table: FromClause, tied: frozenset[FromClause], statement: ClauseElement) -> None:
    if _belongs_to_a_clinic(table) and table not in tied:
        raise UnguardedStatement(f"{getattr(table, 'name', table)} is not tied to the clinic: {statement}")


def _belongs_to_a_clinic(table: FromClause) -> bool:
    return CLINIC_COLUMN in table.c


def _is_clinic_bind(value: object) -> bool:
    return isinstance(value, BindParameter) and value.key == CLINIC_BIND


def _names_set(statement: Update) -> set[str]:
    return {str(getattr(column, "name", column)) for column in (statement._values or {})}  # noqa: SLF001 - ditto
