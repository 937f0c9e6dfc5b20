"""How often do intervals of nominal 95 % hold the truth? `python -m benchmarks.coverage [--sets N] [names…]`.

Data sets are made anew, with a truth that is known by arithmetic or from two million rows of the same kind,
and the intervals of this library are asked whether they hold it. Prints a Markdown table; takes some minutes
with 1000 data sets of each size. Methods that are not used stand beside those that are.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from modellab.records.estimates import Interval
from modellab.statistics.auc import compare_auc, delong_interval
from modellab.statistics.calibration import expected_calibration_error
from modellab.statistics.calibration_interval import calibration_interval
from modellab.statistics.confusion import (
    count_confusion,
    leave_one_out_confusion,
    resample_confusion_statistics,
)
from modellab.statistics.curves import score_metrics
from modellab.statistics.intervals import Method, make_interval
from modellab.statistics.jackknife import (
    leave_clusters_out,
    leave_one_out_auc,
    leave_one_out_average_precision,
    leave_one_out_mean,
    leave_one_out_means,
)
from modellab.statistics.paired import compare_correctness, compare_means
from modellab.statistics.proportions import newcombe_difference, wilson_interval
from modellab.statistics.resampling import (
    resample_means,
    resample_paired_confusion_statistics,
    resample_paired_scores,
    resample_scores,
)
from modellab.statistics.streams import Stream

SIZES = (50, 200, 1000)
N_RESAMPLES = 1000
_N_TRUTH = 2_000_000

Random = np.random.Generator
Rows = tuple[NDArray[np.int64], NDArray[np.float64]]
Found = dict[tuple[str, str], tuple[Interval, float]]
"""By metric and method: the interval, and the truth."""


def main() -> None:
    """Print the table of what the command line names, of everything if it names nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(CASES))
    parser.add_argument("--sets", type=int, default=1000, help="data sets of each size (1000)")
    wanted = parser.parse_args()
    shares: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for name in wanted.names or CASES:
        for n in SIZES:
            for key, share in count_covered(CASES[name](), n, wanted.sets).items():
                shares[key][n] = show_share(share, wanted.sets)
            sys.stderr.write(f"{name}, n = {n}\n")
    heading = " | ".join(f"n = {n}" for n in SIZES)
    lines = [f"| metric | method | {heading} |", "|---|---|" + "---|" * len(SIZES)]
    for (metric, method), found in shares.items():
        cells = " | ".join(found.get(n, "") for n in SIZES)
        lines.append(f"| {metric} | {method} | {cells} |")
    sys.stdout.write("\n".join(lines) + "\n")


def count_covered(
    make: Callable[[int, Random, Stream], Found], n: int, n_sets: int
) -> dict[tuple[str, str], float]:
    """The share of data sets of `n` rows whose interval holds the truth, of those that have one."""
    random = np.random.default_rng([n, 20261127])
    held: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for place in range(n_sets):
        for key, (interval, truth) in make(n, random, Stream(place, "coverage")).items():
            if interval.low is not None and interval.high is not None:
                held[key].append(interval.low <= truth <= interval.high)
    return {key: float(np.mean(values)) for key, values in held.items()}


def show_share(share: float, n_sets: int) -> str:
    """A share as text, bold where it is below 0.95 by more than three Monte-Carlo errors."""
    text = f"{share:.3f}".removeprefix("0")
    return f"**{text}**" if share < 0.95 - 3 * math.sqrt(0.95 * 0.05 / n_sets) else text


def draw_rows(n: int, random: Random, sharpness: float = 1.25) -> Rows:
    """Labels, 1 in 4 of them 1, and probabilities with an AUC of 0.81 that are true if `sharpness` is 1."""
    labels = (random.random(n) < 0.25).astype(np.int64)
    logits = 1.24 * (random.normal(size=n) + 1.24 * labels) - 1.24**2 / 2 - math.log(3)
    return labels, 1 / (1 + np.exp(-sharpness * logits))


def cover_classifier() -> Callable[[int, Random, Stream], Found]:
    """Accuracy, recall, macro-F1, ROC-AUC and PR-AUC of one model."""
    labels, scores = draw_rows(_N_TRUTH, np.random.default_rng(1))
    truth = _measure(labels, scores)

    def make(n: int, random: Random, stream: Stream) -> Found:
        labels, scores = draw_rows(n, random)
        points, confusion = _measure(labels, scores), _count(labels, scores)
        replicates = resample_confusion_statistics(
            confusion, STATISTICS, n_resamples=N_RESAMPLES, stream=stream
        )
        replicates |= resample_scores(
            labels, scores, metrics=("roc_auc", "pr_auc"), n_resamples=N_RESAMPLES, stream=stream
        )
        ones = np.ones(n, np.int64)
        left = {name: leave_one_out_confusion(confusion, f) for name, f in STATISTICS.items()}
        left["roc_auc"] = (leave_one_out_auc(labels, scores), ones)
        left["pr_auc"] = (leave_one_out_average_precision(labels, scores), ones)
        found: Found = {
            ("accuracy", "Wilson"): (wilson_interval(int(np.trace(confusion)), n), truth["accuracy"]),
            ("recall", "Wilson"): (
                wilson_interval(int(confusion[1, 1]), int(confusion[1].sum())),
                truth["recall"],
            ),
            ("roc_auc", "DeLong, logit"): (delong_interval(labels, scores), truth["roc_auc"]),
        }
        for name, values in replicates.items():
            for method in METHODS:
                interval = make_interval(points[name], values, method=method, leave_one_out=left[name])
                found[name, method] = interval, truth[name]
        return found

    return make


def cover_calibration(sharpness: float, name: str) -> Callable[[int, Random, Stream], Found]:
    """The expected calibration error of one model."""
    labels, scores = draw_rows(_N_TRUTH, np.random.default_rng(1), sharpness)
    truth = expected_calibration_error(scores, labels)

    def make(n: int, random: Random, stream: Stream) -> Found:
        labels, scores = draw_rows(n, random, sharpness)
        metric = "expected_calibration_error"
        replicates = resample_scores(
            labels, scores, metrics=(metric,), n_resamples=N_RESAMPLES, stream=stream
        )[metric]
        point = expected_calibration_error(scores, labels)
        found: Found = {(name, "inversion"): (calibration_interval(scores, labels, stream=stream), truth)}
        for method in METHODS[1:]:
            found[name, method] = make_interval(point, replicates, method=method, clip=(0.0, 1.0)), truth
        return found

    return make


def cover_regression() -> Callable[[int, Random, Stream], Found]:
    """Mean absolute error, RMSE and R² of a regression whose errors have heavy tails (t, 5 degrees)."""
    variance = 5 / 3
    truth = {
        "mae": 4 * math.sqrt(5) / (3 * math.pi),
        "rmse": math.sqrt(variance),
        "r2": 1 - variance / (4 + variance),
    }

    def make(n: int, random: Random, stream: Stream) -> Found:
        predictions, errors = 2 * random.normal(size=n), random.standard_t(5, n)
        targets = predictions + errors
        columns = np.column_stack([np.abs(errors), errors**2, targets, targets**2])
        replicates = resample_means(columns, n_resamples=N_RESAMPLES, stream=stream)
        found: Found = {}
        for name, function in MEANS.items():
            point = float(function(columns.mean(axis=0)[None])[0])
            left = leave_one_out_means(columns, function), np.ones(n, np.int64)
            for method in METHODS:
                interval = make_interval(point, function(replicates), method=method, leave_one_out=left)
                found[name, method] = interval, truth[name]
        return found

    return make


def cover_clusters() -> Callable[[int, Random, Stream], Found]:
    """A mean and an AUC of rows in clusters of five that are alike."""
    labels, scores, _ = _draw_clusters(_N_TRUTH, np.random.default_rng(1))
    truth = score_metrics(labels, scores)["roc_auc"]

    def make(n: int, random: Random, stream: Stream) -> Found:
        labels, scores, clusters = _draw_clusters(n, random)
        values = scores + random.normal(size=n)
        means = resample_means(values[:, None], n_resamples=N_RESAMPLES, stream=stream, clusters=clusters)[
            :, 0
        ]
        ones = np.ones(n // 5, np.int64)
        left = leave_clusters_out(leave_one_out_mean(values), clusters), ones
        found: Found = {
            ("mean, clusters of 5", "bca"): (
                make_interval(float(values.mean()), means, leave_one_out=left),
                0.31,
            ),
            ("roc_auc, clusters of 5", "DeLong (Obuchowski), logit"): (
                delong_interval(labels, scores, clusters=clusters),
                truth,
            ),
        }
        auc = score_metrics(labels, scores)["roc_auc"]
        replicates = resample_scores(
            labels, scores, metrics=("roc_auc",), n_resamples=N_RESAMPLES, stream=stream, clusters=clusters
        )["roc_auc"]
        left = leave_clusters_out(leave_one_out_auc(labels, scores), clusters), ones
        for method in METHODS[:2]:
            interval = make_interval(auc, replicates, method=method, leave_one_out=left)
            found["roc_auc, clusters of 5", method] = interval, truth
        return found

    return make


def cover_differences() -> Callable[[int, Random, Stream], Found]:
    """Differences B - A of two models on the same rows, B the better one; and of accuracies on other rows."""
    labels, a, b = _draw_pairs(_N_TRUTH, np.random.default_rng(1))
    truths = _measure(labels, a), _measure(labels, b)
    truth = {name: truths[1][name] - truths[0][name] for name in truths[0]}
    truth["brier"] = float(np.mean((b - labels) ** 2 - (a - labels) ** 2))

    def make(n: int, random: Random, stream: Stream) -> Found:
        labels, a, b = _draw_pairs(n, random)
        predicted = [(scores >= 0.5).astype(np.int64) for scores in (a, b)]
        points = _measure(labels, a), _measure(labels, b)
        correct = [values == labels for values in predicted]
        others = _draw_pairs(n, random)
        k_b = int(np.sum((others[2] >= 0.5) == others[0]))
        found: Found = {
            ("difference of accuracy, same rows", "Newcombe 10"): (
                compare_correctness(correct[0], correct[1]).interval,
                truth["accuracy"],
            ),
            ("difference of accuracy, other rows", "Newcombe"): (
                newcombe_difference(int(correct[0].sum()), n, k_b, n),
                truth["accuracy"],
            ),
            ("difference of roc_auc", "DeLong"): (compare_auc(labels, a, b).interval, truth["roc_auc"]),
            ("difference of Brier scores", "t"): (
                compare_means((a - labels) ** 2, (b - labels) ** 2).interval,
                truth["brier"],
            ),
        }
        replicates = resample_paired_confusion_statistics(
            labels, predicted[0], predicted[1], 2, {"f1": macro_f1}, n_resamples=N_RESAMPLES, stream=stream
        ) | resample_paired_scores(labels, a, b, metrics=("pr_auc",), n_resamples=N_RESAMPLES, stream=stream)
        left_f1 = [_leave_rows_out(labels, values) for values in predicted]
        left_ap = [leave_one_out_average_precision(labels, scores) for scores in (a, b)]
        for name, left in (("f1", left_f1), ("pr_auc", left_ap)):
            values_a, values_b = replicates[name]
            for method in METHODS[:2]:
                interval = make_interval(
                    points[1][name] - points[0][name],
                    values_b - values_a,
                    method=method,
                    leave_one_out=(left[1] - left[0], np.ones(n, np.int64)),
                )
                found[f"difference of {name}", method] = interval, truth[name]
        return found

    return make


def accuracy(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.trace(matrices, axis1=-2, axis2=-1) / matrices.sum(axis=(-2, -1)), np.float64)


def macro_f1(matrices: NDArray[np.int64]) -> NDArray[np.float64]:
    both = np.diagonal(matrices, axis1=-2, axis2=-1)
    either = matrices.sum(axis=-1) + matrices.sum(axis=-2)
    return np.asarray((2 * both / np.maximum(either, 1)).mean(axis=-1), np.float64)


def _leave_rows_out(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> NDArray[np.float64]:
    """The macro-F1 of two classes without each row (n,)."""
    confusion = count_confusion(labels, predicted, 2)
    by_cell = np.zeros(4)
    by_cell[np.flatnonzero(confusion)] = leave_one_out_confusion(confusion, macro_f1)[0]
    left: NDArray[np.float64] = by_cell[2 * labels + predicted]
    return left


def _count(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> NDArray[np.int64]:
    return count_confusion(labels, (scores >= 0.5).astype(np.int64), 2)


def _measure(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> dict[str, float]:
    confusion = _count(labels, scores)
    found = {name: float(statistic(confusion)) for name, statistic in STATISTICS.items()}
    recall = float(confusion[1, 1] / max(1, confusion[1].sum()))
    return found | score_metrics(labels, scores) | {"recall": recall}


def _draw_pairs(n: int, random: Random) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    labels = (random.random(n) < 0.25).astype(np.int64)
    shared, own_a, own_b = random.normal(size=(3, n))
    a, b = (shift * labels + 0.8 * shared + 0.6 * own for shift, own in ((1.24, own_a), (1.5, own_b)))
    return labels, 1 / (1 + np.exp(1.8 - 1.3 * a)), 1 / (1 + np.exp(1.8 - 1.3 * b))


def _draw_clusters(
    n: int, random: Random
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    clusters = np.repeat(np.arange(n // 5), 5)
    labels = (random.random(n) < 0.25).astype(np.int64)
    return (
        labels,
        1.24 * labels + 0.7 * random.normal(size=n // 5)[clusters] + 0.7 * random.normal(size=n),
        clusters,
    )


METHODS: tuple[Method, ...] = ("bca", "percentile", "basic")
STATISTICS = {"accuracy": accuracy, "f1": macro_f1}
MEANS: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "mae": lambda means: means[:, 0],
    "rmse": lambda means: np.sqrt(means[:, 1]),
    "r2": lambda means: 1 - means[:, 1] / (means[:, 3] - means[:, 2] ** 2),
}
CASES: Mapping[str, Callable[[], Callable[[int, Random, Stream], Found]]] = {
    "classifier": cover_classifier,
    "calibration": lambda: cover_calibration(1.25, "calibration error, true 0.034"),
    "calibrated": lambda: cover_calibration(1.0, "calibration error, true 0"),
    "regression": cover_regression,
    "clusters": cover_clusters,
    "differences": cover_differences,
}

if __name__ == "__main__":
    main()
