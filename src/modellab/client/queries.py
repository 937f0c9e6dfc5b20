"""What a `RunFilter` asks, as text of the query language: the one filter that crosses the network."""

from __future__ import annotations

import math

from modellab.errors import InvalidInput
from modellab.query import And, Condition, Field, Node, Or, parse_query
from modellab.query.tree import Operator, Value
from modellab.records import RunFilter

_DATE_LENGTH = len("2026-11-20")


def write_query(wanted: RunFilter) -> str | None:
    """The conditions of a filter, but for the trash; `None` if it has none.

    Raises `InvalidInput` for a filter that cannot be meant, and `InvalidQuery` for a wrong `query`.
    """
    bounds = (wanted.metric_min, wanted.metric_max)
    if not wanted.metric_name and any(bound is not None for bound in bounds):
        raise InvalidInput("metric_min and metric_max need metric_name.")
    if any(bound is not None and math.isnan(bound) for bound in bounds):
        raise InvalidInput("A bound of a metric is nan; nothing can be compared with it.")
    if wanted.param_value is not None and not wanted.param_name:
        raise InvalidInput("param_value needs param_name.")
    if wanted.in_trash:
        raise InvalidInput("What lies in the trash of a server is not listed from here.")
    terms: list[Node] = [*_list_fields(wanted), *_list_times(wanted), *_list_values(wanted)]
    if wanted.query and wanted.query.strip():
        terms.append(parse_query(wanted.query))
    if not terms:
        return None
    return str(terms[0] if len(terms) == 1 else And(tuple(terms)))


def _list_fields(wanted: RunFilter) -> list[Node]:
    terms: list[Node] = []
    for name in ("dataset_id", "status", "project_id", "parent_id"):
        value = getattr(wanted, name)
        if value is not None:
            terms.append(_compare("run", name, "=", value))
    for name, text in (("command", wanted.command_substring), ("note", wanted.note_substring)):
        if text:
            terms.append(_compare("run", name, "ilike", f"%{_escape(text)}%"))
    if wanted.has_artifacts is not None:
        terms.append(_compare("run", "n_artifacts", ">" if wanted.has_artifacts else "=", 0.0))
    return terms


def _list_times(wanted: RunFilter) -> list[Node]:
    terms: list[Node] = []
    if wanted.from_timestamp is not None:
        terms.append(_compare("run", "started_at", ">=", wanted.from_timestamp))
    if wanted.to_timestamp is not None:
        text = wanted.to_timestamp.strip()
        # A date alone means the end of that day.
        terms.append(
            _compare("run", "started_at", "<=", text if len(text) > _DATE_LENGTH else f"{text}T23:59")
        )
    return terms


def _list_values(wanted: RunFilter) -> list[Node]:
    terms: list[Node] = []
    if wanted.metric_name:
        if wanted.metric_min is None and wanted.metric_max is None:
            terms.append(Condition(Field("metrics", wanted.metric_name, "final"), "exists"))
        if wanted.metric_min is not None:
            terms.append(_compare("metrics", wanted.metric_name, ">=", wanted.metric_min))
        if wanted.metric_max is not None:
            terms.append(_compare("metrics", wanted.metric_name, "<=", wanted.metric_max))
    if wanted.param_name and wanted.param_value is None:
        terms.append(Condition(Field("params", wanted.param_name), "exists"))
    elif wanted.param_name and wanted.param_value is not None:
        found: list[Node] = [_compare("params", wanted.param_name, "=", wanted.param_value)]
        number = _read_number(wanted.param_value)
        if number is not None:
            found.append(_compare("params", wanted.param_name, "=", number))
        terms.append(Or(tuple(found)) if len(found) > 1 else found[0])
    return terms


def _compare(kind: str, name: str, operator: Operator, value: Value) -> Condition:
    field = Field("metrics", name, "final") if kind == "metrics" else Field(kind, name)  # type: ignore[arg-type]
    return Condition(field, operator, (value,))


def _escape(text: str) -> str:
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return text


def _read_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
