"""A tree as a function that says whether a run meets it: what the database answers, said in Python.

Two values, no third: a condition on something that a run lacks, or on NaN, does not hold, whatever it
asks, and `not` of it does.
"""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from modellab.query.patterns import make_matcher
from modellab.query.times import read_start, read_stretch
from modellab.query.tree import And, Condition, Field, Node, Not, Value
from modellab.records import MAX_NAME_LENGTH, Run

COMPARED_LENGTH = 300
"""Characters of a param's or a tag's text that are compared; the rest does not count."""

Predicate = Callable[[Run], bool]
Check = Callable[[Any], bool]

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def to_predicate(node: Node, *, now_us: int | None = None) -> Predicate:
    """A function that says whether a run meets the query; ages count from `now_us`, else from now."""
    now_us = time.time_ns() // 1000 if now_us is None else now_us
    if isinstance(node, Condition):
        return _check_condition(node, now_us)
    if isinstance(node, Not):
        holds = to_predicate(node.operand, now_us=now_us)
        return lambda run: not holds(run)
    checks = [to_predicate(operand, now_us=now_us) for operand in node.operands]
    if isinstance(node, And):
        return lambda run: all(check(run) for check in checks)
    return lambda run: any(check(run) for check in checks)


def compared_text(value: Value) -> str:
    """What a value other than a number is compared as with a param or tag."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:COMPARED_LENGTH]


def _check_condition(condition: Condition, now_us: int) -> Predicate:
    if condition.field.kind == "datasets":
        return _check_datasets(condition, now_us)
    read = _READERS[condition.field.kind]
    field, check = condition.field, _make_check(condition, now_us)

    def holds(run: Run) -> bool:
        value = read(run, field)
        return value is not None and check(value)

    return holds


def _check_datasets(condition: Condition, now_us: int) -> Predicate:
    """A run may have used several; one of them must meet the condition."""
    name, check = condition.field.name, _make_check(condition, now_us)

    def holds(run: Run) -> bool:
        values = (getattr(use, name) for use in run.datasets)
        return any(check(value) for value in values if value is not None)

    return holds


def _make_check(condition: Condition, now_us: int) -> Check:
    """A function that is given a value which is there; a param's as text and number."""
    if condition.operator == "exists":
        return lambda _value: True
    if condition.operator == "is nan":
        return lambda value: math.isnan(value)
    check = _check_values(condition, now_us)
    if condition.field.kind != "params":
        return check
    part = "number" if isinstance(condition.values[0], float) else "text"
    return lambda param: param[part] is not None and check(param[part])


def _check_values(condition: Condition, now_us: int) -> Check:
    field, values = condition.field, condition.values
    if field.type == "time":
        return _check_time(condition.operator, [str(value) for value in values], now_us)
    if isinstance(values[0], float):
        check = _check_plain(condition.operator, values)
        return lambda value: not math.isnan(value) and check(float(value))
    if condition.operator.endswith("like"):
        return _check_pattern(condition.operator, str(values[0]))
    if field.kind not in ("params", "tags"):
        return _check_plain(condition.operator, values)
    return _check_plain(condition.operator, [compared_text(value) for value in values])


def _check_plain(word: str, values: Sequence[Value]) -> Check:
    if word in _ORDER:
        compare, wanted = _ORDER[word], values[0]
        return lambda value: compare(value, wanted)
    is_negated = word.startswith("not ")
    if word.endswith("between"):
        low, high = values
        return lambda value: (low <= value <= high) != is_negated
    known = frozenset(values)
    return lambda value: (value in known) != is_negated


def _check_pattern(word: str, pattern: str) -> Check:
    matches = make_matcher(pattern, ignore_case=word.endswith("ilike"))
    is_negated = word.startswith("not ")
    return lambda value: matches(value) != is_negated


def _check_time(word: str, texts: Sequence[str], now_us: int) -> Check:
    stretches = [read_stretch(text, now_us) for text in texts]
    (first, last), end = stretches[0], stretches[-1].last_us
    checks: Mapping[str, Check] = {
        "<": lambda moment: moment < first,
        "<=": lambda moment: moment <= last,
        ">": lambda moment: moment > last,
        ">=": lambda moment: moment >= first,
        "between": lambda moment: first <= moment <= end,
        "not between": lambda moment: not first <= moment <= end,
    }
    if word in checks:
        return checks[word]
    is_negated = word in ("!=", "not in")
    return lambda moment: any(a <= moment <= b for a, b in stretches) != is_negated


def _read_metric(run: Run, field: Field) -> float | None:
    summary = run.metrics.get(field.name)
    return None if summary is None else getattr(summary, field.summary or "final")


def _read_param(run: Run, field: Field) -> Mapping[str, Any] | None:
    if field.name not in run.params or len(field.name) > MAX_NAME_LENGTH:
        return None
    value = run.params[field.name]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {"text": _as_text(value), "number": float(value) if is_number else None}


def _read_tag(run: Run, field: Field) -> str | None:
    if field.name not in run.tags or len(field.name) > MAX_NAME_LENGTH:
        return None
    return _as_text(run.tags[field.name])


def _as_text(value: Any) -> str:
    """A value as the index of the database has it: JSON, but text without quotes."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")[:COMPARED_LENGTH]


def _read_run_field(run: Run, field: Field) -> Any:
    if field.name == "started_at":
        return read_start(run.timestamp)
    if field.name == "ended_at":
        return None if run.duration_s is None else read_start(run.timestamp) + round(run.duration_s * 1e6)
    return getattr(run, field.name)


_READERS: Mapping[str, Callable[[Run, Field], Any]] = {
    "metrics": _read_metric,
    "params": _read_param,
    "tags": _read_tag,
    "run": _read_run_field,
}
