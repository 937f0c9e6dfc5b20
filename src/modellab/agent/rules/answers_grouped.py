"""Answers about groups of runs: how many there are of each, and the means of a metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modellab.agent.answer import AgentAnswer
from modellab.agent.metrics import is_higher_better
from modellab.agent.rules.desk import Desk
from modellab.agent.rules.filters import join
from modellab.agent.rules.plan import Plan
from modellab.agent.rules.wording import count_runs, join_names, say_filter, write_number, write_value
from modellab.errors import InvalidInput
from modellab.query import Condition, Field, Node

_COMPLETED = Condition(Field("run", "status"), "=", ("completed",))
_SHOWN = 20


def average(plan: Plan, desk: Desk) -> AgentAnswer:
    """The mean of a metric over completed runs, of each group if the question names a field to group by."""
    if plan.metric is None and plan.question.has(r"\b(?:durations?|times?|runtimes?|long|took|take)\b"):
        raise InvalidInput(
            "I work out means of metrics, not of how long runs took.",
            hint="`Which run took the longest?` is answered.",
        )
    metric = desk.choose_metric(plan)
    plan = desk.narrow(plan)
    conditions = list(plan.conditions)
    if not any("status" in str(one) for one in conditions):
        conditions.append(_COMPLETED)
    query = join(conditions) or ""
    field = plan.group or _find_varied(conditions)
    higher = is_higher_better(metric) if plan.wants_higher is None else plan.wants_higher
    found = desk.box.call(
        "group_runs",
        by=[field or "status"],
        metrics=[metric],
        query=query,
        ascending=not higher or None,
        limit=_SHOWN,
    )
    groups = [group for group in found["groups"] if _read_mean(group) is not None]
    if not groups:
        raise desk.report_none(f"{query} and {Condition(Field('metrics', metric, 'final'), 'exists')}")
    lines = [_head(metric, field, query, found)]
    lines += [f"- {_name_group(group) if field else 'mean'}: {_write_mean(group)}" for group in groups]
    notes = [] if plan.metric else [f"No metric was named; {metric} is the one that most runs have."]
    if len(groups) > 1:
        lines.append("A mean alone does not show that one group is better than another.")
    if found["total"] > len(found["groups"]):
        notes.append(f"These are {len(found['groups'])} of {found['total']} groups.")
    return AgentAnswer(
        intent="average",
        natural_language_answer="\n".join(lines),
        used_run_ids=[],
        notes=notes,
        query=query,
        suggestions=[f"Which run has the {'highest' if higher else 'lowest'} {metric}?"],
    )


def count_groups(plan: Plan, desk: Desk, field: str) -> AgentAnswer:
    """How many runs there are of each value of a field."""
    found = desk.box.call("group_runs", by=[field], query=plan.query, limit=_SHOWN)
    if not found["groups"]:
        raise desk.report_none(plan.query)
    total = found["total"] - sum(
        all(one is None for one in group["key"].values()) for group in found["groups"]
    )
    desk.box.results.append({"n_values": total, "n_more": found["total"] - len(found["groups"])})
    values = "1 value" if total == 1 else f"{total} values"
    lines = [f"{values} of {field} in {count_runs(found['n_runs'])}{say_filter(plan.query)}:"]
    lines += [f"- {_name_group(group)}: {count_runs(group['n'])}" for group in found["groups"]]
    if found["total"] > len(found["groups"]):
        lines.append(f"- and {found['total'] - len(found['groups'])} more")
    return AgentAnswer(
        intent="count", natural_language_answer="\n".join(lines), used_run_ids=[], query=plan.query
    )


def _find_varied(conditions: list[Node]) -> str | None:
    """The field of which several values are asked for: `mean accuracy of svm and mlp`."""
    return next(
        (
            str(one.field)
            for one in conditions
            if isinstance(one, Condition) and one.operator == "in" and one.field.name != "run_id"
        ),
        None,
    )


def _head(metric: str, field: str | None, query: str, found: Mapping[str, Any]) -> str:
    by = "" if field is None else " of runs alike in all but the seed" if field == "seed" else f" by {field}"
    return f"Means of {metric}{by}, over {count_runs(found['n_runs'])}{say_filter(query)}:"


def _name_group(group: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in group["key"].items() if value is not None}
    if len(shown) == 1:
        return write_value(next(iter(shown.values())))
    return join_names([f"{name} {write_value(value)}" for name, value in list(shown.items())[:6]]) or "none"


def _read_mean(group: Mapping[str, Any]) -> float | None:
    mean: float | None = group["metrics"][0].get("mean") if group["metrics"] else None
    return mean


def _write_mean(group: Mapping[str, Any]) -> str:
    one = group["metrics"][0]
    text = f"{write_number(one['mean'])} of {count_runs(one['n_finite'])}"
    if "sd" in one:
        text += f", standard deviation {write_number(one['sd'])}"
    if "low" in one and "high" in one:
        level = write_number(100 * one["level"])
        text += f", {level} % CI {write_number(one['low'])} to {write_number(one['high'])}"
    return text
