"""Hyperparameters worth trying next, from the runs that are finished, by a Gaussian process."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from modellab.comparison.importance import judge_params
from modellab.comparison.questions import find_direction
from modellab.comparison.search_space import SearchSpace, as_points, find_space, group_columns
from modellab.comparison.seed_groups import strip_draws
from modellab.errors import InvalidInput, NotFound, list_nearest
from modellab.query import Field
from modellab.records import RunFilter
from modellab.records.run_groups import Summary
from modellab.records.suggestions import (
    FEWEST_RUNS,
    MAX_LEARNED,
    MAX_SUGGESTIONS,
    MAX_VARIED,
    ObservedRun,
    Suggestion,
    SuggestionKind,
    Suggestions,
)
from modellab.statistics.gaussian_process import GaussianProcess, expect_improvement, fit_process
from modellab.statistics.streams import Stream
from modellab.store import Store
from modellab.store.fields import MAX_FIELDS

_SHARE = 0.9  # of the runs have a param that is learned from
_DRAWN, _VARIED, _BEST = 600, 100, 4  # candidates: from anywhere, near to each of the best, and of how many
_EVERY = 3  # one suggestion of so many explores
_FENCE = 1.5  # worse values than so many quartile distances below the first count as that
_QUANTILE = 1.6449  # of 90 of 100 values around the middle
_APART = 0.05  # in the cube of the params: nearer ones are the same try
_HARDLY = 0.1  # of the variance explained

Floats = NDArray[np.float64]


def suggest_params(
    store: Store,
    wanted: RunFilter,
    *,
    metric: str,
    summary: Summary = "final",
    n: int = 3,
    seed: int = 0,
    higher_is_better: bool | None = None,
) -> Suggestions:
    """`n` (1 to 20) configurations worth trying, learned from the newest 300 completed runs that match.

    A Gaussian process (Matérn 5/2) is fitted to the metric over the params that vary; most suggestions have
    the largest expected improvement over the best run, and every third explores where least is known. Seeds
    and folds are no params. The same runs and `seed` give the same answer. With fewer than 8 runs, or where
    nothing varies, nothing is suggested, and `sentences` say why. Raises `NotFound` for a metric that no
    run has, and `InvalidInput`.
    """
    if not 1 <= n <= MAX_SUGGESTIONS:
        raise InvalidInput(f"n is {n}; it may be 1 to {MAX_SUGGESTIONS}.")
    known, is_assumed = find_direction(metric)
    better = known if higher_is_better is None else higher_is_better
    values, n_left_out = _read_values(store, wanted, metric, summary)
    found = {run_id: one.params for run_id, one in store.configurations.read(list(values)).items()}
    history = _History(
        {run_id: strip_draws(found[run_id]) for run_id in values if run_id in found}, values, better=better
    )
    return _answer(
        history,
        n=n,
        stream=Stream(seed, "suggestion"),
        metric=metric,
        higher_is_better=better,
        is_direction_assumed=is_assumed and higher_is_better is None,
        n_left_out=n_left_out,
    )


class _History:
    """Runs that have all params that nearly all have, and their values; more of `outcome` is better."""

    def __init__(
        self, params: Mapping[str, Mapping[str, Any]], values: Mapping[str, float], *, better: bool
    ) -> None:
        counts = Counter(name for one in params.values() for name in one)
        names = {name for name, count in counts.items() if count >= _SHARE * len(params)}
        whole = {run_id: one for run_id, one in params.items() if names <= set(one)}
        self.run_ids = list(whole)
        self.params: list[dict[str, Any]] = [
            {name: one[name] for name in sorted(names)} for one in whole.values()
        ]
        self.values = [values[run_id] for run_id in whole]
        self.sign = 1.0 if better else -1.0
        self.outcome = self.sign * np.array(self.values, dtype=np.float64)

    def find_best(self) -> ObservedRun | None:
        if not self.run_ids:
            return None
        place = int(np.argmax(self.outcome))
        return ObservedRun(run_id=self.run_ids[place], value=self.values[place], params=self.params[place])


def _read_values(
    store: Store, wanted: RunFilter, metric: str, summary: Summary
) -> tuple[dict[str, float], int]:
    """The finite values of the newest completed runs, by run."""
    column = str(Field("metrics", metric, summary))
    fields = store.fields.list(
        project_id=wanted.project_id, visible=wanted.visible, kinds=["metrics"], limit=MAX_FIELDS
    )
    names = [field.name for field in fields.metrics]
    if metric not in names:
        raise NotFound(f"No run has a metric {metric!r}.", hint=list_nearest(metric, names))
    completed = replace(wanted, status="completed", metric_name=metric)
    runs = store.table.read_columns(completed, columns=[column], at_most=MAX_LEARNED)
    pairs = zip(runs.run_ids, runs.values[0], strict=True)
    finite = {run_id: value for run_id, value in pairs if value is not None and math.isfinite(value)}
    return finite, runs.n_left_out


def _answer(history: _History, *, n: int, stream: Stream, **told: Any) -> Suggestions:
    space, fixed, left_out = find_space(history.params) if history.params else (SearchSpace([]), {}, [])
    why = _refuse(history, space, told["metric"])
    if why is not None:
        return Suggestions(
            **told,
            n_runs=len(history.run_ids),
            varied=space.params,
            fixed=fixed,
            best=history.find_best(),
            explained=None,
            items=[],
            sentences=[why],
        )
    best = history.find_best()
    assert best is not None
    space, held = _keep_strongest(space, history, best)
    outcome = _clip(history.outcome)
    process = fit_process(as_points(space, history.params), outcome, group_columns(space))
    items = _suggest(space, history, process, n, stream)
    explained = process.explain_unseen()
    return Suggestions(
        **told,
        n_runs=len(history.run_ids),
        varied=space.params,
        fixed=fixed | held,
        best=best,
        explained=explained,
        items=items,
        sentences=[
            *_say(told["metric"], len(history.run_ids), space, best, explained, [*left_out, *held]),
            *_say_how_many(space, len(items), n),
        ],
    )


def _refuse(history: _History, space: SearchSpace, metric: str) -> str | None:
    """Why nothing is suggested."""
    n = len(history.run_ids)
    if n < FEWEST_RUNS:
        word = "run has" if n == 1 else "runs have"
        return (
            f"Nothing is suggested: {n} completed {word} a finite {metric} and the same params, and "
            f"{FEWEST_RUNS} are the fewest to learn from."
        )
    if not space.params:
        return (
            f"Nothing is suggested: no param varies between the {n} runs in a way that can be learned from."
        )
    if np.ptp(history.outcome) == 0:
        return f"Nothing is suggested: {metric} is the same in all {n} runs."
    return None


def _keep_strongest(
    space: SearchSpace, history: _History, best: ObservedRun
) -> tuple[SearchSpace, dict[str, Any]]:
    """The params that go with the metric most clearly, and the others as the best run has them."""
    if len(space.params) <= MAX_VARIED:
        return space, {}
    judged = judge_params(
        [{p.name: one[p.name] for p in space.params} for one in history.params], history.outcome
    )
    ranked = sorted(judged, key=lambda one: -(one.strength or 0.0))
    kept = {one.name for one in ranked[:MAX_VARIED]}
    held = {param.name: best.params[param.name] for param in space.params if param.name not in kept}
    return SearchSpace([param for param in space.params if param.name in kept]), held


def _clip(outcome: Floats) -> Floats:
    """Values with those of runs that went wholly wrong brought near: how wrong they are says nothing."""
    first, third = np.quantile(outcome, [0.25, 0.75])
    fence = first - _FENCE * (third - first)
    return outcome if third == first else np.maximum(outcome, fence)


def _suggest(
    space: SearchSpace, history: _History, process: GaussianProcess, n: int, stream: Stream
) -> list[Suggestion]:
    candidates = _list_candidates(space, history, stream)
    points = as_points(space, candidates)
    aim = float(process.predict(as_points(space, history.params))[0].max())
    free = np.ones(len(candidates), dtype=np.bool_)
    found = []
    believed = process
    for number in range(1, n + 1):
        if not free.any():
            break
        mean, deviation = believed.predict(points)
        kind: SuggestionKind = "exploring" if number % _EVERY == 0 else "promising"
        worth = deviation if kind == "exploring" else expect_improvement(mean, deviation, aim)
        place = int(np.argmax(np.where(free, worth, -1.0)))
        free &= np.linalg.norm(points - points[place], axis=1) > _APART
        found.append(_describe(kind, candidates[place], process, points[place : place + 1], history.sign))
        # As if it had turned out as expected, so that the next one is another.
        believed = believed.believe(points[place : place + 1], mean[place : place + 1])
    return found


def _list_candidates(space: SearchSpace, history: _History, stream: Stream) -> list[dict[str, Any]]:
    """Params from anywhere and near to those of the best runs, none that has been tried."""
    order = np.argsort(-history.outcome, kind="stable")[:_BEST]
    drawn = space.draw(stream.child("anywhere"), _DRAWN)
    for place, run in enumerate(order):
        drawn += space.vary(stream.child("near", str(place)), history.params[run], _VARIED)
    tried = {_write([one[param.name] for param in space.params]) for one in history.params}
    new = {_write(list(one.values())): one for one in drawn}
    return [one for key, one in new.items() if key not in tried]


def _describe(
    kind: SuggestionKind, params: Mapping[str, Any], process: GaussianProcess, point: Floats, sign: float
) -> Suggestion:
    mean, deviation = (float(values[0]) for values in process.predict(point))
    reach = _QUANTILE * math.hypot(deviation, process.noise_deviation)
    low, high = sorted((sign * (mean - reach), sign * (mean + reach)))
    return Suggestion(kind=kind, params=params, expected=sign * mean, low=low, high=high)


def _say(
    metric: str, n: int, space: SearchSpace, best: ObservedRun, explained: float, left_out: Sequence[str]
) -> list[str]:
    sentences = [
        f"Learned from {n} completed runs by a Gaussian process over {len(space.params)} "
        f"{'param' if len(space.params) == 1 else 'params'}; the best so far has {metric} {best.value:.6g}."
    ]
    if explained < _HARDLY:
        sentences.append(
            "The model tells hardly anything about runs that it has not seen: take these as random tries."
        )
    else:
        sentences.append(f"It explains {100 * explained:.0f} % of the variance of runs that it has not seen.")
    if left_out:
        sentences.append(f"Not varied: {', '.join(left_out[:10])}{', …' if len(left_out) > 10 else ''}.")
    return sentences


def _say_how_many(space: SearchSpace, n_found: int, n: int) -> list[str]:
    """Why there are fewer suggestions than were asked for."""
    if n_found == n:
        return []
    names = ", ".join(param.name for param in space.params)
    if n_found == 0:
        return [
            f"Nothing is suggested: every combination of the values of {names} was tried. Try other values."
        ]
    return [f"No more than {n_found}: of the values of {names}, the runs have tried all other combinations."]


def _write(values: Sequence[Any]) -> bytes:
    return orjson.dumps(values)
