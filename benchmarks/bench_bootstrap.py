"""How long do five bootstrap intervals of a classifier take, and how much memory?

Accuracy, macro-F1, ROC-AUC, PR-AUC and expected calibration error, 1000 resamples, one core. The floor is the
loop that everybody writes: resample rows, call scikit-learn, repeat. It is timed on a few resamples before
and after, and multiplied up.
"""

from __future__ import annotations

import time
import tracemalloc
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Row
from modellab.records.estimates import Interval
from modellab.statistics.calibration_interval import calibration_interval
from modellab.statistics.confusion import (
    count_confusion,
    leave_one_out_confusion,
    resample_confusion_statistics,
)
from modellab.statistics.curves import score_metrics, sort_scores
from modellab.statistics.intervals import make_interval
from modellab.statistics.jackknife import leave_one_out_auc, leave_one_out_average_precision
from modellab.statistics.resampling import resample_scores
from modellab.statistics.streams import Stream

N_RESAMPLES = 1000
_SIZES = {  # rows: seconds at most, times faster than the loop, resamples of the loop before and after
    10_000: (0.15, 35, 20),
    100_000: (1.2, 35, 3),
    1_000_000: (3.0, 150, 1),
    10_000_000: (8.0, None, 0),
}
_MOST_MEMORY = 3.0  # times the input


def measure(quick: bool) -> list[Row]:
    """Ten thousand to ten million rows; two thousand if `quick`."""
    if quick:
        return _measure(2000, None, None, 2)
    return [
        row for n, (seconds, ratio, n_loops) in _SIZES.items() for row in _measure(n, seconds, ratio, n_loops)
    ]


def find_intervals(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> dict[str, Interval]:
    """The five intervals of labels 0/1 (n,) and probabilities (n,), as an evaluation makes them."""
    stream, ones = Stream(0, "benchmark"), np.broadcast_to(np.int64(1), len(labels))
    confusion = count_confusion(labels, (scores >= 0.5).astype(np.int8), 2)
    statistics = {"accuracy": _accuracy, "f1": _macro_f1}
    replicates = resample_confusion_statistics(confusion, statistics, n_resamples=N_RESAMPLES, stream=stream)
    found = {
        name: make_interval(
            float(statistic(confusion)),
            replicates[name],
            leave_one_out=leave_one_out_confusion(confusion, statistic),
        )
        for name, statistic in statistics.items()
    }
    positive, ordered = sort_scores(labels, scores)
    replicates = resample_scores(positive, ordered, n_resamples=N_RESAMPLES, stream=stream)
    points = score_metrics(positive, ordered)
    for name, leave_out in (("roc_auc", leave_one_out_auc), ("pr_auc", leave_one_out_average_precision)):
        found[name] = make_interval(
            points[name], replicates[name], leave_one_out=(leave_out(positive, ordered), ones)
        )
    found["expected_calibration_error"] = calibration_interval(
        ordered, positive, n_resamples=N_RESAMPLES, stream=stream
    )
    return found


def make_rows(n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Labels, 1 in 4 of them 1, and untied probabilities with an AUC of 0.81."""
    random = np.random.default_rng(0)
    labels = (random.random(n) < 0.25).astype(np.int64)
    scores = random.normal(size=n) + 1.24 * labels
    np.negative(scores, out=scores)
    np.exp(scores, out=scores)
    return labels, 1 / (1.9 + scores)


def _measure(n: int, most_seconds: float | None, least_ratio: int | None, n_loops: int) -> list[Row]:
    labels, scores = make_rows(n)
    find_intervals(labels[:1000], scores[:1000])  # imports
    loops = [_time_loop(labels, scores, n_loops)]
    rounds = [_time_intervals(labels, scores) for _ in range(1 if n > 1_000_000 else 5)]
    loops.append(_time_loop(labels, scores, n_loops))
    spent, cpu = (median(values) for values in zip(*rounds, strict=True))
    tracemalloc.start()
    find_intervals(labels, scores)
    memory = tracemalloc.get_traced_memory()[1] / (labels.nbytes + scores.nbytes)
    tracemalloc.stop()
    loop = median(loops)
    name = f"five intervals of {n:,} rows, {N_RESAMPLES} resamples"
    within = None if most_seconds is None else cpu <= most_seconds
    target = "" if most_seconds is None else f"≤ {most_seconds} s"
    rows = []
    if n_loops:
        rows.append(
            Row(
                f"{name}: against a loop",
                f"{loop / spent:.0f} times as fast",
                f"{loop:.1f} s, scikit-learn, from {2 * n_loops} resamples",
                spent / loop,
                "" if least_ratio is None else f"≥ {least_ratio} times as fast",
                None if least_ratio is None else loop / spent >= least_ratio,
            )
        )
    rows.append(Row(name, f"{spent:.2f} s ({cpu:.2f} s of the processor)", "", None, target, within))
    rows.append(
        Row(
            f"{name}: memory",
            f"{memory:.1f} times the input",
            f"{(labels.nbytes + scores.nbytes) / 1e6:.1f} MB, the input",
            memory,
            f"≤ {_MOST_MEMORY:.0f} times the input" if n >= 100_000 else "",
            memory <= _MOST_MEMORY if n >= 100_000 else None,
        )
    )
    return rows


def _time_intervals(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> tuple[float, float]:
    """Seconds, and seconds of the processor: on a busy machine fewer."""
    start, cpu = time.perf_counter(), time.process_time()
    find_intervals(labels, scores)
    return time.perf_counter() - start, time.process_time() - cpu


def _time_loop(labels: NDArray[np.int64], scores: NDArray[np.float64], n_resamples: int) -> float:
    """Seconds that the loop would take for all resamples, from few."""
    from sklearn.calibration import calibration_curve
    from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score

    random = np.random.default_rng(1)
    start = time.perf_counter()
    for _ in range(n_resamples):
        rows = random.integers(0, len(labels), len(labels))
        truth, probabilities = labels[rows], scores[rows]
        predicted = (probabilities >= 0.5).astype(np.int64)
        accuracy_score(truth, predicted)
        f1_score(truth, predicted, average="macro")
        roc_auc_score(truth, probabilities)
        average_precision_score(truth, probabilities)
        calibration_curve(truth, probabilities, n_bins=10)
    return (time.perf_counter() - start) * N_RESAMPLES / max(n_resamples, 1)


def _accuracy(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.trace(matrices, axis1=-2, axis2=-1) / matrices.sum(axis=(-2, -1)), np.float64)


def _macro_f1(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
    both = np.diagonal(matrices, axis1=-2, axis2=-1)
    either = matrices.sum(axis=-1) + matrices.sum(axis=-2)
    return np.asarray((2 * both / np.maximum(either, 1)).mean(axis=-1), np.float64)
