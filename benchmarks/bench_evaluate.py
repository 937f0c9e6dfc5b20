"""How long does a whole evaluation take, plots and all?

10 000 rows of two classes with a table of two columns, written to a folder. The floor of a warm one is what
scikit-learn needs to resample five metrics 1000 times (extrapolated from a few resamples); that of a cold
one, in a process of its own, is the import of scikit-learn and matplotlib.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.project import run_python
from benchmarks.table import Row
from benchmarks.timing import alternate, time_once
from modellab.evaluation import evaluate

_WARM, _COLD = 0.6, 2.0
_RESAMPLES = 1000
_IMPORTS = "import sklearn.metrics, matplotlib.backends.backend_agg, matplotlib.figure"


def measure(quick: bool) -> list[Row]:
    """Warm and cold at 10 000 rows, and 1 000 000 rows; 1000 rows if `quick`."""
    n, rounds = (1000, 2) if quick else (10_000, 7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = make_rows(n)
        evaluate(**rows, output_dir=folder / "eval")  # imports, and fonts
        warm, loop = alternate(
            rounds,
            lambda: time_once(lambda: evaluate(**rows, output_dir=folder / "eval")),
            lambda: _time_loop(rows["labels"], rows["predictions"], 2),
        )
        script = (
            "from benchmarks.bench_evaluate import make_rows\n"
            "from modellab.evaluation import evaluate\n"
            f"evaluate(**make_rows({n}), output_dir={str(folder / 'cold')!r})"
        )
        root = Path(__file__).parents[1]
        cold, imports = alternate(
            min(rounds, 3),
            lambda: time_once(lambda: run_python("-c", script, cwd=root)),
            lambda: time_once(lambda: run_python("-c", _IMPORTS, cwd=root)),
        )
        found = [
            _as_row(
                f"evaluation of {n:,} rows with plots, warm", warm, loop, "scikit-learn loop", _WARM, quick
            ),
            _as_row("the same in a fresh process", cold, imports, "imports", _COLD, quick),
        ]
        return found if quick else [*found, _measure_million(folder)]


def make_rows(n: int) -> dict[str, Any]:
    """Rows of two classes as arguments of `evaluate`."""
    random = np.random.default_rng(0)
    x = random.normal(size=n)
    p = 1 / (1 + np.exp(0.5 - 1.3 * x))
    return {
        "predictions": p,
        "labels": (random.random(n) < p).astype(int),
        "data": {"x": x, "color": random.choice(["red", "green", "blue"], n)},
    }


def _measure_million(folder: Path) -> Row:
    rows = make_rows(1_000_000)
    taken = time_once(lambda: evaluate(**rows, output_dir=folder / "eval"))
    loop = _time_loop(rows["labels"], rows["predictions"], 1)
    return _as_row(
        "evaluation of 1,000,000 rows with plots", [taken], [loop], "scikit-learn loop", None, False
    )


def _as_row(
    question: str, found: list[float], floor: list[float], what: str, target: float | None, quick: bool
) -> Row:
    taken, least = median(found), median(floor)
    return Row(
        question,
        f"{taken:.2f} s",
        f"{least:.2f} s ({what})",
        taken / least,
        "" if target is None else f"≤ {target} s",
        None if quick or target is None else taken <= target,
    )


def _time_loop(labels: NDArray[np.int64], scores: NDArray[np.float64], n_resamples: int) -> float:
    """Accuracy, macro F1, both areas and the Brier score by scikit-learn, of 1000 resamples at this pace."""
    from sklearn import metrics

    functions: list[Callable[[Any, Any], float]] = [
        lambda y, p: metrics.accuracy_score(y, p >= 0.5),
        lambda y, p: metrics.f1_score(y, p >= 0.5, average="macro"),
        metrics.roc_auc_score,
        metrics.average_precision_score,
        metrics.brier_score_loss,
    ]
    random = np.random.default_rng(0)

    def resample() -> None:
        for _ in range(n_resamples):
            rows = random.integers(0, len(labels), len(labels))
            for function in functions:
                function(labels[rows], scores[rows])

    return time_once(resample) * _RESAMPLES / n_resamples
