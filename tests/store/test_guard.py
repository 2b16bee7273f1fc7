"""The guard of statements: what ties every clinic table passes, everything else is refused before it runs.

The refused ones are what a hurried or a hostile colleague could write. Each of them once came through, or looks like
one that did. Nothing here needs a database: the guard reads statements.
"""

import ast
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Column,
    Executable,
    Integer,
    MetaData,
    Table,
    and_,
    bindparam,
    case,
    column,
    delete,
    exists,
    func,
    insert,
    lambda_stmt,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    union_all,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.orm import aliased
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.sql.elements import ClauseElement

from app.store import guard
from app.store.guard import CLINIC, UnguardedStatement
from app.store.tables import Base
from app.store.tables.clinics import ClinicRow
from app.store.tables.patients import PatientRow as P
from app.store.tables.practice import SessionRow as S
from tests.constants import Constant, statements
from tests.house.files import ROOT, python_files

STATEMENTS = statements()
OUTSIDE = {
    "app.store.database:CLINIC_ID": "the clinic behind a short name, before there is a transaction",
    "app.store.operating.founding:TAKEN": "the same, before a clinic is founded",
    "app.store.operating.founding:NAMES": "the clinics of an installation, for commands",
    "app.store.operating.privileges:POWERS": "what the service's own role may do, before there is a service",
}
"""Statements that no transaction could run, and what they ask. Only `clinics` is global."""

SPEAKING = {
    "app/store/transaction.py": "the one way for actions and queries",
    "app/store/wording.py": "says to the driver what a transaction was asked, in the driver's words",
    "app/store/database.py": "begins and ends transactions, and finds the clinic of a caller",
    "app/store/together/group_commit.py": "the same for the one writer of SQLite, many actions a transaction",
    "app/store/sign_ins.py": "finds the scope of a token, with a statement that passes the guard",
    "app/store/operating/founding.py": "begins the first transaction of a clinic",
    "app/store/engines.py": "settles a new connection",
    "app/store/operating/backup.py": "reads and writes whole clinics, one after the other, by command",
    "app/store/operating/embedded.py": "copies and checks a database file, by command",
    "app/store/operating/migrate.py": "grants, by command",
    "app/store/operating/privileges.py": "asks about the service's own role at start-up",
}
"""The files that hold a connection, and why each may."""

ELSEWHERE = UUID("0197f0c0-0000-7000-8000-00000000000e")
OTHER = aliased(P)
NAMES = select(P.display_name).where(P.clinic_id == CLINIC)
ALL_NAMES = select(P.display_name)
COUNT_ALL = select(func.count(P.id)).correlate(None).scalar_subquery()
PATIENTS = Base.metadata.tables["patients"]
ON_CONFLICT = insert_or(P).values(clinic_id=CLINIC)
KEY = ["clinic_id", "id"]

PASS: dict[str, Executable] = {
    "a tie": NAMES,
    "a tie written the other way round": select(P.id).where(CLINIC == P.clinic_id),  # noqa: SIM300 - that is the case
    "a tie in an and, in brackets": select(P.id).where(
        and_(P.id == bindparam("x"), and_(P.clinic_id == CLINIC)).self_group()
    ),
    "an or beside the tie": select(P.id).where(P.clinic_id == CLINIC, or_(P.id == bindparam("x"), P.birth_year > 1)),
    "an alias": select(OTHER.id).where(OTHER.clinic_id == CLINIC),
    "whole rows": select(P).where(P.clinic_id == CLINIC),
    "a join tied in where": select(P.id)
    .join(S, S.patient_id == P.id)
    .where(P.clinic_id == CLINIC, S.clinic_id == CLINIC),
    "a join tied in on": select(P.id).join(S, and_(S.clinic_id == CLINIC, P.clinic_id == CLINIC, S.patient_id == P.id)),
    "an outer join tied in on": NAMES.outerjoin(S, and_(S.clinic_id == CLINIC, S.patient_id == P.id)),
    "a list of tables": select(P.id, S.id).where(P.clinic_id == CLINIC, S.clinic_id == CLINIC),
    "a subquery in from": select(NAMES.subquery().c.display_name),
    "a subquery in where": NAMES.where(P.id.in_(select(S.patient_id).where(S.clinic_id == CLINIC))),
    "a subquery in the columns": select(
        P.id,
        select(func.count(S.id)).where(S.clinic_id == CLINIC, P.clinic_id == CLINIC, S.patient_id == P.id).label("n"),
    ).where(P.clinic_id == CLINIC),
    "a subquery in order by": NAMES.order_by(
        select(func.max(S.started_at)).where(S.clinic_id == CLINIC).scalar_subquery()
    ),
    "exists": NAMES.where(exists(select(S.id).where(S.clinic_id == CLINIC))),
    "not exists": NAMES.where(~exists(select(S.id).where(S.clinic_id == CLINIC))),
    "a union": union_all(NAMES, select(S.setting).where(S.clinic_id == CLINIC)),
    "a common table expression": select(NAMES.cte("names").c.display_name),
    "a lateral join": select(P.id, select(S.id).where(S.clinic_id == CLINIC).lateral().c.id).where(
        P.clinic_id == CLINIC
    ),
    "a window function": select(func.row_number().over(partition_by=S.patient_id)).where(S.clinic_id == CLINIC),
    "a case": select(case((P.birth_year > 1, P.display_name), else_=None)).where(P.clinic_id == CLINIC),
    "for update": NAMES.with_for_update(),
    "for update of one table": NAMES.with_for_update(of=P),
    "counting rows": select(func.count()).select_from(P).where(P.clinic_id == CLINIC),
    "the clinic's own row of the global table": select(ClinicRow.short_name).where(ClinicRow.id == CLINIC),
    "making the clinic": insert(ClinicRow).values(id=CLINIC),
    "an insert": insert(P).values(clinic_id=CLINIC),
    "an insert unless it is there": ON_CONFLICT.on_conflict_do_nothing(),
    "an insert or update": ON_CONFLICT.on_conflict_do_update(index_elements=KEY, set_={"language": bindparam("x")}),
    "an update": update(P).where(P.clinic_id == CLINIC).values(language=bindparam("x")),
    "an update by what is there": update(P)
    .where(P.clinic_id == CLINIC)
    .values(version=P.version + 1)
    .returning(P.version),
    "an update with a subquery": update(P)
    .where(P.clinic_id == CLINIC, exists(select(S.id).where(S.clinic_id == CLINIC)))
    .values(birth_year=select(func.max(S.revision)).where(S.clinic_id == CLINIC).scalar_subquery()),
    "a delete": delete(P).where(P.clinic_id == CLINIC),
    "a write in a common table expression": select(
        update(P).where(P.clinic_id == CLINIC).values(language="de").returning(P.id).cte("changed").c.id
    ),
}

REFUSED: dict[str, Any] = {
    # no tie, or one that something weakens
    "no tie": ALL_NAMES,
    "another column": select(P.id).where(P.id == CLINIC),
    "another bind": select(P.id).where(P.clinic_id == bindparam("clinic_id")),
    "a clinic written down": select(P.id).where(P.clinic_id == ELSEWHERE),
    "a literal clinic": select(P.id).where(P.clinic_id == literal(ELSEWHERE)),
    "a bind of the same name that is unique": select(P.id).where(P.clinic_id == bindparam(CLINIC.key, unique=True)),
    "or": select(P.id).where(or_(P.clinic_id == CLINIC, P.birth_year > 1)),
    "an or of ties": select(P.id).where(or_(P.clinic_id == CLINIC, P.clinic_id == CLINIC)),
    "not": select(P.id).where(not_(P.clinic_id == CLINIC)),
    "not around an and": select(P.id).where(not_(and_(P.clinic_id == CLINIC, P.birth_year > 1))),
    "unequal": select(P.id).where(P.clinic_id != CLINIC),
    "at least": select(P.id).where(P.clinic_id >= CLINIC),
    "a tie in a case": select(P.id).where(case((P.clinic_id == CLINIC, True), else_=True)),
    "a tie in having": select(func.count(P.id)).group_by(P.clinic_id).having(P.clinic_id == CLINIC),
    "a tie in the columns": select(P.clinic_id == CLINIC),
    "a tie in a filter": select(func.count(P.id).filter(P.clinic_id == CLINIC)),
    "which clinics there are": select(ClinicRow.short_name),
    "a clinic by its name": select(ClinicRow.id).where(ClinicRow.short_name == bindparam("short_name")),
    "making another clinic": insert(ClinicRow).values(id=bindparam("id")),
    # a second table that is not tied
    "a tie of another alias": select(OTHER.id).where(P.clinic_id == CLINIC),
    "a list of tables, one tied": select(P.id, S.id).where(P.clinic_id == CLINIC),
    "a join, only the left tied": NAMES.join(S, S.patient_id == P.id),
    "a join, only the right tied": select(P.id).join(S, and_(S.clinic_id == CLINIC, S.patient_id == P.id)),
    "a join by clinic": NAMES.join(S, and_(S.clinic_id == P.clinic_id, S.patient_id == P.id)),
    "an outer join whose on ties the left side": select(P.id).outerjoin(
        S, and_(P.clinic_id == CLINIC, S.clinic_id == CLINIC)
    ),
    "an outer join whose right side is free": NAMES.outerjoin(S, S.patient_id == P.id),
    "a full join": NAMES.join(S, and_(S.clinic_id == CLINIC), full=True),
    "a self join": NAMES.join(OTHER, OTHER.id == P.id),
    # selects that stand inside
    "a subquery in from": select(ALL_NAMES.subquery().c.display_name),
    "an alias of a subquery": select(ALL_NAMES.subquery().alias().c.display_name),
    "a subquery, tied outside": select(sub := select(P.clinic_id, P.id).subquery()).where(sub.c.clinic_id == CLINIC),
    "a subquery in where": NAMES.where(P.id.in_(select(S.patient_id))),
    "a subquery in the columns": NAMES.add_columns(select(func.count(S.id)).scalar_subquery()),
    "a subquery of the same table, not correlated": NAMES.add_columns(COUNT_ALL),
    "a correlated subquery of a free table": NAMES.add_columns(
        select(S.id).where(S.patient_id == P.id).scalar_subquery()
    ),
    "exists": NAMES.where(exists(select(S.id).where(S.patient_id == P.id))),
    "not exists": NAMES.where(~exists(select(S.id))),
    "order by": NAMES.order_by(select(S.started_at).scalar_subquery()),
    "group by": NAMES.group_by(select(S.started_at).scalar_subquery()),
    "having": NAMES.having(exists(select(S.id))),
    "limit": NAMES.limit(select(func.count(S.id)).scalar_subquery()),
    "offset": NAMES.offset(select(func.count(S.id)).scalar_subquery()),
    "the condition of a join": NAMES.join(S, and_(S.clinic_id == CLINIC, exists(select(OTHER.id)))),
    "case": NAMES.where(case((P.id == bindparam("x"), exists(select(S.id))), else_=False)),
    "a window": NAMES.add_columns(func.row_number().over(order_by=select(S.id).scalar_subquery())),
    "a common table expression": select(ALL_NAMES.cte().c.display_name),
    "one that nobody reads": NAMES.add_cte(delete(P).returning(P.id).cte()),
    "a write in one": select(update(P).values(language="x").returning(P.id).cte().c.id),
    "a recursive one": select(
        (walk := NAMES.cte(recursive=True)).union_all(select(S.setting).join(walk, walk.c.display_name == S.setting))
    ),
    "a union": union_all(NAMES, ALL_NAMES),
    "an intersection": NAMES.intersect(ALL_NAMES),
    "a union in from": select(union_all(NAMES, ALL_NAMES).subquery()),
    "a lateral join": NAMES.add_columns(select(S.id).where(S.patient_id == P.id).lateral().c.id),
    "returning": update(P).where(P.clinic_id == CLINIC).values(language="x").returning(select(S.id).scalar_subquery()),
    "returning of an insert": insert(P).values(clinic_id=CLINIC).returning(select(S.id).scalar_subquery()),
    "returning of a delete": delete(P).where(P.clinic_id == CLINIC).returning(select(S.id).scalar_subquery()),
    # writes
    "an insert without clinic": insert(P),
    "an insert with a clinic written down": insert(P).values(clinic_id=ELSEWHERE),
    "an insert with a clinic of another name": insert(P).values(clinic_id=bindparam("clinic")),
    "an insert from a select": insert(P).from_select(["clinic_id", "id"], select(P.clinic_id, P.id)),
    "an insert from a tied select": insert(P).from_select(["display_name"], NAMES),
    "an insert of many rows": insert(P).values([{"clinic_id": ELSEWHERE}, {"clinic_id": ELSEWHERE}]),
    "an insert of a subquery": insert(P).values(clinic_id=CLINIC, language=select(S.setting).scalar_subquery()),
    "an insert or a move": ON_CONFLICT.on_conflict_do_update(index_elements=KEY, set_={"clinic_id": bindparam("x")}),
    "an insert or a move by column": ON_CONFLICT.on_conflict_do_update(
        index_elements=KEY, set_={P.clinic_id: ELSEWHERE}
    ),
    "an insert or another patient": ON_CONFLICT.on_conflict_do_update(index_elements=KEY, set_={"id": bindparam("x")}),
    "an insert or a subquery": ON_CONFLICT.on_conflict_do_update(
        index_elements=KEY, set_={"language": select(S.setting).scalar_subquery()}
    ),
    "an insert or where a subquery": ON_CONFLICT.on_conflict_do_update(
        index_elements=KEY, set_={"language": "x"}, where=exists(select(S.id))
    ),
    "an update without a tie": update(P).values(language="x"),
    "an update that moves": update(P).where(P.clinic_id == CLINIC).values(clinic_id=bindparam("x")),
    "an update that moves, in order": update(P).where(P.clinic_id == CLINIC).ordered_values((P.clinic_id, ELSEWHERE)),
    "an update to another patient": update(S).where(S.clinic_id == CLINIC).values(patient_id=bindparam("x")),
    "an update from a second table": update(P).where(P.clinic_id == CLINIC, P.id == S.patient_id).values(language="x"),
    "an update to a second table's value": update(P).where(P.clinic_id == CLINIC).values(language=S.setting),
    "an update to a subquery": update(P)
    .where(P.clinic_id == CLINIC)
    .values(language=select(S.setting).scalar_subquery()),
    "a delete without a tie": delete(P),
    "a delete by another's column": delete(P).where(S.clinic_id == CLINIC),
    "a delete using a second table": delete(P).where(P.clinic_id == CLINIC, P.id == S.patient_id),
    # raw text in all its forms
    "text": text("SELECT 1"),
    "text in where": NAMES.where(text("true OR true")),
    "text as columns": text("SELECT id FROM patients").columns(column("id")),
    "text as from": select(text("*")).select_from(text("patients")),
    "a literal column": select(literal_column("(SELECT display_name FROM patients)")),
    "a literal column beside": NAMES.add_columns(literal_column("(SELECT max(display_name) FROM patients)")),
    "a column of no table": select(column("display_name")).select_from(table("patients")),
    "a table without its columns": select(table("patients", column("id"))),
    "our table, described anew": select(Table("patients", MetaData(), Column("id", Integer))),
    "a sample of a table": select(func.count()).select_from(PATIENTS.tablesample(100)),
    "a tied sample": select(sample := PATIENTS.tablesample(100)).where(sample.c.clinic_id == CLINIC),
    "values": select(values(column("x", Integer)).data([(1,)])),
    "an operator of one's own": NAMES.where(P.id.op("= ANY (SELECT id FROM patients) OR ")(1)),
    "an operator that is a function": NAMES.where(P.id.bool_op("IS NOT NULL OR")(1)),
    "a prefix": NAMES.prefix_with("(SELECT max(display_name) FROM patients),"),
    "a suffix": NAMES.suffix_with("OR true"),
    "a hint": NAMES.with_hint(P, "x"),
    "a hint for the statement": NAMES.with_statement_hint("OR true"),
    "a collation": NAMES.order_by(P.display_name.collate("x")),
    "setting the clinic": select(func.set_config("app.clinic_id", str(ELSEWHERE), True)),
    "setting the clinic on the way": NAMES.where(func.set_config("app.clinic_id", "x", True) == "x"),
    "reading a file": select(func.pg_read_file("/etc/passwd")),
    "running a query": select(func.query_to_xml("SELECT * FROM patients", True, True, "")),
    "a function as a table": select(func.json_each(P.identifiers).table_valued("value")).where(P.clinic_id == CLINIC),
    "a lambda": lambda_stmt(lambda: select(P.id)),
    "a function alone": func.set_config("app.clinic_id", "x", True),
    "making a table": CreateTable(PATIENTS),
    "dropping a table": DropTable(PATIENTS),
}


@pytest.mark.parametrize("statement", PASS.values(), ids=PASS)
def test_a_statement_passes_that_names_its_clinic_everywhere(statement: ClauseElement) -> None:
    guard.check(statement)


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_a_statement_is_refused_that_could_touch_another_clinic(statement: ClauseElement) -> None:
    with pytest.raises(UnguardedStatement):
        guard.check(statement)


@pytest.mark.parametrize("constant", STATEMENTS, ids=str)
def test_every_statement_of_the_store_passes(constant: Constant) -> None:
    if str(constant) in OUTSIDE:
        with pytest.raises(UnguardedStatement):
            guard.check(constant.statement)
    else:
        guard.check(constant.statement)


def test_the_statements_are_found() -> None:
    names = {str(constant) for constant in STATEMENTS}
    assert len(names) > 70
    assert names >= OUTSIDE.keys()


def test_nothing_else_speaks_to_a_database() -> None:
    speaking = {
        str(path)
        for path in python_files("app")
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"execute", "executemany", "exec_driver_sql", "_connection"}
        )
        or (isinstance(node, ast.Name) and node.id == "Speaker")
    }
    assert speaking == SPEAKING.keys()
