"""What tools read: functions from the API and checked arguments to bounded JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modellab.agent import arguments
from modellab.agent.api import LabAPI, NotOffered
from modellab.agent.brief import (
    MAX_ENTRIES,
    MAX_LONG_TEXT,
    drop_empty,
    shorten_entries,
    shorten_metrics,
    shorten_run,
    shorten_text,
)
from modellab.agent.comparing import compare
from modellab.agent.metrics import find_metric, is_higher_better
from modellab.agent.references import find_run
from modellab.errors import InvalidInput, NotFound
from modellab.query import And, Condition, Field, Node, Or, parse_query

_SEARCHED = ("name", "note", "description", "command", "error", "dataset_id", "function")


def list_runs(api: LabAPI, given: arguments.ListRuns) -> dict[str, Any]:
    """Runs in any order, and how many match."""
    page = api.table(query=given.query, sort=[given.sort] if given.sort else [], limit=given.limit)
    return {
        "query": given.query,
        "total": page["total"],
        "runs": _read_runs(api, [row["run_id"] for row in page["rows"]]),
    }


def rank_runs(api: LabAPI, given: arguments.Leaderboard) -> dict[str, Any]:
    """Runs by the final value of a metric, best first."""
    metric = find_metric(api, given.metric)
    higher = given.higher_is_better
    if higher is None:
        higher = is_higher_better(metric)
    field = Field("metrics", metric, "final")
    wanted = _both(Condition(field, "exists"), given.query)
    page = api.table(
        query=wanted, columns=[str(field)], sort=[f"{'-' if higher else ''}{field}"], limit=given.top_k
    )
    values = {row["run_id"]: row["values"][0] for row in page["rows"]}
    runs = _read_runs(api, list(values))
    return {
        "metric": metric,
        "higher_is_better": higher,
        "query": given.query,
        "total": page["total"],
        "runs": [{"rank": n, "value": values[run["run_id"]], **run} for n, run in enumerate(runs, start=1)],
    }


def group_runs(api: LabAPI, given: arguments.GroupRuns) -> dict[str, Any]:
    """How many runs each group has, and the mean, spread and range of metrics in it."""
    metrics = [find_metric(api, name) for name in given.metrics]
    more = {
        "metric": metrics,
        "query": given.query,
        "limit": given.limit,
        "ascending": given.ascending or None,
    }
    found = api.groups(given.by, **more)
    groups = [
        {
            "key": group["key"],
            "n": group["n"],
            "metrics": [_shorten_mean(one) for one in group["metrics"]],
            "run_ids": group["run_ids"][: arguments.MAX_COMPARED],
        }
        for group in found["groups"]
    ]
    return {"query": given.query, **_pick(found, "by", "total", "n_runs", "n_ungrouped"), "groups": groups}


def _shorten_mean(one: Mapping[str, Any]) -> dict[str, Any]:
    mean = one["mean"] or {}
    shown = {"mean": mean.get("estimate"), "low": mean.get("low"), "high": mean.get("high")}
    return drop_empty(
        {**_pick(one, "metric", "n", "n_finite", "sd", "min", "max"), **shown, "level": mean.get("level")}
    )


def get_run(api: LabAPI, given: arguments.GetRun) -> dict[str, Any]:
    """One run, whole but for what is long."""
    run = api.run(find_run(api, given.run_id))
    summaries = list(run["metrics"].values())
    shown = {
        **shorten_run(run),
        "note": shorten_text(run["note"], MAX_LONG_TEXT),
        "error": shorten_text(run["error"], MAX_LONG_TEXT),
        "metrics": shorten_metrics(run["final_metrics"]),
        "description": shorten_text(run["description"], MAX_LONG_TEXT),
        "command": shorten_text(run["command"]),
        "function": run["function"],
        "git_hash": run["git_hash"],
        "git_branch": run["git_branch"],
        "git_dirty": run["git_dirty"],
        "python_version": run["python_version"],
        "hostname": run["hostname"],
        "user": run["user"],
        "config": shorten_entries(run["config"]),
        "parent_id": run["parent_id"],
        "children": run["children"][:MAX_ENTRIES],
        "artifacts": run["artifacts"][:MAX_ENTRIES],
        "n_artifacts": run["n_artifacts"],
        "datasets": [_pick(one, "dataset_id", "name", "version", "split") for one in run["datasets"]],
        "curves": shorten_metrics({one["name"]: one["count"] for one in summaries if one["count"] > 1}),
        # The end of a traceback says what went wrong.
        "traceback": run["traceback"] and run["traceback"][-MAX_LONG_TEXT:],
    }
    return drop_empty(shown, keep=("run_id", "name", "status"))


def compare_runs(api: LabAPI, given: arguments.CompareRuns) -> dict[str, Any]:
    """Verdicts on runs, and all in which they differ."""
    run_ids = list(dict.fromkeys(find_run(api, one) for one in given.run_ids))
    if len(run_ids) < 2:
        raise InvalidInput("These are one and the same run; a comparison takes two or more.")
    baseline = find_run(api, given.baseline) if given.baseline else None
    return compare(api, run_ids, metric=given.metric, baseline=baseline, min_effect=given.min_effect)


def read_history(api: LabAPI, given: arguments.MetricHistory) -> dict[str, Any]:
    """Curves of a run, with what is known of each."""
    run = api.run(find_run(api, given.run_id))
    with_points = [name for name, one in shorten_metrics(run["metrics"]).items() if one["count"]]
    wanted = [find_metric(api, name, among=list(run["metrics"])) for name in given.metrics]
    names = list(dict.fromkeys(wanted or with_points[: arguments.MAX_METRICS]))
    curves = api.series(run["run_id"], names, max_points=given.max_points)["series"] if names else []
    shown = []
    for curve in curves:
        known = run["metrics"].get(curve["name"], {})
        summary = _pick(
            known, "first", "last", "final", "min", "max", "first_step", "last_step", "min_step", "max_step"
        )
        shown.append(
            {
                "metric": curve["name"],
                "n_points": curve["count"],
                "n_nonfinite": curve["n_nonfinite"],
                "is_reduced": curve["reduced"],
                **summary,
                "steps": curve["steps"],
                "values": curve["values"],
            }
        )
    return {"run_id": run["run_id"], "name": run["name"], "status": run["status"], "curves": shown}


def search_runs(api: LabAPI, given: arguments.SearchRuns) -> dict[str, Any]:
    """Runs in which words occur, best first."""
    try:
        found = api.search(given.text, query=given.query, limit=given.limit)
    except NotOffered:
        return _search_by_filter(api, given)
    places = {hit["id"]: {one["field"]: one["text"] for one in hit["snippets"]} for hit in found["items"]}
    runs = [{**run, "found_in": places[run["run_id"]]} for run in _read_runs(api, list(places))]
    return {
        "text": given.text,
        "total": max(found["total"], len(runs)),
        "runs": runs,
        "notes": found["notes"],
    }


def _search_by_filter(api: LabAPI, given: arguments.SearchRuns) -> dict[str, Any]:
    """Runs in whose texts each of the words occurs: for servers without an index."""
    words: list[Node] = []
    for word in given.text.split()[:10]:
        form = "%" + "".join(f"\\{c}" if c in "\\%_" else c for c in word) + "%"
        words.append(Or(tuple(Condition(Field("run", name), "ilike", (form,)) for name in _SEARCHED)))
    wanted = str(words[0] if len(words) == 1 else And(tuple(words))) if words else None
    query = f"({given.query}) and ({wanted})" if given.query and wanted else wanted or given.query
    page = api.table(query=query, limit=given.limit)
    runs = _read_runs(api, [row["run_id"] for row in page["rows"]])
    return {"text": given.text, "total": page["total"], "runs": runs}


def find_similar(api: LabAPI, given: arguments.SimilarRuns) -> dict[str, Any]:
    """Runs like one, with why."""
    found: dict[str, Any] = api.similar(find_run(api, given.run_id), limit=given.limit)
    shown = ("run_id", "name", "project_id", "status", "distance", "shared_params", "different_params", "why")
    return {
        "run_id": found["run_id"],
        "n_considered": found["n_considered"],
        "runs": [_pick(one, *shown) for one in found["items"]],
    }


def suggest(api: LabAPI, given: arguments.Suggest) -> dict[str, Any]:
    """Hyperparameters to try, and what stands behind them."""
    metric = find_metric(api, given.metric)
    found: dict[str, Any] = api.suggest(metric, query=given.query, n=given.n)
    shown = ("metric", "higher_is_better", "n_runs", "fixed", "best", "explained", "sentences")
    return {**_pick(found, *shown), "suggestions": found["items"]}


def list_datasets(api: LabAPI, given: arguments.ListDatasets) -> dict[str, Any]:
    """Datasets, newest first."""
    page = api.datasets(name=given.name, limit=given.limit)
    keys = (
        "dataset_id",
        "name",
        "version",
        "project_id",
        "n_rows",
        "n_columns",
        "size",
        "n_runs",
        "created_at",
        "tags",
    )
    shown = [
        drop_empty({**_pick(one, *keys), "description": shorten_text(one["description"])})
        for one in page["items"]
    ]
    return {"datasets": shown, "has_more": page["next_cursor"] is not None}


def read_evaluation(api: LabAPI, given: arguments.EvaluationReport) -> dict[str, Any]:
    """An evaluation of a run: metrics, intervals, takeaway."""
    run_id = find_run(api, given.run_id)
    found = {one["name"]: one for one in api.evaluations(run_id)["items"]}
    if not found:
        raise NotFound(f"Run {run_id} has no evaluation.", hint="`run.log_evaluation` makes one.")
    name = given.name or ("test" if "test" in found else next(iter(found)))
    if name not in found:
        raise NotFound(f"Run {run_id} has no evaluation {name!r}.", hint=f"There are: {', '.join(found)}.")
    one = found[name]
    intervals = {
        metric: _pick(interval, "low", "high", "level")
        for metric, interval in one["intervals"].items()
        if interval["low"] is not None
    }
    shown = _pick(one, "run_id", "name", "task_type", "n", "classes", "primary_metric", "metrics", "takeaway")
    return {**shown, "intervals": intervals, "evaluations": list(found)}


def _read_runs(api: LabAPI, run_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Runs by their ids, in that order."""
    if not run_ids:
        return []
    wanted = Condition(Field("run", "run_id"), "in", tuple(run_ids))
    found = {run["run_id"]: run for run in api.runs(query=str(wanted), limit=len(run_ids))}
    return [shorten_run(found[run_id]) for run_id in run_ids if run_id in found]


def _both(condition: Condition, query: str | None) -> str:
    if not query or not query.strip():
        return str(condition)
    return str(And((condition, parse_query(query))))


def _pick(content: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: content[name] for name in names if name in content}
