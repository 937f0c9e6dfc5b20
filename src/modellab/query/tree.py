"""The tree that a query is: conditions on fields, joined by `and`, `or` and `not`.

The tree holds what was asked and nothing of how it is answered. Values are as they were written: a time
is text, an age such as `-7d` is not yet a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from modellab.query.fields import DATASET_FIELDS, RUN_FIELDS, SUMMARIES, FieldType, Kind

Value = float | str | bool
Operator = Literal[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "like",
    "not like",
    "ilike",
    "not ilike",
    "in",
    "not in",
    "between",
    "not between",
    "exists",
    "is nan",
]

BARE_NAME = re.compile(r"[\w/@:\-]+(?:\.[\w/@:\-]+)*")
"""A name of a metric, param or tag that needs no quotes."""

_TYPES: Mapping[Kind, FieldType] = {"metrics": "number", "params": "any", "tags": "text"}


@dataclass(frozen=True, slots=True)
class Field:
    """What is compared. `name` is that of a metric, param or tag, or of a field of a dataset or the run.

    `summary` is only given for metrics: `final` or another field of `records.MetricSummary`.
    """

    kind: Kind
    name: str
    summary: str | None = None

    @property
    def type(self) -> FieldType:
        """The kind of value that it has."""
        if self.kind == "run":
            return RUN_FIELDS[self.name]
        if self.kind == "datasets":
            return DATASET_FIELDS[self.name]
        return _TYPES[self.kind]

    def __str__(self) -> str:
        if self.kind == "run":
            return self.name
        tail = self.name.rpartition(".")[2]
        is_bare = BARE_NAME.fullmatch(self.name) and not (self.kind == "metrics" and tail in SUMMARIES)
        name = self.name if is_bare else _quote(self.name)
        summary = f".{self.summary}" if self.summary not in (None, "final") else ""
        return f"{self.kind}.{name}{summary}"


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field that runs are sorted by."""

    field: Field
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared with values. It does not hold for a run that lacks the field, whatever is asked."""

    field: Field
    operator: Operator
    values: tuple[Value, ...] = ()

    def __str__(self) -> str:
        written = [_write(value) for value in self.values]
        if self.operator == "exists":
            return f"exists {self.field}"
        if self.operator in ("in", "not in"):
            return f"{self.field} {self.operator} ({', '.join(written)})"
        return f"{self.field} {self.operator} {' and '.join(written)}".rstrip()


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where the other does not."""

    operand: Node

    def __str__(self) -> str:
        return f"not {_embrace(self.operand)}"


@dataclass(frozen=True, slots=True)
class And:
    """Two or more that must all hold."""

    operands: tuple[Node, ...]

    def __str__(self) -> str:
        return " and ".join(map(_embrace, self.operands))


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more of which one must hold."""

    operands: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(map(_embrace, self.operands))


Node = Condition | Not | And | Or


def list_conditions(node: Node) -> Iterator[Condition]:
    """The conditions of a tree, in the order in which they are written."""
    if isinstance(node, Condition):
        yield node
    elif isinstance(node, Not):
        yield from list_conditions(node.operand)
    else:
        for operand in node.operands:
            yield from list_conditions(operand)


def split_terms(node: Node) -> list[Node]:
    """What must all hold for the tree to hold: the operands of its outermost `and`, else itself."""
    if not isinstance(node, And):
        return [node]
    return [term for operand in node.operands for term in split_terms(operand)]


def _embrace(node: Node) -> str:
    return f"({node})" if isinstance(node, (And, Or)) else str(node)


def _write(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quote(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
