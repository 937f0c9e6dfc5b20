"""What the rules work with while they answer: tools, names, and the runs that a plan means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from modellab.agent.metrics import is_higher_better
from modellab.agent.references import AmbiguousRun, find_candidates
from modellab.agent.rules.filters import join
from modellab.agent.rules.mentions import ALL, Mention
from modellab.agent.rules.names import Names
from modellab.agent.rules.plan import Plan, choose_metric
from modellab.agent.toolbox import Toolbox
from modellab.errors import NotFound, list_nearest
from modellab.query import Condition, Field

_MAX_MENTIONS = 50


class NoRuns(NotFound):
    """There is not a single run that the caller may see."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The tools and the names of one lab."""

    box: Toolbox
    names: Names

    def find_runs(self, plan: Plan, most: int = 10) -> list[dict[str, Any]]:
        """The runs that the question names, each once, in its order; none if it names none.

        Raises `NotFound` and `AmbiguousRun`.
        """
        found: dict[str, dict[str, Any]] = {}
        meant = {replace(mention, place=0): mention for mention in plan.mentions}
        for mention in list(meant.values())[:_MAX_MENTIONS]:
            for run in self._resolve(plan, mention):
                found.setdefault(run["run_id"], run)
        return list(found.values())[:most]

    def narrow(self, plan: Plan) -> Plan:
        """The plan for those runs alone that the question names."""
        named = [one for one in plan.mentions if one.kind in ("id", "name", "turn")]
        if not named:
            return plan
        runs = self.find_runs(replace(plan, mentions=named), most=50)
        if len(runs) < 2 and plan.intent == "best":
            return plan
        are_named = Condition(Field("run", "run_id"), "in", tuple(run["run_id"] for run in runs))
        conditions = [*plan.conditions, are_named]
        return replace(plan, conditions=conditions, query=join(conditions))

    def find_one(self, plan: Plan, *, query: str | None = None) -> tuple[dict[str, Any], bool]:
        """The run that is asked about, and whether the question names it; otherwise the newest that fits."""
        runs = self.find_runs(plan)
        if runs:
            return runs[0], True
        page = self.box.call("list_runs", query=query or plan.query, limit=1)
        if not page["runs"]:
            raise self.report_none(query or plan.query)
        return page["runs"][0], False

    def choose_metric(self, plan: Plan) -> str:
        """The metric that is named, or else the one that most runs have. Raises `NotFound`."""
        if plan.metric is not None:
            return plan.metric
        if plan.unknown_metric is not None and self.names.metrics:
            raise NotFound(
                f"No run has a metric {plan.unknown_metric!r}.",
                hint=list_nearest(plan.unknown_metric, self.names.metrics),
            )
        metric = choose_metric(self.names)
        if metric is None:
            raise NoRuns("No run has logged a metric yet.")
        return metric

    def report_none(self, query: str | None) -> NotFound:
        """Why there is no run to speak of."""
        if query is None or not self.box.call("list_runs", limit=1)["total"]:
            return NoRuns("There are no runs yet.")
        return NotFound(f"No run meets `{query}`.")

    def _resolve(self, plan: Plan, mention: Mention) -> Sequence[dict[str, Any]]:
        if mention.kind == "id":
            return self._find_reference(mention.value)
        if mention.kind == "name":
            return self._find_named(mention)
        if mention.kind == "turn":
            run_ids = _find_turn(plan, mention)[mention.skip :][: mention.count]
            if not run_ids:
                raise NotFound("The answer before named no such run.")
            return [self._find_reference(run_id)[0] for run_id in run_ids]
        if mention.kind in ("latest", "oldest"):
            sort = "started_at" if mention.kind == "oldest" else None
            limit = min(mention.skip + mention.count, 50)
            page = self.box.call("list_runs", query=plan.query, sort=sort, limit=limit)
        else:
            page = self._rank(plan, mention)
        runs: list[dict[str, Any]] = page["runs"][mention.skip :]
        if not runs:
            raise self.report_none(plan.query)
        return runs

    def _rank(self, plan: Plan, mention: Mention) -> dict[str, Any]:
        metric = self.choose_metric(plan)
        higher = plan.wants_higher
        if mention.kind == "worst" and higher is None:
            higher = not is_higher_better(metric)
        n_meant = min(mention.skip + mention.count, 50)
        is_changed = plan.intent in (
            "flag",
            "note",
        )  # which of two that share a place must not be left to chance
        page = self.box.call(
            "leaderboard",
            metric=metric,
            query=plan.query,
            top_k=n_meant + is_changed,
            higher_is_better=higher,
        )
        last = page["runs"][n_meant - 1 : n_meant]
        tied = [run for run in page["runs"][n_meant - 1 :] if run["value"] == last[0]["value"]]
        if len(tied) > 1:
            raise AmbiguousRun(f"the {mention.kind} run by {metric}", tied, len(tied))
        return {**page, "runs": page["runs"][:n_meant]}

    def _find_named(self, mention: Mention) -> Sequence[dict[str, Any]]:
        if len(mention.run_ids) == 1:
            return self._find_reference(mention.run_ids[0])
        return self._find_reference(mention.value)

    def _find_reference(self, reference: str) -> Sequence[dict[str, Any]]:
        found = find_candidates(self.box.api, reference)
        if not found["rows"]:
            raise NotFound(f"There is no run {reference!r}.", hint="`List the latest runs` shows some.")
        if found["total"] > 1:
            raise AmbiguousRun(reference, found["rows"], found["total"])
        row = found["rows"][0]
        self.box.results.append({"run_id": row["run_id"], "name": row["name"]})
        return [row]


def _find_turn(plan: Plan, mention: Mention) -> Sequence[str]:
    """The runs of the last answer that named as many as are meant; `those` are at least two."""
    n_meant = mention.skip + (2 if mention.count == ALL else mention.count)
    found = [turn.used_run_ids for turn in plan.turns]
    return next((ids for ids in reversed(found) if len(ids) >= n_meant), found[-1] if found else [])
