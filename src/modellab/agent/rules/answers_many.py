"""Answers about many runs: lists, counts, rankings, searches, datasets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from modellab.agent.answer import AgentAnswer
from modellab.agent.rules.answers_grouped import count_groups
from modellab.agent.rules.answers_one import summarise
from modellab.agent.rules.desk import Desk
from modellab.agent.rules.filters import join
from modellab.agent.rules.names import make_pattern
from modellab.agent.rules.plan import Plan
from modellab.agent.rules.question import NEGATION
from modellab.agent.rules.unread import IDLE_WORDS, SAYS_NO_FILTER, has_unread, list_unread
from modellab.agent.rules.wording import (
    count_runs,
    end_sentence,
    join_names,
    name_run,
    say_filter,
    write_number,
    write_time,
    write_value,
)
from modellab.errors import InvalidInput, ModelLabError, NotFound
from modellab.query import Condition, Field

DEFAULT_LIMIT = 10
_TIES_SHOWN = 5
_BEST_SHOWN = 5
_MOST = r"\b(?:most|more|maximum)"
_SHORTEST = r"\b(?:fastest|shortest|quickest)\b|\bleast (?:amount of )?time\b"
_LOOKS_FOR = (
    r"\b(?:search(?:ing)?(?: (?:all |the |my )?(?:runs|notes|experiments))?(?: for)?|look(?:ing)? for|about"
    r"|mention(?:s|ing|ed)?|contain(?:s|ing)?|say(?:s|ing)?|with the (?:words?|note|text))\b(.*)$"
)
_BEFORE_WORDS = r"(?:(?:all|any|the|runs?|notes?|that|which|with|in|their|about|for|mention\w*|words?)\s+)*"


def list_runs(plan: Plan, desk: Desk) -> AgentAnswer:
    """The runs that match, newest first, or by how long they took."""
    plan = _without_broken(plan)
    sort, order = _read_order(plan, desk)
    named = [one for one in plan.mentions if one.kind in ("id", "name", "turn")]
    if named and (sort is not None or plan.query is not None):
        plan, named = desk.narrow(plan), []
    if named:
        runs = desk.find_runs(plan, most=50)
        if len(runs) == 1:
            return summarise(plan, desk)
        lines = [f"- {_describe(run, None)}" for run in runs]
        return AgentAnswer(
            intent="list",
            natural_language_answer="\n".join([f"{count_runs(len(runs))}:", *lines]),
            used_run_ids=[run["run_id"] for run in runs],
        )
    if plan.query is None and sort is None and not plan.mentions and not plan.metric:
        found = _search_unread(plan, desk)
        if found is not None:
            return found
    latest = [one for one in plan.mentions if one.kind == "latest"]
    is_one = not _is_plural(plan) and (sort is not None or any(one.count == 1 for one in latest))
    limit = plan.limit or (1 if is_one else DEFAULT_LIMIT)
    skip = latest[0].skip if latest else 0
    page = desk.box.call("list_runs", query=plan.query, sort=sort, limit=min(limit + skip, 50))
    runs = page["runs"][skip:]
    if not runs:
        raise desk.report_none(plan.query)
    total = page["total"]
    head = f"{count_runs(total)}{say_filter(plan.query)}."
    if len(runs) < total:
        head += f" {order} {len(runs)}:" if len(runs) > 1 else f" {order}:"
    lines = [f"- {_describe(run, plan.metric)}" for run in runs]
    return AgentAnswer(
        intent="list",
        natural_language_answer="\n".join([head, *lines]),
        used_run_ids=[run["run_id"] for run in runs],
        query=plan.query,
        suggestions=["Compare the first two.", "Which of the runs is the best?"] if len(runs) > 1 else [],
    )


def count_all(plan: Plan, desk: Desk) -> AgentAnswer:
    """How many runs match."""
    if plan.question.has(r"\bhow many (?:\w+ )?data ?sets\b(?! \w+ have)") and plan.query is None:
        return list_datasets(plan, desk)
    if plan.group is not None and plan.group != "seed":
        return summarise(plan, desk) if plan.mentions else count_groups(plan, desk, plan.group)
    _refuse_other_things(plan)
    total = desk.box.call("list_runs", query=plan.query, limit=1)["total"]
    whole = f" of {desk.box.call('list_runs', limit=1)['total']}" if plan.query else ""
    return AgentAnswer(
        intent="count",
        natural_language_answer=f"{count_runs(total)}{whole}{say_filter(plan.query)}.",
        used_run_ids=[],
        query=plan.query,
        suggestions=["List them."] if total else [],
    )


def _refuse_other_things(plan: Plan) -> None:
    """`How many seeds` is not how many runs. Raises `InvalidInput`."""
    match = re.search(r"\bhow many ([a-z]\w*)", plan.question.rest, re.IGNORECASE)
    if match is not None and not re.fullmatch(
        f"{IDLE_WORDS}|{SAYS_NO_FILTER}|times", match[1], re.IGNORECASE
    ):
        raise InvalidInput(
            f"I count runs, datasets, and runs by a param, tag, project or status, but not {match[1]!r}.",
            hint="Such as `how many runs per project?`",
        )


def rank_runs(plan: Plan, desk: Desk) -> AgentAnswer:
    """The first by a metric, and whether the first can be told from the second."""
    metric = desk.choose_metric(plan)
    plan = desk.narrow(plan)
    higher = plan.wants_higher
    if higher is None and plan.question.has(r"\b(?:worst|weakest|least)\b"):
        from modellab.agent.metrics import is_higher_better

        higher = not is_higher_better(metric)
    skip = max([one.skip for one in plan.mentions if one.kind in ("best", "worst")], default=0)
    limit = plan.limit or (1 if skip else _BEST_SHOWN if _is_plural(plan) else 1)
    found = desk.box.call(
        "leaderboard",
        metric=metric,
        query=plan.query,
        top_k=min(max(limit + skip, _TIES_SHOWN), 50),
        higher_is_better=higher,
    )
    runs = found["runs"][skip:]
    if not runs:
        raise desk.report_none(plan.query)
    lines = [_head_ranking(found, runs, plan, skip)]
    lines += [
        f"{run['rank']}. {name_run(run)}: {write_number(run['value'])}" for run in runs[:limit] if limit > 1
    ]
    shown = runs[:limit]
    lines += _tell_params(plan, desk, runs[0])
    comparison = None
    if not skip and len(found["runs"]) > 1 and not plan.question.has(r"\b(?:worst|weakest)\b"):
        comparison, sentence = _judge_first(desk, found)
        lines += [sentence] if sentence else []
        shown = found["runs"][: max(limit, 2, len(_find_tied(runs)))]
    notes = [] if plan.metric else [f"No metric was named; {metric} is the one that most runs have."]
    return AgentAnswer(
        intent="best",
        natural_language_answer="\n".join(lines),
        used_run_ids=[run["run_id"] for run in shown],
        comparison=comparison,
        notes=notes,
        query=plan.query,
        suggestions=["Compare those two.", "What are the params of the best run?"],
    )


def search_runs(plan: Plan, desk: Desk) -> AgentAnswer:
    """Runs in which words occur."""
    text = _read_search(plan)
    if not text:
        raise NotFound(
            "It is not said what to look for.", hint='Put it in quotes: search for "warm restarts".'
        )
    found = desk.box.call(
        "search_run_summaries", text=text[:400], query=plan.query, limit=plan.limit or DEFAULT_LIMIT
    )
    runs = found["runs"]
    if not runs:
        if not desk.box.call("list_runs", limit=1)["total"]:
            raise desk.report_none(None)
        head = f"No run has {text!r} in its name, note, params, tags, command, dataset or error."
    else:
        head = f"{count_runs(found['total'])} with {text!r}{say_filter(plan.query)}:"
    lines = [f"- {_describe(run, plan.metric)}{_quote_note(run)}" for run in runs]
    return AgentAnswer(
        intent="search",
        natural_language_answer="\n".join([head, *lines]),
        used_run_ids=[run["run_id"] for run in runs],
        query=plan.query,
    )


def _search_unread(plan: Plan, desk: Desk) -> AgentAnswer | None:
    """Runs in whose texts the words occur that are no filter: `which ran out of memory?`"""
    unread = list_unread(plan.question, desk.names)
    words = [
        word
        for phrase in unread
        for word in phrase.split()
        if not re.fullmatch(f"{IDLE_WORDS}|{SAYS_NO_FILTER}", word, re.IGNORECASE)
    ]
    if not words or NEGATION.search(" ".join(unread)):
        return None
    for text in dict.fromkeys([" ".join(words), *words[:3]]):
        found = desk.box.call("search_run_summaries", text=text[:400], limit=plan.limit or DEFAULT_LIMIT)
        if found["runs"]:
            break
    else:
        return None
    lines = [f"{count_runs(found['total'])} with {text!r} in the name, note, params, tags or error:"]
    lines += [f"- {_describe(run, plan.metric)}{_quote_note(run)}" for run in found["runs"]]
    plan.question.take(r".+")
    return AgentAnswer(
        intent="search",
        natural_language_answer="\n".join(lines),
        used_run_ids=[run["run_id"] for run in found["runs"]],
    )


def list_datasets(_plan: Plan, desk: Desk) -> AgentAnswer:
    """The datasets there are; without registered ones, those that runs say they used."""
    found = desk.box.call("list_datasets", limit=20)["datasets"]
    if found:
        lines = [
            f"- {one['name']} version {one['version']}: {write_number(one.get('n_rows', 'unknown'))} rows, "
            f"used by {count_runs(one['n_runs'])}"
            for one in found
        ]
        return AgentAnswer(
            intent="datasets",
            natural_language_answer="\n".join(["Datasets, newest first:", *lines]),
            used_run_ids=[],
        )
    named = list(desk.names.datasets)
    desk.box.results.append({"dataset_ids": named})
    text = "No dataset is registered." + (
        f" Runs say that they used: {', '.join(named[:20])}." if named else ""
    )
    return AgentAnswer(intent="datasets", natural_language_answer=text, used_run_ids=[])


def _head_ranking(found: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], plan: Plan, skip: int) -> str:
    first = runs[0]
    word = "highest" if found["higher_is_better"] else "lowest"
    place = f"number {skip + 1} from the {word}" if skip else f"the {word}"
    metric, value = found["metric"], write_number(first["value"])
    total = count_runs(found["total"])
    if skip:
        return f"{name_run(first)} is {place} by {metric} ({value}) of {total}{say_filter(plan.query)}."
    tied = _find_tied(runs)
    if len(tied) > 1:
        more = "" if len(tied) < _TIES_SHOWN else " (and there may be more)"
        return (
            f"{join_names([name_run(run) for run in tied])}{more} share {place} {metric}, {value}, "
            f"of {total} that have it{say_filter(plan.query)}."
        )
    return (
        f"{name_run(first)} has {place} {metric}, {value}, of {total} that have it{say_filter(plan.query)}."
    )


def _find_tied(runs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The runs that share the first place."""
    return [run for run in runs[:_TIES_SHOWN] if run["value"] == runs[0]["value"]]


def _tell_params(plan: Plan, desk: Desk, run: Mapping[str, Any]) -> list[str]:
    """The params that are asked for, as in `the best learning rate`."""
    if not has_unread(plan.question, desk.names):
        return []
    asked = [name for words, name in desk.names.params if plan.question.has(rf"\b{make_pattern(words)}\b")]
    params = run.get("params", {})
    return [f"Its {name} is {write_value(params[name])}." for name in dict.fromkeys(asked) if name in params]


def _judge_first(desk: Desk, found: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """Whether the first really differs from the second: a ranking alone does not show that."""
    pair = [run["run_id"] for run in found["runs"][1::-1]]
    try:
        comparison = desk.box.call("compare_runs", run_ids=pair, metric=found["metric"])
    except ModelLabError:
        return None, None
    verdicts = comparison["verdicts"]
    return comparison, f"Against the next: {end_sentence(verdicts[0]['sentence'])}" if verdicts else None


def _describe(run: Mapping[str, Any], metric: str | None) -> str:
    metrics = run.get("metrics") or {}
    shown = {metric: metrics[metric]} if metric in metrics else dict(list(metrics.items())[:3])
    values = ", ".join(f"{name} {write_number(value)}" for name, value in shown.items())
    parts = [run["status"], write_time(run.get("started_at"))]
    if run.get("duration"):
        parts.append(run["duration"])
    error = f" — {write_value(run['error'])}" if run.get("error") else ""
    return f"{name_run(run)}: {', '.join([*parts, *([values] if values else [])])}{error}"


def _quote_note(run: Mapping[str, Any]) -> str:
    return f'; note: "{write_value(run["note"])}"' if run.get("note") else ""


def _read_order(plan: Plan, desk: Desk) -> tuple[str | None, str]:
    if plan.question.has(rf"\b(?:slowest|longest)\b|{_MOST} time\b"):
        return "-duration_s", "The longest"
    if plan.question.has(_SHORTEST):
        return "duration_s", "The shortest"
    if plan.question.has(r"\b(?:oldest|earliest|first)\b"):
        return "started_at", "The oldest"
    if plan.question.has(r"\bby\b"):
        for words, name in desk.names.params:
            if plan.question.has(rf"\bby (?:the )?{make_pattern(words)}s?\b"):
                return str(Field("params", name)), f"The first by {name}"
    return None, "The newest"


def _without_broken(plan: Plan) -> Plan:
    """For the shortest runs only those that completed, as one that broke was not fast."""
    if not plan.question.has(_SHORTEST) or any("status" in str(one) for one in plan.conditions):
        return plan
    conditions = [*plan.conditions, Condition(Field("run", "status"), "=", ("completed",))]
    return replace(plan, conditions=conditions, query=join(conditions))


def _is_plural(plan: Plan) -> bool:
    return plan.question.has(
        r"\b(?:runs|experiments|models|trials|jobs|ones|results|attempts|leader ?board|rank\w*|sort\w*)\b"
    )


def _read_search(plan: Plan) -> str:
    """The words to look for: what is quoted, or what comes after `for`, `about`, `mention` and the like."""
    if plan.question.quoted:
        return " ".join(plan.question.quoted)
    match = re.search(_LOOKS_FOR, plan.question.rest, re.IGNORECASE)
    rest = re.sub(r"[·?!,;]", " ", match[1] if match else plan.question.rest)
    rest = re.sub(rf"^\s*(?:{_BEFORE_WORDS})(?=\s)", " ", rest, flags=re.IGNORECASE)
    words = [word for word in rest.split() if not re.fullmatch(IDLE_WORDS, word, re.IGNORECASE)]
    return " ".join(words or rest.split()).strip(" .")
