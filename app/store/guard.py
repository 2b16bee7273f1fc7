"""Whose rows can a statement touch? Asked once a statement, before it first runs; the answer is kept.

A statement passes when every select, insert, update and delete in it, wherever it stands, ties every table of a clinic
that it names to the bind `CLINIC`, which only the transaction fills: by an equality that no OR can weaken, or as the
value of an insert. It is built from known tables, functions and kinds of clauses only, so that no raw SQL gets in. This
is the second of the three guards of docs/decisions/0007-whose-rows.md.

The answer tells for the first guard which binds hold a patient: a patient's transaction fills them with nobody else,
and that of a clinician who sees only whom they treat with nobody else's. A list is held to a care team by `TREATED`.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Column, Table, bindparam, select
from sqlalchemy.dialects.postgresql.dml import OnConflictDoNothing, OnConflictDoUpdate
from sqlalchemy.sql import functions, operators, visitors
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BooleanClauseList,
    Case,
    ClauseElement,
    ClauseList,
    ColumnClause,
    False_,
    Grouping,
    Label,
    Null,
    Over,
    True_,
    Tuple,
    UnaryExpression,
)
from sqlalchemy.sql.selectable import (
    CTE,
    Alias,
    CompoundSelect,
    ForUpdateArg,
    FromClause,
    Join,
    Lateral,
    ScalarSelect,
    Select,
    SelectBase,
    SelectStatementGrouping,
    Subquery,
)

from app.store.tables import Base
from app.store.tables.clinics import ClinicianRow, ClinicRow, ClinicSettingsRow
from app.store.tables.own import DefinitionRow, HiddenRow, SignOffRow
from app.store.tables.patients import CareTeamRow, PatientRow
from app.values import dataclass

CLINIC_COLUMN = "clinic_id"
PATIENT_COLUMN = "patient_id"
CLINICIAN_COLUMN = "clinician_id"
CLINIC_BIND = "of_clinic"
CLINIC: BindParameter[UUID] = bindparam(CLINIC_BIND)
"""The bind that ties a table to the clinic of the transaction. Named as no column is: an UPDATE would set it."""

KINDS: tuple[type[Any], ...] = (
    *(Select, CompoundSelect, SelectStatementGrouping, ScalarSelect, Subquery, CTE, Lateral, Insert, Update, Delete),
    *(Table, Column, Alias, Join, BindParameter, ForUpdateArg, OnConflictDoNothing, OnConflictDoUpdate),
    *(BinaryExpression, BooleanClauseList, ClauseList, UnaryExpression, Grouping, Tuple, Label, Case, Over),
    *(Null, True_, False_, functions.FunctionElement),
)
"""The kinds of clauses that a statement may be made of. A new one is added here once somebody has thought about it."""

FUNCTIONS = frozenset({"avg", "coalesce", "count", "max", "min", "row_number", "sum"})
"""The functions that a statement may call. Never `set_config`: it could change the clinic."""

RAW_PARTS = ("_prefixes", "_suffixes", "_hints", "_statement_hints", "_with_options")
"""Where a statement would hold text that nobody walks through."""

OPEN_TO_PATIENTS = frozenset(
    one.__table__ for one in (ClinicRow, ClinicSettingsRow, SignOffRow, HiddenRow, DefinitionRow)
)
"""What a patient may read though it is no patient's. Everything else is closed to them until somebody opens it here.

A patient reads exercises as the clinic signed them, so what it says about them is read in their transactions, too."""

TREATED_BY = "treated by "
"""Before the name of a bind: the column holds a patient whom the clinician in that bind treats."""

STAFF_TABLES = frozenset({CareTeamRow.__table__, ClinicianRow.__table__})
"""What an administrator may ask and change where no patient is named: who works here, and who takes over from whom."""

TREATED = select(CareTeamRow.patient_id).where(
    CareTeamRow.clinic_id == CLINIC, CareTeamRow.clinician_id == bindparam("by_clinician")
)
"""Whom the calling clinician treats. A list is held to them by `column.in_(TREATED)`; see `Transaction.listed`."""

Ties = set[tuple[FromClause, str, str]]
"""What a condition fixes, whatever else is true: a table, one of its columns, and the name of the bind."""


class UnguardedStatement(AssertionError):
    """A statement that could touch another's rows. It is a defect in the store, never an answer to a client."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a statement can touch within its clinic.

    `patient_binds` are the binds that hold the one patient whose rows it touches; None when it is not tied to one.
    `named_patients` are the binds that hold any patient. `team_binds` hold the clinician to whose care team it is held;
    None when it touches rows of patients who are neither named nor in a care team. `has_patients`: it touches rows that
    are always some patient's, `has_facts` those that tell how they fare. `makes_patient`: it inserts one.
    """

    patient_binds: frozenset[str] | None
    named_patients: frozenset[str]
    team_binds: frozenset[str] | None
    makes_patient: bool
    is_about_staff: bool
    has_patients: bool
    has_facts: bool
    is_update: bool


def check(statement: ClauseElement) -> Reach:
    """Raise UnguardedStatement unless every clinic table in the statement is tied to the clinic of the transaction."""
    if not isinstance(statement, SelectBase | Insert | Update | Delete):
        raise UnguardedStatement(f"only select, insert, update and delete are allowed: {statement}")
    binds: set[str] = set()
    tables: set[Table] = set()
    team: set[str] = set()
    is_of_one_patient = is_within_care = True
    for element in _all_of(statement):
        _require_known(element)
        if isinstance(element, Select):
            named, ties = _select(element)
        elif isinstance(element, Insert):
            named, ties = _insert(element)
        elif isinstance(element, Update | Delete):
            named, ties = _update_or_delete(element)
        else:
            continue
        for table in named:
            tables.add(_base(table))
            held = {bind for tied, column, bind in ties if tied is table and column == _patient_column(table)}
            of_team = {bind.removeprefix(TREATED_BY) for bind in held if bind.startswith(TREATED_BY)}
            if _base(table) is CareTeamRow.__table__:
                of_team |= {bind for tied, column, bind in ties if tied is table and column == CLINICIAN_COLUMN}
            of_patient = {bind for bind in held if not bind.startswith(TREATED_BY)}
            binds |= of_patient
            team |= of_team
            is_within_care &= bool(of_patient or of_team) or not _is_always_a_patients(_base(table))
            is_open = isinstance(element, Select) and _base(table) in OPEN_TO_PATIENTS
            is_of_one_patient &= bool(of_patient) or is_open
    return Reach(
        patient_binds=frozenset(binds) if is_of_one_patient else None,
        named_patients=frozenset(binds),
        team_binds=frozenset(team) if is_within_care else None,
        makes_patient=isinstance(statement, Insert) and _plain(statement.table) is PatientRow.__table__,
        is_about_staff=tables <= STAFF_TABLES and not binds,
        has_patients=any(_is_always_a_patients(table) for table in tables),
        has_facts=any(PATIENT_COLUMN in table.primary_key.columns for table in tables),
        is_update=isinstance(statement, Update),
    )


def _is_always_a_patients(table: Table) -> bool:
    key = _patient_column(table)
    return key is not None and not table.c[key].nullable


def _all_of(statement: ClauseElement) -> Iterator[ClauseElement]:
    """Every clause inside, also those that stand only behind a column of a subquery."""
    for element in visitors.iterate(statement):
        assert isinstance(element, ClauseElement)
        yield element
        if isinstance(element, Select):
            for from_ in element.get_final_froms():
                yield from visitors.iterate(from_)  # type: ignore[misc]


def _require_known(element: ClauseElement) -> None:
    """Refuse raw text in all its forms, and tables and functions that we do not know."""
    is_star = type(element) is ColumnClause and element.name == "*"
    if not isinstance(element, KINDS) and not is_star:
        raise UnguardedStatement(f"{type(element).__name__} is not allowed in a statement: {element!r}")
    if isinstance(element, Table) and element.metadata is not Base.metadata:
        raise UnguardedStatement(f"{element} is none of our tables")
    if isinstance(element, Alias) and not isinstance(element.element, Table | Subquery | CTE):
        raise UnguardedStatement(f"an alias of {element.element!r} is not allowed")
    if isinstance(element, functions.FunctionElement) and getattr(element, "name", None) not in FUNCTIONS:
        raise UnguardedStatement(f"this function is not allowed: {element}")
    if any(isinstance(getattr(element, name, None), operators.custom_op) for name in ("operator", "modifier")):
        raise UnguardedStatement(f"an operator of one's own is raw text: {element}")
    if any(getattr(element, part, None) for part in RAW_PARTS):
        raise UnguardedStatement(f"prefixes, suffixes, hints and options are not allowed: {element}")


def _select(statement: Select[Any]) -> tuple[list[FromClause], Ties]:
    """The tables of one select, each tied, and all that its conditions tie. What is joined in is judged by itself.

    A select inside another ties all its tables itself, also one that it shares with the outer one.
    """
    ties = _ties(statement.whereclause)
    named: list[FromClause] = []
    for from_ in statement.get_final_froms():
        for leaf, join in _leaves(from_):
            if isinstance(leaf, Table) or (isinstance(leaf, Alias) and isinstance(leaf.element, Table)):
                named.append(leaf)
            elif not isinstance(leaf, Subquery | CTE | Lateral | Alias):
                raise UnguardedStatement(f"{type(leaf).__name__} is not allowed in FROM: {statement}")
            if join is not None:
                # The condition of an outer join filters its right side only.
                ties |= {tie for tie in _ties(join.onclause) if not join.isouter or tie[0] is leaf}
                ties |= _treated_too(leaf, join.onclause, ties)
    for table in named:
        _require_tied(table, ties, statement)
    return named, ties


def _treated_too(leaf: FromClause, condition: ClauseElement | None, ties: Ties) -> Ties:
    """What joins rows of the same patient to rows that are held to a care team is held to it as well."""
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        return set[tuple[FromClause, str, str]]().union(
            *(_treated_too(leaf, part, ties) for part in condition.get_children())
        )
    if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
        return set()
    own, other = condition.left, condition.right
    if not isinstance(own, Column) or not isinstance(other, Column):
        return set()
    if _plain(own.table) is not leaf:
        own, other = other, own
    held = {bind for table, name, bind in ties if table is _plain(other.table) and name == other.name}
    return {(leaf, own.name, bind) for bind in held if bind.startswith(TREATED_BY) and _plain(own.table) is leaf}


def _leaves(from_: FromClause) -> Iterator[tuple[FromClause, Join | None]]:
    """The tables of a FROM, each with the join whose right side it is."""
    if isinstance(from_, Join):
        if from_.full or isinstance(from_.right, Join):
            raise UnguardedStatement("full joins and joins nested on the right are not allowed")
        yield from _leaves(from_.left)
        yield _plain(from_.right), from_
    else:
        yield _plain(from_), None


def _insert(statement: Insert) -> tuple[list[FromClause], Ties]:
    table = _plain(statement.table)
    if statement.select is not None or statement._multi_values:  # noqa: SLF001 - SQLAlchemy has no public reader
        raise UnguardedStatement(f"insert one row of {_base(table).name} by its values")
    values = _by_name((statement._values or {}).items())  # noqa: SLF001 - ditto
    ties: Ties = {(table, name, value.key) for name, value in values.items() if isinstance(value, BindParameter)}
    key = _patient_column(table)
    if key is not None and key not in values:
        ties.add((table, key, key))  # a value that the statement leaves open is given under the name of its column
    _require_tied(table, ties, statement)
    conflict = statement._post_values_clause  # noqa: SLF001 - ditto
    if isinstance(conflict, OnConflictDoUpdate):
        _require_stays(table, _by_name(conflict.update_values_to_set.items()))
    return [table], ties


def _update_or_delete(statement: Update | Delete) -> tuple[list[FromClause], Ties]:
    table = _plain(statement.table)
    ties = _ties(statement.whereclause)
    _require_tied(table, ties, statement)
    if isinstance(statement, Update):
        _require_stays(table, _by_name((statement._values or {}).items()))  # noqa: SLF001 - ditto
    for column in _columns_outside_selects(statement):
        if _plain(column.table) is not table:
            raise UnguardedStatement(f"{column} brings a second table in, use a subquery: {statement}")
    return [table], ties


def _columns_outside_selects(clause: ClauseElement) -> Iterator[Column[Any]]:
    for child in clause.get_children():
        if isinstance(child, Column):
            yield child
        elif not isinstance(child, SelectBase | FromClause):
            yield from _columns_outside_selects(child)


def _ties(condition: ClauseElement | None) -> Ties:
    """What a condition fixes, whatever else is true."""
    if isinstance(condition, Grouping):
        return _ties(condition.element)  # type: ignore[arg-type]
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        return set[tuple[FromClause, str, str]]().union(*(_ties(part) for part in condition.get_children()))
    if isinstance(condition, BinaryExpression) and condition.operator in {operators.eq, operators.in_op}:
        pairs = [(condition.left, condition.right)]
        if condition.operator is operators.eq:
            pairs.append((condition.right, condition.left))
        return {
            (_plain(column.table), column.name, bind)
            for column, value in pairs
            if isinstance(column, Column) and (bind := _bind(value)) is not None
        }
    return set()


def _bind(value: Any) -> str | None:  # noqa: ANN401 - any clause
    """The bind that a column is compared with, or the one of the clinician whose patients it is looked up among."""
    if isinstance(value, BindParameter):
        return value.key
    if not isinstance(value, ScalarSelect) or not isinstance(value.element, Select):
        return None
    [column, *more] = value.element.selected_columns
    if more or not isinstance(column, Column) or _plain(column.table) is not CareTeamRow.__table__:
        return None
    ties = _ties(value.element.whereclause)
    clinicians = {bind for table, name, bind in ties if (table, name) == (_plain(column.table), CLINICIAN_COLUMN)}
    return TREATED_BY + clinicians.pop() if len(clinicians) == 1 and column.name == PATIENT_COLUMN else None


def _require_tied(table: FromClause, ties: Ties, statement: ClauseElement) -> None:
    if (table, _clinic_column(table), CLINIC_BIND) not in ties:
        raise UnguardedStatement(f"{_base(table).name} is not tied to the clinic in a {type(statement).__name__}")


def _require_stays(table: FromClause, values: dict[str, Any]) -> None:
    """No row moves to another clinic or to another patient."""
    moving = values.keys() & {_clinic_column(table), _patient_column(table)}
    if moving:
        raise UnguardedStatement(f"{', '.join(sorted(map(str, moving)))} of {_base(table).name} cannot be set")


def _by_name(values: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    return {str(getattr(column, "name", column)): value for column, value in values}


def _clinic_column(table: FromClause) -> str:
    """The column that says whose row it is: every table has one, and `clinics` is one row a clinic."""
    return "id" if _base(table) is ClinicRow.__table__ else CLINIC_COLUMN


def _patient_column(table: FromClause) -> str | None:
    """The column that says which patient's row it is, None for tables that belong to the clinic alone."""
    base = _base(table)
    if base is PatientRow.__table__:
        return "id"
    return PATIENT_COLUMN if PATIENT_COLUMN in base.c else None


def _base(table: FromClause) -> Table:
    found = _plain(table.element) if isinstance(table, Alias) else table
    assert isinstance(found, Table)
    return found


def _plain(table: FromClause) -> FromClause:
    """The same object for the same table: inside a statement SQLAlchemy works with annotated copies."""
    plain: FromClause = table._deannotate()  # noqa: SLF001 - ditto
    return plain
