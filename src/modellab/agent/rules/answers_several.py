"""Answers that compare, suggest or change: verdicts, hyperparameters, notes and flags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from modellab.agent.answer import AgentAnswer
from modellab.agent.rules.desk import Desk
from modellab.agent.rules.filters import join
from modellab.agent.rules.names import make_pattern
from modellab.agent.rules.plan import Plan
from modellab.agent.rules.unread import list_unread
from modellab.agent.rules.wording import (
    count_runs,
    end_sentence,
    join_names,
    name_run,
    say_filter,
    write_entries,
    write_number,
    write_value,
)
from modellab.errors import Forbidden, InvalidInput, NotFound
from modellab.query import Condition, Field

_MAX_PARAMS = 8
_SAY_WHICH = "Say which run to flag, such as `flag the best run`."


def compare(plan: Plan, desk: Desk) -> AgentAnswer:
    """Whether runs really differ, in the words of the comparison, and in what else they differ."""
    runs, notes = _find_compared(plan, desk)
    if len(runs) < 2:
        raise InvalidInput(
            "A comparison takes two runs or more.", hint="`Compare the latest two runs`, or name them."
        )
    metric = desk.choose_metric(plan) if plan.metric or plan.unknown_metric else None
    found = desk.box.call("compare_runs", run_ids=[run["run_id"] for run in runs], metric=metric)
    labels = {run["run_id"]: run["label"] for run in found["runs"]}
    who = join_names([name_run(run) for run in runs])
    lines = [f"Compared: {who}.", *map(end_sentence, found["sentences"])]
    lines += [f"- {_write_difference(one, labels)}" for one in found["differences"]["params"][:_MAX_PARAMS]]
    lines += [f"Beware: {end_sentence(warning)}" for warning in found["warnings"]]
    return AgentAnswer(
        intent="compare",
        natural_language_answer="\n".join(lines),
        used_run_ids=[run["run_id"] for run in runs],
        comparison=found,
        notes=notes,
        suggestions=["Flag the first one for publishing."],
    )


def suggest(plan: Plan, desk: Desk) -> AgentAnswer:
    """Hyperparameters to try, as the server's model of finished runs says."""
    metric = desk.choose_metric(plan)
    found = desk.box.call("suggest_hyperparameters", metric=metric, query=plan.query, n=plan.limit or 3)
    lines = [f"{n}. {_write_suggestion(one)}" for n, one in enumerate(found["suggestions"], start=1)]
    lines += map(end_sentence, found["sentences"])
    best = found["best"]
    return AgentAnswer(
        intent="suggest",
        natural_language_answer="\n".join(lines),
        used_run_ids=[best["run_id"]] if best else [],
        query=plan.query,
    )


def _write_suggestion(one: Mapping[str, Any]) -> str:
    low, expected, high = (write_number(one[name]) for name in ("low", "expected", "high"))
    return f"{write_entries(one['params'], 12)} ({one['kind']}): expected {expected}, from {low} to {high}"


def flag(plan: Plan, desk: Desk) -> AgentAnswer:
    """Flag the one run that is named; not if something of the question was not understood."""
    unread = [f"“{phrase}”" for phrase in list_unread(plan.question, desk.names)]
    if unread or plan.question.has(r"\b(?:all|every|each)\b"):
        what = (
            f"It was not understood what {', '.join(unread)} means"
            if unread
            else "One run can be flagged at a time"
        )
        raise InvalidInput(f"{what}, so nothing was changed.", hint=_SAY_WHICH)
    run = _find_changed(plan, desk, "flag_run_for_publish", _SAY_WHICH)
    done = desk.box.call("flag_run_for_publish", run_id=run["run_id"])
    return AgentAnswer(
        intent="flag",
        natural_language_answer=f"{name_run(done)} is flagged for publishing: it has the tag publish now.",
        used_run_ids=[done["run_id"]],
        flagged_run_id=done["run_id"],
        suggestions=["Which runs are flagged?"],
    )


def write_note(plan: Plan, desk: Desk) -> AgentAnswer:
    """Write a note on the one run that is named."""
    text = _read_note(plan)
    if not text:
        raise InvalidInput(
            "It is not said what to note.",
            hint='Put it in quotes: add the note "too few epochs" to the latest run.',
        )
    run = _find_changed(plan, desk, "update_note", "Say on which run, such as `on the latest run`.")
    mode = "replace" if plan.question.has(r"\b(?:replace|set|change|overwrite)\b") else "append"
    done = desk.box.call("update_note", run_id=run["run_id"], note=text, mode=mode)
    return AgentAnswer(
        intent="note",
        natural_language_answer=f'The note of {name_run(done)} is now: "{done["note"]}"',
        used_run_ids=[done["run_id"]],
    )


def _find_changed(plan: Plan, desk: Desk, tool: str, hint: str) -> Mapping[str, Any]:
    if not desk.box.may(tool):
        raise Forbidden(
            "Writing is switched off, so nothing was changed.", hint="Reading questions are answered."
        )
    runs = desk.find_runs(plan)
    if not runs:
        raise NotFound("No run was named, so nothing was changed.", hint=hint)
    if len(runs) > 1:
        raise InvalidInput(
            f"{len(runs)} runs were named and one can be changed at a time, so nothing was changed.",
            hint=hint,
        )
    return runs[0]


def _find_compared(plan: Plan, desk: Desk) -> tuple[list[dict[str, Any]], list[str]]:
    """The runs to compare, and how they were chosen where the question left that open."""
    varied = next(
        (one for one in plan.conditions if isinstance(one, Condition) and one.operator == "in"), None
    )
    varied = varied or _find_all_values(plan, desk)
    if varied is not None and all(one.kind in ("best", "latest") and one.count == 1 for one in plan.mentions):
        return _find_first_of_each(plan, desk, varied)
    runs = desk.find_runs(plan)
    if len(runs) > 1:
        return runs, []
    if len(runs) == 1:
        if len(plan.mentions) > 1 or plan.question.has(r"\bitself\b"):
            raise InvalidInput(
                f"{name_run(runs[0])} is one and the same run; a comparison takes two or more."
            )
        unknown = list_unread(plan.question, desk.names)
        if unknown:
            raise NotFound(f"There is no run {unknown[0]!r}.", hint="`List the latest runs` shows some.")
        return _add_other(plan, desk, runs[0])
    if plan.turns and len(plan.turns[-1].used_run_ids) > 1:
        used = [{"run_id": run_id, "name": None} for run_id in plan.turns[-1].used_run_ids[:10]]
        return used, ["The runs of the answer before were compared."]
    if plan.question.has(r"\b(?:those|these|them|they|both)\b"):
        raise InvalidInput(
            "No answer before named two runs.", hint="Name the runs, or `compare the best two`."
        )
    metric = desk.choose_metric(plan)
    top_k = 10 if plan.question.has(r"\ball\b") else min(plan.limit or 2, 10)
    found = desk.box.call("leaderboard", metric=metric, query=plan.query, top_k=top_k)
    if not found["runs"]:
        raise desk.report_none(plan.query)
    note = f"No runs were named; these are the first by {metric}{say_filter(plan.query)}."
    return found["runs"], [note]


def _add_other(plan: Plan, desk: Desk, run: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    metric = desk.choose_metric(plan)
    found = desk.box.call("leaderboard", metric=metric, query=plan.query, top_k=2)
    others = [one for one in found["runs"] if one["run_id"] != run["run_id"]]
    if not others:
        raise NotFound(f"There is no other run with {metric} to compare {name_run(run)} with.")
    return [run, others[0]], [f"One run was named; the other is the first by {metric}."]


def _find_first_of_each(plan: Plan, desk: Desk, varied: Condition) -> tuple[list[dict[str, Any]], list[str]]:
    metric = desk.choose_metric(plan)
    is_latest = any(one.kind == "latest" for one in plan.mentions)
    runs, counts = [], []
    for value in varied.values[:10]:
        same = Condition(varied.field, "=", (value,))
        query = join([*(one for one in plan.conditions if one is not varied), same])
        if is_latest:
            found = desk.box.call("list_runs", query=query, limit=1)
        else:
            found = desk.box.call("leaderboard", metric=metric, query=query, top_k=1)
        if not found["runs"]:
            raise NotFound(f"No run meets `{query}`{'' if is_latest else f' and has {metric}'}.")
        runs += found["runs"]
        counts.append(f"{write_value(value)} has {count_runs(found['total'])}")
    which = "newest run" if is_latest else f"first run by {metric}"
    note = f"Of each {varied.field} the {which} was taken: {join_names(counts)}."
    return runs, [note, f"The means: ask “mean {metric} by {varied.field.name}”."]


def _find_all_values(plan: Plan, desk: Desk) -> Condition | None:
    """Every value of the param that `which optimizer is better?` asks about."""
    for words, name in desk.names.params if plan.question.has(r"^\W*(?:which|what)\b") else ():
        field = str(Field("params", name))
        if plan.question.has(rf"^\W*(?:which|what) {make_pattern(words)}\b") and field in desk.names.valued:
            values = tuple(str(value) for value in desk.names.values(field))
            return Condition(Field("params", name), "in", values) if len(values) > 1 else None
    return None


def _write_difference(difference: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    values = [
        f"{write_value(difference['values'][run_id])} in {label}"
        for run_id, label in labels.items()
        if run_id in difference["values"]
    ]
    return f"{difference['name']}: {', '.join(values)}"


def _read_note(plan: Plan) -> str:
    question = plan.question
    if question.quoted:
        return question.quoted[-1]
    text = question.text
    forms = (
        r"\b(?:saying|says|that says|which says|as follows|with the text|stating)\b:?\s+(?:that\s+)?(.+)$",
        r":\s+(.+)$",
        r"^(?:please )?note that\s+(.+?)(?:\s+(?:on|for|to|in) (?:the )?(?:latest|last|best|run)\b.*)?$",
        r"\b(?:note|comment|remark)\s+(?:on|to|for|of)\s+(?:\S+\s+){1,8}?that\s+(.+)$",
        r"\bnote\s+(?!(?:to|on|for|of)\b)(.+?)\s+(?:to|on|for)\s+(?:the |my |run |it\b|that\b).*$",
    )
    for form in forms:
        match = re.search(form, text, re.IGNORECASE | re.DOTALL)
        if match is not None:
            return match[1].strip().strip("\"'")
    return ""
