"""How long do honest verdicts on two runs with 100 000 predictions take?

All headline metrics of two stored evaluations are compared: accuracy, F1, ROC-AUC, PR-AUC, log loss, Brier
score and calibration error, each with its test and, but for the last, its interval. The floor is a plain
loop over scikit-learn: resample rows, compute the same metrics of both models, subtract. It is timed on a few
of its 1000 resamples and multiplied.
"""

from __future__ import annotations

from functools import partial
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.null_simulation import Rows, Source
from benchmarks.table import Row
from benchmarks.timing import time_once

_NAMES = (*("accuracy", "f1", "roc_auc", "pr_auc", "log_loss", "brier", "expected_calibration_error"),)
_RESAMPLES = 1000


def measure(quick: bool) -> list[Row]:
    """A pair of models that differ clearly, which takes longest, and one that hardly does."""
    from modellab.comparison.compare import compare

    n, timed, rounds = (5_000, 2, 1) if quick else (100_000, 6, 3)
    rows = Rows(0, n)
    a, b, close = rows.predict(1.0), rows.predict(1.1), rows.predict(1.0)
    floor = _time_loop(rows.labels, a[:, 1], b[:, 1], timed) * _RESAMPLES / timed
    answers = []
    for title, other in (("that differ", b), ("that hardly differ", close)):
        source = Source()
        ids = [source.evaluate(rows.labels, table, _NAMES) for table in (a, other)]
        work = partial(compare, source, ids)
        work()  # what is imported late
        taken = median(time_once(work) for _ in range(rounds))
        answers.append(
            Row(
                f"compare two runs {title}, {n} predictions each, {len(_NAMES)} metrics with tests",
                f"{taken:.2f} s",
                f"{floor:.0f} s (scikit-learn, {_RESAMPLES} paired resamples; {timed} timed)",
                taken / floor,
                "≤ 2 s",
                taken <= 2,
            )
        )
    return [*answers, _measure_accuracy(rows, a, b, rounds)]


def _measure_accuracy(rows: Rows, a: NDArray[np.float64], b: NDArray[np.float64], rounds: int) -> Row:
    """The verdict on one metric, and the bare test that it rests on."""
    from modellab.comparison.compare import compare
    from modellab.statistics.paired import compare_correctness

    source = Source()
    ids = [source.evaluate(rows.labels, table, _NAMES) for table in (a, b)]
    hits = [table.argmax(axis=1) == rows.labels for table in (a, b)]
    floor = median(time_once(lambda: compare_correctness(*hits)) for _ in range(rounds))
    taken = median(time_once(lambda: compare(source, ids, secondary=False)) for _ in range(rounds))
    return Row(
        f"the verdict on accuracy alone, {rows.n} predictions each",
        f"{1e3 * taken:.0f} ms",
        f"{1e3 * floor:.1f} ms (McNemar's test alone; the rest reads and pairs rows)",
        taken / floor,
        "≤ 0.3 s",
        taken <= 0.3,
    )


def _time_loop(
    labels: NDArray[np.int64], a: NDArray[np.float64], b: NDArray[np.float64], resamples: int
) -> float:
    from sklearn import metrics

    numbers = np.random.default_rng(0)

    def measure_all(y: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.float64]:
        hard = p >= 0.5
        bins = np.digitize(p, np.linspace(0, 1, 11)[1:-1], right=True)
        gaps = np.bincount(bins, p - y, minlength=10)
        values = (
            metrics.accuracy_score(y, hard),
            metrics.f1_score(y, hard),
            metrics.roc_auc_score(y, p),
            metrics.average_precision_score(y, p),
            metrics.log_loss(y, p),
            metrics.brier_score_loss(y, p),
            np.abs(gaps).sum() / len(y),
        )
        return np.array(values)

    def loop() -> None:
        for _ in range(resamples):
            rows = numbers.integers(0, len(labels), len(labels))
            measure_all(labels[rows], b[rows]) - measure_all(labels[rows], a[rows])

    measure_all(labels, a)
    return time_once(loop)
