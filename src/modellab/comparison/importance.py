"""Which params go with a metric over many runs: an association, which is no cause."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from modellab.comparison.seed_groups import strip_draws
from modellab.query import Field
from modellab.records import RunFilter
from modellab.records.estimates import LEVEL
from modellab.records.run_groups import MAX_PARAMS, MAX_RANKED, Importance, ParamImportance, Summary
from modellab.statistics.associations import FEWEST, Association, Permutations, code_values
from modellab.statistics.corrections import holm
from modellab.statistics.streams import Stream
from modellab.store import Store

_SEED = 0
_MOST_VALUES = 100  # of a param that is no number
_NO_CAUSE = (
    "This is association, not cause: what was changed together cannot be told apart, and a param that "
    "matters only together with another may not show."
)


def rank_params(store: Store, wanted: RunFilter, *, metric: str, summary: Summary = "final") -> Importance:
    """How strongly each param goes with a metric, strongest first, over the newest 2000 runs that match.

    Numeric params by Spearman's rank correlation, others by eta² on the ranks of the metric, each with the
    p-value of a permutation test and all of them adjusted by Holm's method. Seeds and folds are left out, and
    runs in which the metric is no finite number do not count.
    """
    column = str(Field("metrics", metric, summary))
    runs = store.table.read_columns(wanted, columns=[column], at_most=MAX_RANKED)
    finite = {
        run_id: value
        for run_id, value in zip(runs.run_ids, runs.values[0], strict=True)
        if value is not None and math.isfinite(value)
    }
    configurations = store.configurations.read(list(finite))
    there = [run_id for run_id in finite if run_id in configurations]
    params = [strip_draws(configurations[run_id].params) for run_id in there]
    outcome = np.array([finite[run_id] for run_id in there], dtype=np.float64)
    found = _adjust(judge_params(params, outcome))
    n_tested = sum(one.p_value is not None for one in found)
    return Importance(
        metric=metric,
        summary=summary,
        n=len(there),
        n_left_out=runs.n_left_out,
        family_size=n_tested,
        params=found,
        sentences=_say(metric, len(there), n_tested, found),
    )


def judge_params(params: Sequence[Mapping[str, Any]], outcome: NDArray[np.float64]) -> list[ParamImportance]:
    """Each param (of those that most runs have) held against the outcome (n,); p-values not yet adjusted."""
    counts: dict[str, int] = {}
    for one in params:
        for name, value in one.items():
            counts[name] = counts.get(name, 0) + (value is not None)
    names = sorted(counts, key=lambda name: (-counts[name], name))[:MAX_PARAMS]
    permutations = Permutations(len(outcome), Stream(_SEED, "importance")) if len(outcome) >= FEWEST else None
    return [_judge(name, [one.get(name) for one in params], outcome, permutations) for name in names]


def _judge(
    name: str,
    values: Sequence[Any],
    outcome: NDArray[np.float64],
    permutations: Permutations | None,
) -> ParamImportance:
    there = np.array([value is not None for value in values], dtype=np.bool_)
    known = [_plain(value) for value in values if value is not None]
    n, n_values = len(known), len(set(known))
    is_numeric = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known)
    note = _refuse(n, n_values, is_numeric=is_numeric, outcome=outcome[there])
    found: Association | None = None
    if note is None and permutations is not None:
        if is_numeric:
            column = np.zeros(len(values))
            column[there] = [float(value) for value in known]
            found = permutations.correlate(column, outcome, there)
        else:
            codes = np.zeros(len(values), dtype=np.int64)
            codes[there] = code_values(known)
            found = permutations.compare_groups(codes, outcome, there)
    return ParamImportance(
        name=name,
        field=str(Field("params", name)),
        n=n,
        n_values=n_values,
        measure=None if found is None else found.measure,
        value=None if found is None else found.value,
        strength=None if found is None else found.strength,
        p_value=None if found is None else found.p_value,
        adjusted_p=None,
        note=note,
    )


def _refuse(n: int, n_values: int, *, is_numeric: bool, outcome: NDArray[np.float64]) -> str | None:
    """Why nothing can be said of a param."""
    if n < FEWEST:
        return f"{n} {'run has' if n == 1 else 'runs have'} it and the metric; {FEWEST} are the fewest."
    if n_values < 2:
        return f"It is the same in all {n} runs."
    if not is_numeric and (n_values * 2 > n or n_values > _MOST_VALUES):
        return (
            f"It has {n_values} values in {n} runs; one that is no number needs two runs a value, and may "
            f"have {_MOST_VALUES}."
        )
    if np.ptp(outcome) == 0:
        return f"The metric is the same in all {n} runs that have it."
    return None


def _adjust(found: Sequence[ParamImportance]) -> list[ParamImportance]:
    """With adjusted p-values, strongest first."""
    adjusted = holm([one.p_value for one in found])
    told = [dataclasses.replace(one, adjusted_p=p) for one, p in zip(found, adjusted, strict=True)]
    return sorted(told, key=lambda one: (one.strength is None, -(one.strength or 0.0), one.name))


def _say(metric: str, n: int, n_tested: int, found: Sequence[ParamImportance]) -> list[str]:
    if n < FEWEST:
        word = "run has" if n == 1 else "runs have"
        return [f"{n} {word} a finite {metric}; with fewer than {FEWEST} nothing can be said."]
    if not n_tested:
        return [f"Over {n} runs, no param varies enough to be held against {metric}."]
    clear = [one.name for one in found if one.adjusted_p is not None and one.adjusted_p <= 1 - LEVEL]
    told = f"Clear after adjustment: {', '.join(clear[:10])}." if clear else "None is clear after adjustment."
    return [
        f"Over {n} runs, {n_tested} params were held against the ranks of {metric}: numbers by Spearman's "
        f"correlation, others by eta²; p-values are of permutations, adjusted by Holm's method.",
        told,
        _NO_CAUSE,
    ]


def _plain(value: Any) -> Any:
    """A value that can be told from others: lists and the like as their JSON, true apart from 1."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return orjson.dumps(value, default=repr, option=orjson.OPT_SORT_KEYS).decode()
    return value
