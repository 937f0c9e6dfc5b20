"""Which fields runs have, and which values: for completion, and to choose columns from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Text,
    bindparam,
    cast,
    func,
    select,
)

from modellab.errors import InvalidInput
from modellab.query import Field, parse_field
from modellab.query.fields import DATASET_FIELDS, RUN_FIELDS
from modellab.records import SYSTEM_PREFIX
from modellab.store.best_values import Direction, know_no_direction
from modellab.store.engine import Database
from modellab.store.pages import check_count
from modellab.store.platform_tables import datasets, run_datasets, tags
from modellab.store.query import DATASET_COLUMNS
from modellab.store.run_values import OWN_COLUMNS, mark_cut, read_field, read_param, shorten
from modellab.store.selection import NOT_IN_TRASH
from modellab.store.tables import metrics, params, runs

FieldKind = Literal["metrics", "params", "tags", "attributes"]
FIELD_KINDS: tuple[FieldKind, ...] = ("metrics", "params", "tags", "attributes")

MAX_FIELDS = 10_000
"""Names of a kind in one answer."""
MAX_VALUES = 1000
"""Values in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedField:
    """A metric, param or tag that some runs have; `field` is how the query language writes it.

    `n_values` is how many different values a param or tag has. `is_numeric` says of a param that all are
    numbers; metrics always are. `higher_is_better` is told of metrics alone, where it is known.
    """

    name: str
    field: str
    n_runs: int
    n_values: int | None = None
    is_numeric: bool
    higher_is_better: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A field that every run may have, and what kind of value it holds."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Fields by their kind; the counts are of all that were found, also those beyond the limit."""

    metrics: Sequence[NamedField]
    params: Sequence[NamedField]
    tags: Sequence[NamedField]
    attributes: Sequence[Attribute]
    n_metrics: int
    n_params: int
    n_tags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """A value that `n_runs` runs have; texts are cut after 300 characters."""

    value: str | float | bool
    n_runs: int


class FieldShelf:
    """The fields and values of the runs in one database, but for the trash."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self,
        *,
        project_id: str | None = None,
        search: str | None = None,
        kinds: Collection[FieldKind] = FIELD_KINDS,
        limit: int = 1000,
        visible: frozenset[str] | None = None,
        find_direction: Direction = know_no_direction,
    ) -> Fields:
        """The fields whose names have `search` in them, in any letter case: those of most runs first.

        Metrics of the machine come after all others. `limit` (1 to 10 000) is for each kind.
        `find_direction` knows which way metrics are better.
        """
        check_count("limit", limit, MAX_FIELDS)
        scope = _Scope(project_id, visible)
        found: dict[str, list[NamedField]] = {kind: [] for kind in _READ}
        with self._database.read() as connection:
            for kind, read in _READ.items():
                if kind in kinds:
                    found[kind] = [field for field in read(connection, scope) if _has(field.name, search)]
                    found[kind].sort(key=_by_use)
        return Fields(
            metrics=[
                replace(field, higher_is_better=find_direction(field.name))
                for field in found["metrics"][:limit]
            ],
            n_metrics=len(found["metrics"]),
            params=found["params"][:limit],
            n_params=len(found["params"]),
            tags=found["tags"][:limit],
            n_tags=len(found["tags"]),
            attributes=_list_attributes(search)[:limit] if "attributes" in kinds else [],
        )

    def list_values(
        self,
        field: str,
        *,
        project_id: str | None = None,
        prefix: str | None = None,
        limit: int = 20,
        visible: frozenset[str] | None = None,
    ) -> Sequence[FieldValue]:
        """The `limit` (1 to 1000) commonest values of a field that begin with `prefix`, in any letter case.

        Raises `InvalidInput` for what is no field, and for metrics and times, which hardly repeat.
        """
        check_count("limit", limit, MAX_VALUES)
        wanted = _read_named(field)
        values: dict[str, Any] = {"limit": limit, "key": wanted.name}
        statement, text = _select_values(wanted, _Scope(project_id, visible))
        if prefix:
            statement = statement.where(text.ilike(bindparam("pattern"), escape="\\"))
            values["pattern"] = f"{_escape(prefix)}%"
        with self._database.read() as connection:
            rows = connection.execute(statement.limit(bindparam("limit")), values)
            return [FieldValue(value=_as_value(wanted, row), n_runs=row.n_runs) for row in rows]


class _Scope:
    """The runs that are looked at: those of a project, of what the caller may see, and none of the trash."""

    def __init__(self, project_id: str | None, visible: frozenset[str] | None) -> None:
        self._conditions = [] if project_id is None else [runs.c.project_id == project_id]
        if visible is not None:
            self._conditions.append(runs.c.project_id.in_(sorted(visible)))

    def of_runs(self) -> list[ColumnElement[bool]]:
        """The conditions on rows of `runs`."""
        return [NOT_IN_TRASH, *self._conditions]

    def of(self, run: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """The conditions on a column that names runs; both answered by indexes that cover them."""
        in_place = run.not_in(select(runs.c.id).where(runs.c.deleted_us.is_not(None)))
        return [in_place, *(run.in_(select(runs.c.id).where(each)) for each in self._conditions)]


def _read_metrics(connection: Connection, scope: _Scope) -> list[NamedField]:
    column = metrics.c.key
    statement = select(column, func.count()).where(*scope.of(metrics.c.run)).group_by(column)
    return [
        NamedField(name=key, field=str(Field("metrics", key, "final")), n_runs=n, is_numeric=True)
        for key, n in connection.execute(statement)
    ]


def _read_params(connection: Connection, scope: _Scope) -> list[NamedField]:
    numbers = (
        select(params.c.key, func.count(params.c.number))
        .where(*scope.of(params.c.run))
        .group_by(params.c.key)
    )
    n_numbers: dict[str, int] = dict(connection.execute(numbers).all())
    return [
        NamedField(
            name=key,
            field=str(Field("params", key)),
            n_runs=n_runs,
            n_values=n_values,
            is_numeric=n_numbers.get(key) == n_runs,
        )
        for key, n_runs, n_values in connection.execute(_count_values(params, scope))
    ]


def _read_tags(connection: Connection, scope: _Scope) -> list[NamedField]:
    return [
        NamedField(
            name=key, field=str(Field("tags", key)), n_runs=n_runs, n_values=n_values, is_numeric=False
        )
        for key, n_runs, n_values in connection.execute(_count_values(tags, scope))
    ]


_READ: Mapping[str, Callable[[Connection, _Scope], list[NamedField]]] = {
    "metrics": _read_metrics,
    "params": _read_params,
    "tags": _read_tags,
}


def _count_values(table: FromClause, scope: _Scope) -> Select[Any]:
    """How many runs have a name, and how many values it has: read once through the index by name and text."""
    by_value = (
        select(table.c.key, func.count().label("n_runs"))
        .where(*scope.of(table.c.run))
        .group_by(table.c.key, table.c.text)
        .subquery()
    )
    total = cast(func.sum(by_value.c.n_runs), BigInteger)
    return select(by_value.c.key, total, func.count()).group_by(by_value.c.key)


def _select_values(field: Field, scope: _Scope) -> tuple[Select[Any], ColumnElement[str]]:
    """The values of a field with how many runs have each, commonest first; and the text of a value."""
    n_runs = func.count().label("n_runs")
    if field.kind == "run":
        value = shorten(OWN_COLUMNS[field.name], field.type, whole=False)
        # By its label: PostgreSQL does not see that two expressions with bound values are the same.
        statement = select(value.label("value"), n_runs).where(*scope.of_runs()).group_by("value")
    elif field.kind == "datasets":
        value, n_runs = DATASET_COLUMNS[field.name], func.count(run_datasets.c.run.distinct()).label("n_runs")
        statement = select(value.label("value"), n_runs).join(
            run_datasets, run_datasets.c.dataset == datasets.c.id
        )
        statement = statement.where(*scope.of(run_datasets.c.run)).group_by("value")
    else:
        table = params if field.kind == "params" else tags
        value = table.c.text
        # A number and its text are two values.
        more = [params.c.number] if table is params else []
        statement = select(value.label("value"), *more, n_runs).group_by(value, *more)
        statement = statement.where(table.c.key == bindparam("key"), *scope.of(table.c.run))
    statement = statement.where(value.is_not(None)).order_by(n_runs.desc(), value)
    return statement, value if field.type in ("text", "any") else cast(value, Text)


def _as_value(field: Field, row: Any) -> str | float | bool:
    if field.kind == "params":
        return read_param(row.value, row.number)
    if field.type == "bool":
        return bool(row.value)
    if field.type == "text":
        return mark_cut(row.value, whole=False) or ""
    return int(row.value) if float(row.value).is_integer() else float(row.value)


def _read_named(text: str) -> Field:
    field = read_field("field", text, parse_field)
    if field.kind == "metrics" or field.type == "time":
        raise InvalidInput(
            f"The values of {field} are not listed, since they hardly repeat.",
            hint="Listed are those of params, tags, datasets and other fields of a run.",
        )
    return field


def _list_attributes(search: str | None) -> list[Attribute]:
    own = [Attribute(name=name, kind=kind) for name, kind in RUN_FIELDS.items()]
    of_data = [Attribute(name=f"datasets.{name}", kind=kind) for name, kind in DATASET_FIELDS.items()]
    return [attribute for attribute in (*own, *of_data) if _has(attribute.name, search)]


def _has(name: str, search: str | None) -> bool:
    return not search or search.casefold() in name.casefold()


def _by_use(field: NamedField) -> tuple[bool, int, str]:
    return field.name.startswith(SYSTEM_PREFIX), -field.n_runs, field.name


def _escape(text: str) -> str:
    """A text as a pattern that stands for itself."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return text
