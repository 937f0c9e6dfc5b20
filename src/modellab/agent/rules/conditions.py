"""The conditions that are read from questions."""

from __future__ import annotations

from collections.abc import Iterable

from modellab.query import Condition, Field, Node, Not
from modellab.query.tree import Operator, Value


def on_run(name: str, operator: Operator, value: Value) -> Condition:
    """A condition on a field of the run itself."""
    return Condition(Field("run", name), operator, (value,))


def one_of(field: Field, values: Iterable[Value]) -> Condition:
    """That a field has this value, or one of several."""
    values = tuple(values)
    return Condition(field, "in" if len(values) > 1 else "=", values)


def turn(condition: Condition, *, is_negated: bool) -> Node:
    """A condition, or that it does not hold."""
    return Not(condition) if is_negated else condition
