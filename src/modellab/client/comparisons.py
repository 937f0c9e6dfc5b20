"""Comparing runs from Python, wherever they are: in the project's store or on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modellab.client.opening import open_to_read
from modellab.records.evaluations import DEFAULT_EVALUATION
from modellab.tracking.evaluations import require_packages

if TYPE_CHECKING:
    from modellab.records.comparisons import Comparison, Leaderboard
    from modellab.settings import Settings


def compare(
    *run_ids: str,
    baseline: str | None = None,
    metric: str | None = None,
    min_effect: float | None = None,
    split: str = DEFAULT_EVALUATION,
    slices: bool = False,
    higher_is_better: bool | None = None,
    settings: Settings | None = None,
) -> Comparison:
    """Say whether runs really differ: 2 to 50 ids, or unique beginnings or endings of some.

    The verdicts are on `metric`, or on the primary one of the first run's evaluation `split`; every run is
    compared with `baseline`, or all pairs are without one. `min_effect` is the smallest difference that
    matters, in the unit of the metric. `slices` compares parts of the test rows too. `higher_is_better` says
    the direction of a metric that ModelLab does not know. Printed, the answer is its sentences. Needs the
    extra `evaluation`. Raises `NotFound` and `InvalidInput`.

    >>> print(compare("79c2a4d0", "1b25e9c4"))  # doctest: +SKIP
    svm is better than tree on accuracy by 0.051 (95 % CI 0.030 to 0.072, mid-p McNemar p < 0.001, ...
    """
    require_packages()
    from modellab.comparison.compare import compare as judge

    store = open_to_read(settings)
    found = [store.runs.find(str(run_id)) for run_id in run_ids]
    first = None if baseline is None else store.runs.find(str(baseline))
    return judge(
        store,
        found,
        baseline=first,
        metric=metric,
        min_effect=min_effect,
        split=split,
        slices=slices,
        higher_is_better=higher_is_better,
    )


def leaderboard(
    metric: str,
    *,
    split: str = DEFAULT_EVALUATION,
    top_k: int = 10,
    query: str | None = None,
    higher_is_better: bool | None = None,
    settings: Settings | None = None,
) -> Leaderboard:
    """The `top_k` (1 to 50) best runs by a metric of their evaluations, and what tells them from the first.

    `query` is text of the query language that the runs have to meet. Printed, the answer is its sentences.
    Needs the extra `evaluation`. Raises `NotFound` where no run has the metric.
    """
    require_packages()
    from modellab.comparison.leaderboard import rank_runs

    return rank_runs(
        open_to_read(settings),
        metric,
        split=split,
        top_k=top_k,
        query=query,
        higher_is_better=higher_is_better,
    )
