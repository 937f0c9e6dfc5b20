"""Answers about one run: what it is, why it failed, how its metrics went, its evaluation, runs like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modellab.agent.answer import AgentAnswer
from modellab.agent.metrics import is_higher_better, normalise
from modellab.agent.rules.desk import Desk
from modellab.agent.rules.filters import join
from modellab.agent.rules.plan import Plan
from modellab.agent.rules.wording import (
    count_runs,
    end_sentence,
    name_run,
    say_filter,
    write_entries,
    write_number,
    write_time,
    write_value,
)
from modellab.query import And, Condition, Field
from modellab.records.directions import STAGES

_MAX_CURVES = 4
_FAILED = Condition(Field("run", "status"), "=", ("failed",))


def summarise(plan: Plan, desk: Desk) -> AgentAnswer:
    """A run; without one, all of them."""
    runs = desk.find_runs(plan, most=5)
    if not runs:
        return _summarise_all(plan, desk)
    details = [desk.box.call("get_run_details", run_id=run["run_id"]) for run in runs]
    return AgentAnswer(
        intent="summarise",
        natural_language_answer="\n\n".join(_describe(run, plan.metric) for run in details),
        used_run_ids=[run["run_id"] for run in details],
        suggestions=["Which runs are similar to it?", "How did its metrics go?"],
    )


def explain_failure(plan: Plan, desk: Desk) -> AgentAnswer:
    """What a failed run says of its end; without one, the newest that failed."""
    plan_of_failed = join(list(dict.fromkeys((*plan.conditions, _FAILED))))
    is_named = any(one.kind not in ("latest",) for one in plan.mentions)
    more: list[dict[str, Any]] = []
    if is_named:
        runs = desk.find_runs(plan, most=3)
        run = runs[0]
        more = [desk.box.call("get_run_details", run_id=one["run_id"]) for one in runs[1:]]
    else:
        skip = max([one.skip for one in plan.mentions], default=0)
        page = desk.box.call("list_runs", query=plan_of_failed, limit=skip + 1)
        if len(page["runs"]) <= skip:
            return _say_none_failed(plan, desk)
        run = page["runs"][skip]
    details = desk.box.call("get_run_details", run_id=run["run_id"])
    return AgentAnswer(
        intent="why_failed",
        natural_language_answer="\n\n".join(
            [_explain(details, is_newest=not is_named), *(_explain(one, is_newest=False) for one in more)]
        ),
        used_run_ids=[one["run_id"] for one in (details, *more)],
        query=None if is_named else plan_of_failed,
        suggestions=["Which other runs failed?", "Which runs are similar to it?"],
    )


def tell_trend(plan: Plan, desk: Desk) -> AgentAnswer:
    """How metrics of a run went; without one, of the newest that has any."""
    runs = desk.find_runs(plan, most=3)
    is_named = bool(runs)
    if not runs:
        runs = [desk.find_one(plan, query=_with_curve(plan))[0]]
    metrics = _choose_curves(plan)
    parts, used = [], []
    for run in runs:
        found = desk.box.call("metric_history", run_id=run["run_id"], metrics=metrics or None, max_points=100)
        if plan.unknown_metric:
            desk.choose_metric(plan)  # raises, with the near ones
        curves = [one for one in found["curves"] if one["n_points"]]
        used.append(found["run_id"])
        parts.append(_tell_curves(found, curves) if curves else _say_no_curve(desk, run, metrics))
    head = [] if is_named else [f"The newest run{say_filter(plan.query)} is meant, as none was named."]
    return AgentAnswer(
        intent="trend",
        natural_language_answer="\n".join([*head, *parts]),
        used_run_ids=used,
        suggestions=["Compare it with the best run."],
    )


def report_evaluation(plan: Plan, desk: Desk) -> AgentAnswer:
    """An evaluation of a run in its five sentences."""
    run, _ = desk.find_one(plan)
    found = desk.box.call("evaluation_report", run_id=run["run_id"])
    lines = [f"{name_run(run)}, evaluation {found['name']!r}, {found['n']} rows: {found['takeaway']}"]
    for metric, interval in found["intervals"].items():
        value = found["metrics"].get(metric)
        level = write_number(100 * interval["level"])
        lines.append(
            f"- {metric}: {write_number(value)} "
            f"({level} % CI {write_number(interval['low'])} to {write_number(interval['high'])})"
        )
    desk.box.results.append({"level": 95})
    return AgentAnswer(
        intent="evaluation", natural_language_answer="\n".join(lines), used_run_ids=[run["run_id"]]
    )


def find_similar(plan: Plan, desk: Desk) -> AgentAnswer:
    """Runs like one, with why."""
    run, is_named = desk.find_one(plan)
    found = desk.box.call("similar_runs", run_id=run["run_id"], limit=plan.limit or 5)
    others = found["runs"]
    head = f"Runs most like {name_run(run)}{'' if is_named else ', the newest'}:"
    lines = [f"- {name_run(one)}: {one['why']}; distance {write_number(one['distance'])}" for one in others]
    return AgentAnswer(
        intent="similar",
        natural_language_answer="\n".join([head, *lines]) if lines else f"No run is like {name_run(run)}.",
        used_run_ids=[run["run_id"], *(one["run_id"] for one in others)],
        suggestions=["Compare the first two."],
    )


def _summarise_all(plan: Plan, desk: Desk) -> AgentAnswer:
    page = desk.box.call("list_runs", query=plan.query, limit=5)
    if not page["total"]:
        raise desk.report_none(plan.query)
    counts = []
    for status in ("failed", "running"):
        is_status = Condition(Field("run", "status"), "=", (status,))
        query = str(And((*plan.conditions, is_status)) if plan.conditions else is_status)
        counts.append(f"{desk.box.call('list_runs', query=query, limit=1)['total']} {status}")
    lines = [f"{count_runs(page['total'])}{say_filter(plan.query)}, of which {' and '.join(counts)}."]
    used = [run["run_id"] for run in page["runs"]]
    if desk.names.metrics:
        metric = desk.choose_metric(plan)
        best = desk.box.call("leaderboard", metric=metric, query=plan.query, top_k=1)
        for run in best["runs"]:
            word = "highest" if best["higher_is_better"] else "lowest"
            lines.append(f"The {word} {metric} is {write_number(run['value'])}, of {name_run(run)}.")
            used = list(dict.fromkeys([run["run_id"], *used]))
    lines.append("The newest:")
    lines += [
        f"- {name_run(run)}: {run['status']}, {write_time(run.get('started_at'))}" for run in page["runs"]
    ]
    return AgentAnswer(
        intent="summarise",
        natural_language_answer="\n".join(lines),
        used_run_ids=used,
        query=plan.query,
        suggestions=["Which runs failed?", "What should I try next?"],
    )


def _describe(run: Mapping[str, Any], metric: str | None) -> str:
    lines = (
        [f"{metric} is {write_number(run['metrics'][metric])}."] if metric in run.get("metrics", {}) else []
    )
    lines += [
        f"{name_run(run)} is {run['status']}. It started at {write_time(run.get('started_at'))}"
        + (f" and took {run['duration']}." if run.get("duration") else "."),
    ]
    if run.get("error"):
        lines.append(f"Error: {end_sentence(write_value(run['error']))}")
    for title, key in (("Metrics", "metrics"), ("Params", "params"), ("Tags", "tags")):
        if run.get(key):
            lines.append(f"{title}: {write_entries(run[key], 12)}.")
    facts = {"Dataset": run.get("dataset_id"), "Seed": run.get("seed"), "Command": run.get("command")}
    lines += [f"{title}: {value}" for title, value in facts.items() if value is not None]
    if run.get("git_hash"):
        changed = ", with changes that were not committed" if run.get("git_dirty") else ""
        lines.append(f"Commit: {run['git_hash'][:10]}{changed}")
    if run.get("note"):
        lines.append(f'Note: "{run["note"]}"')
    return "\n".join(lines)


def _explain(run: Mapping[str, Any], *, is_newest: bool) -> str:
    if run["status"] != "failed":
        return f"{name_run(run)} has not failed: it is {run['status']}."
    which = "The newest failed run is " if is_newest else ""
    begin = f"{which}{name_run(run)}." if which else f"{name_run(run)} failed."
    lines = [begin, f"Error: {end_sentence(run.get('error') or 'it recorded none')}"]
    if run.get("duration"):
        lines.append(f"It ended after {run['duration']}.")
    if run.get("traceback"):
        tail = run["traceback"].strip().splitlines()[-4:]
        lines += ["The traceback ends with:", *(f"    {line}" for line in tail)]
    if run.get("params"):
        lines.append(f"Params: {write_entries(run['params'])}.")
    return "\n".join(lines)


def _say_none_failed(plan: Plan, desk: Desk) -> AgentAnswer:
    total = desk.box.call("list_runs", query=plan.query, limit=1)["total"]
    if not total:
        raise desk.report_none(plan.query)
    return AgentAnswer(
        intent="why_failed",
        natural_language_answer=f"None of {count_runs(total)}{say_filter(plan.query)} has failed.",
        used_run_ids=[],
    )


def _with_curve(plan: Plan) -> str | None:
    """The filter of the question, and that there is a curve of its metric."""
    if plan.metric is None:
        return plan.query
    has_curve = Condition(Field("metrics", plan.metric, "count"), ">", (1.0,))
    return str(And((*plan.conditions, has_curve)) if plan.conditions else has_curve)


def _choose_curves(plan: Plan) -> list[str]:
    return [plan.metric] if plan.metric else []


def _say_no_curve(desk: Desk, run: Mapping[str, Any], metrics: Sequence[str]) -> str:
    """That there is no curve, and the one value that there is instead."""
    details = desk.box.call("get_run_details", run_id=run["run_id"])
    name, values = name_run(details), details.get("metrics", {})
    if not metrics:
        return f"{name} has no curves."
    own = (
        f"{metrics[0]} is {write_number(values[metrics[0]])}"
        if metrics[0] in values
        else "it never logged it"
    )
    return f"{name} has no curve of {metrics[0]}: {own}."


def _tell_curves(found: Mapping[str, Any], curves: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"{name_run(found)}:"]
    lines += [f"- {_tell_curve(curve)}" for curve in curves[:_MAX_CURVES]]
    overfit = _find_overfitting(curves)
    return "\n".join([*lines, *([overfit] if overfit else [])])


def _tell_curve(curve: Mapping[str, Any]) -> str:
    first, last = curve["first"], curve["last"]
    metric, n = curve["metric"], curve["n_points"]
    if n == 1 or not all(isinstance(value, (int, float)) for value in (first, last)):
        return f"{metric}: {write_number(last)} at step {curve['last_step']} ({n} points)"
    word = "stayed at" if first == last else "rose from" if last > first else "fell from"
    way = f"{write_number(first)} to {write_number(last)}" if first != last else write_number(last)
    is_higher = is_higher_better(metric)
    extreme, step = ("max", "max_step") if is_higher else ("min", "min_step")
    peak = f"{'highest' if is_higher else 'lowest'} {write_number(curve[extreme])} at step {curve[step]}"
    odd = f"; {curve['n_nonfinite']} points are NaN or infinite" if curve["n_nonfinite"] else ""
    return f"{metric} {word} {way} over steps {curve['first_step']} to {curve['last_step']}; {peak}{odd}"


def _find_overfitting(curves: Sequence[Mapping[str, Any]]) -> str | None:
    """A loss of validation that rises again while that of training falls."""
    by_stage: dict[tuple[str, ...], dict[str, Mapping[str, Any]]] = {}
    for curve in curves:
        stage, *rest = normalise(curve["metric"])
        if stage in STAGES and rest:
            by_stage.setdefault(tuple(rest), {})["train" if stage == "train" else "val"] = curve
    for pair in by_stage.values():
        train, val = pair.get("train"), pair.get("val")
        if train is None or val is None or is_higher_better(val["metric"]):
            continue
        if val["min_step"] is None or val["min_step"] == val["last_step"] or not _is_number(val, train):
            continue
        if val["last"] > val["min"] and train["last"] < train["first"]:
            return (
                f"{val['metric']} was lowest at step {val['min_step']} and is higher at the end, while "
                f"{train['metric']} fell: that may be overfitting."
            )
    return None


def _is_number(*curves: Mapping[str, Any]) -> bool:
    return all(isinstance(curve[name], (int, float)) for curve in curves for name in ("first", "last", "min"))
