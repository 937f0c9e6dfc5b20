"""How often does a comparison claim a difference that is not there, and how often does it find one that is?

`python -m benchmarks.null_simulation [--quick]` prints a Markdown table. Everything goes through
`modellab.comparison`, from stored predictions to the word of the verdict. Null models see the same signal
through noise of their own: row by row their predictions are exchangeable, so no metric differs.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.comparison.compare import compare
from modellab.comparison.leaderboard import rank_runs
from modellab.evaluation.examples import Examples, encode_examples
from modellab.evaluation.inputs import read_problem
from modellab.evaluation.metrics import compute_metrics
from modellab.evaluation.problem import TaskType
from modellab.records import Run, RunFilter
from modellab.records.evaluations import Evaluation, name_headline
from modellab.statistics.corrections import holm

CLAIMS = ("better", "worse")
Numbers = NDArray[np.float64]


@dataclass
class Page:
    """Runs in a list."""

    items: Sequence[Run]


class Source:
    """Runs and evaluations in memory, with the verbs that a comparison needs."""

    def __init__(self) -> None:
        self.kept: dict[str, Run] = {}
        self.reports: dict[str, Evaluation] = {}
        self.rows: dict[str, bytes] = {}
        self.runs = self.evaluations = self.latencies = self

    def get(self, run_id: str) -> Run:
        return self.kept[run_id]

    def list(self, wanted: Any = None, *, limit: int = 1000) -> Any:
        if not isinstance(wanted, RunFilter):
            return []
        return Page(list(self.kept.values())[:limit])

    def list_of_runs(self, run_ids: Sequence[str], name: str) -> Mapping[str, Evaluation]:  # noqa: ARG002
        return {run_id: self.reports[run_id] for run_id in run_ids if run_id in self.reports}

    def read_examples(self, run_id: str, name: str) -> bytes:  # noqa: ARG002
        return self.rows[run_id]

    def read_samples(self, run_id: str, name: str) -> bytes:
        raise LookupError(run_id, name)

    def add(self, **given: Any) -> str:
        """A run."""
        run_id = f"{len(self.kept) + 1:032x}"
        fields: dict[str, Any] = {field.name: None for field in dataclasses.fields(Run)}
        fields |= {
            "params": {},
            "final_metrics": {},
            "tags": {},
            "n_artifacts": 0,
            "config": {},
            "n_dropped": 0,
        }
        fields |= {"artifacts": (), "metrics": {}, "children": (), "datasets": (), "status": "completed"}
        fields |= {
            "run_id": run_id,
            "name": f"run {len(self.kept)}",
            "timestamp": "2026-11-20T09:30:00+00:00",
        }
        self.kept[run_id] = Run(**{**fields, **given})
        return run_id

    def evaluate(
        self,
        labels: Any,
        predictions: Any,
        names: Sequence[str],
        *,
        task_type: TaskType = "classification",
        row_ids: NDArray[np.int64] | None = None,
        clusters: NDArray[np.int64] | None = None,
        slices: Mapping[str, Any] | None = None,
    ) -> str:
        """A run with an evaluation of which the metrics `names` are computed, the first one being primary."""
        problem = read_problem(predictions, labels, task_type=task_type)
        ids = np.arange(problem.n) if row_ids is None else row_ids
        metrics = {key: found.value for key, found in compute_metrics(problem, names).items()}
        run_id = self.add(final_metrics=name_headline("test", names[0], metrics))
        self.rows[run_id] = encode_examples(
            Examples(problem=problem, row_ids=ids, clusters=clusters, slices=slices or {})
        )
        self.reports[run_id] = Evaluation(
            run_id=run_id,
            name="test",
            task_type=task_type,
            n=problem.n,
            classes=None,
            primary_metric=names[0],
            metrics=metrics,
            notes={},
            intervals={},
            takeaway="",
            rows_sha256=str(id(labels)),
            examples_path=None,
            examples_sha256=None,
            folder="",
            created_at="",
        )
        return run_id


class Rows:
    """Rows of a classification or regression that models see through noise of their own."""

    def __init__(self, seed: int, n: int, *, n_classes: int = 2, n_clusters: int | None = None) -> None:
        self.numbers = np.random.default_rng(seed)
        self.clusters = None if n_clusters is None else np.sort(self.numbers.integers(0, n_clusters, n))
        self.labels = self.numbers.integers(0, n_classes, n)
        self.targets = self.numbers.normal(size=n)
        self.n, self.n_classes = n, n_classes
        self.signal = np.eye(n_classes)[self.labels] + 0.4 * self.numbers.normal(size=(n, n_classes))

    def predict(self, skill: float = 1.0) -> Numbers:
        """Probabilities (n, K)."""
        noise = self.numbers.normal(size=(self.n, self.n_classes))
        if self.clusters is not None:
            noise = 0.5 * noise + self.numbers.normal(size=(self.n, self.n_classes))[self.clusters]
        raised = np.exp(1.5 * (skill * self.signal + noise))
        table: Numbers = raised / raised.sum(axis=1, keepdims=True)
        return table

    def estimate(self, error: float = 1.0) -> Numbers:
        """Numbers (n,)."""
        found: Numbers = self.targets + error * self.numbers.standard_t(4, size=self.n)
        return found


Claim = Callable[[int], bool]
"""Whether one comparison, of the data that a seed gives, claims a difference."""


def judge_pair(
    metric: str, n: int, *, skill: float = 1.0, n_classes: int = 2, n_clusters: int | None = None
) -> Claim:
    """Two models on the same rows."""

    def claim(seed: int) -> bool:
        rows, source = Rows(seed, n, n_classes=n_classes, n_clusters=n_clusters), Source()
        ids = [
            source.evaluate(rows.labels, rows.predict(s), [metric], clusters=rows.clusters)
            for s in (1.0, skill)
        ]
        return compare(source, ids, secondary=False).verdicts[0].verdict in CLAIMS

    return claim


def judge_numbers(metric: str, n: int, *, error: float = 1.0) -> Claim:
    """Two regressions on the same rows."""

    def claim(seed: int) -> bool:
        rows, source = Rows(seed, n), Source()
        ids = [
            source.evaluate(rows.targets, rows.estimate(e), [metric], task_type="regression")
            for e in (1.0, error)
        ]
        return compare(source, ids, secondary=False).verdicts[0].verdict in CLAIMS

    return claim


def judge_apart(metric: str, n: int) -> Claim:
    """Two models, each on rows of its own."""

    def claim(seed: int) -> bool:
        source = Source()
        ids = []
        for place in range(2):
            rows = Rows(2 * seed + place, n)
            row_ids = np.arange(n) + n * place
            ids.append(source.evaluate(rows.labels, rows.predict(), [metric], row_ids=row_ids))
        return compare(source, ids, secondary=False).verdicts[0].verdict in CLAIMS

    return claim


def judge_many(metric: str, n: int, n_runs: int, *, baseline: bool) -> Claim:
    """Several models, against the first or all pairs: whether any difference is claimed."""

    def claim(seed: int) -> bool:
        rows, source = Rows(seed, n), Source()
        ids = [source.evaluate(rows.labels, rows.predict(), [metric]) for _ in range(n_runs)]
        found = compare(source, ids, baseline=ids[0] if baseline else None, secondary=False)
        return any(verdict.verdict in CLAIMS for verdict in found.verdicts)

    return claim


def judge_slices(metric: str, n: int, n_slices: int) -> Claim:
    """Two models on slices of the rows: whether a difference is claimed on any."""

    def claim(seed: int) -> bool:
        rows, source = Rows(seed, n), Source()
        codes = rows.numbers.integers(0, n_slices, n).astype(np.int32)
        cut = {"feature:place": (codes, tuple(map(str, range(n_slices))))}
        ids = [source.evaluate(rows.labels, rows.predict(), [metric], slices=cut) for _ in range(2)]
        found = compare(source, ids, slices=True, secondary=False)
        return any(one.verdict in CLAIMS for one in found.slices)

    return claim


def judge_seeds(n_seeds: int, *, paired: bool, gain: float = 0.0) -> Claim:
    """Two groups of runs of which one number each is known; seeds spread by 1."""

    def claim(seed: int) -> bool:
        numbers, source = np.random.default_rng(seed), Source()
        ids = [
            source.add(
                params={"side": side, "seed": place + (0 if paired else 100 * side)},
                git_hash="a",
                final_metrics={"score": float(numbers.normal(gain * side))},
            )
            for side in range(2)
            for place in range(n_seeds)
        ]
        return compare(source, ids).verdicts[0].verdict in CLAIMS

    return claim


def judge_board(metric: str, n: int, n_runs: int, *, careless: bool = False) -> Claim:
    """A leaderboard of equal models: whether any run is said to be worse than the first.

    `careless` adjusts for the tests against the first alone, as if it had not been picked.
    """

    def claim(seed: int) -> bool:
        rows, source = Rows(seed, n), Source()
        for _ in range(n_runs):
            source.evaluate(rows.labels, rows.predict(), [metric])
        entries = rank_runs(source, metric).entries[1:]
        if careless:
            return any(p is not None and p < 0.05 for p in holm([entry.p_value for entry in entries]))
        return any(entry.can_be_told_apart for entry in entries)

    return claim


NULL: Sequence[tuple[str, Claim]] = (
    *((f"accuracy, n = {n}", judge_pair("accuracy", n)) for n in (50, 200, 1000)),
    *((f"ROC-AUC, n = {n}", judge_pair("roc_auc", n)) for n in (50, 200, 1000)),
    *((f"F1, n = {n}", judge_pair("f1", n)) for n in (50, 200, 1000)),
    *((f"MCC, n = {n}", judge_pair("mcc", n)) for n in (50, 200)),
    *((f"PR-AUC, n = {n}", judge_pair("pr_auc", n)) for n in (50, 200)),
    *((f"calibration error, n = {n}", judge_pair("expected_calibration_error", n)) for n in (50, 200)),
    *((f"log loss, n = {n}", judge_pair("log_loss", n)) for n in (20, 50, 200)),
    ("macro F1, 4 classes, n = 200", judge_pair("f1", 200, n_classes=4)),
    ("macro ROC-AUC, 4 classes, n = 200", judge_pair("roc_auc", 200, n_classes=4)),
    ("accuracy, n = 600 in 30 clusters", judge_pair("accuracy", 600, n_clusters=30)),
    ("F1, n = 600 in 30 clusters", judge_pair("f1", 600, n_clusters=30)),
    ("ROC-AUC, n = 600 in 30 clusters", judge_pair("roc_auc", 600, n_clusters=30)),
    ("RMSE, n = 20", judge_numbers("rmse", 20)),
    ("RMSE, n = 200", judge_numbers("rmse", 200)),
    ("MAE, n = 200", judge_numbers("mae", 200)),
    ("R2, n = 200", judge_numbers("r2", 200)),
    ("accuracy, different rows, n = 200", judge_apart("accuracy", 200)),
    ("log loss, different rows, n = 200", judge_apart("log_loss", 200)),
    ("F1, different rows, n = 200", judge_apart("f1", 200)),
    ("ROC-AUC, different rows, n = 200", judge_apart("roc_auc", 200)),
    ("any of 20 slices, accuracy, n = 1200", judge_slices("accuracy", 1200, 20)),
    ("any of 20 slices, F1, n = 1200", judge_slices("f1", 1200, 20)),
    ("any of 10 runs v. a baseline, accuracy, n = 300", judge_many("accuracy", 300, 11, baseline=True)),
    ("any of 10 runs v. a baseline, F1, n = 300", judge_many("f1", 300, 11, baseline=True)),
    ("any pair of 6 runs, ROC-AUC, n = 300", judge_many("roc_auc", 300, 6, baseline=False)),
    ("5 and 5 seeds, others", judge_seeds(5, paired=False)),
    ("6 pairs of seeds", judge_seeds(6, paired=True)),
    ("10 pairs of seeds", judge_seeds(10, paired=True)),
    ("any of 10 on a leaderboard, accuracy, n = 300", judge_board("accuracy", 300, 10)),
)
CARELESS: Sequence[tuple[str, Claim]] = (
    (
        "the same leaderboard, adjusted for its 9 tests alone (not what is done)",
        judge_board("accuracy", 300, 10, careless=True),
    ),
)
POWER: Sequence[tuple[str, Claim]] = (
    *((f"accuracy, skill 1 v. 1.5, n = {n}", judge_pair("accuracy", n, skill=1.5)) for n in (200, 1000)),
    *((f"ROC-AUC, skill 1 v. 1.5, n = {n}", judge_pair("roc_auc", n, skill=1.5)) for n in (200, 1000)),
    *((f"F1, skill 1 v. 1.5, n = {n}", judge_pair("f1", n, skill=1.5)) for n in (200, 1000)),
    *((f"log loss, skill 1 v. 1.5, n = {n}", judge_pair("log_loss", n, skill=1.5)) for n in (200, 1000)),
    ("RMSE, error 1 v. 0.8, n = 200", judge_numbers("rmse", 200, error=0.8)),
    ("5 and 5 seeds, 2 spreads apart", judge_seeds(5, paired=False, gain=2.0)),
    ("10 pairs of seeds, 2 spreads apart", judge_seeds(10, paired=True, gain=2.0)),
)


def count(title: str, claim: Claim, repeats: int) -> int:
    """In how many of `repeats` data sets, which are of this line alone, a difference is claimed."""
    first = zlib.crc32(title.encode())
    return sum(claim(first + seed) for seed in range(repeats))


def make_lines(repeats: int) -> Iterator[str]:
    """The lines of the table."""
    limit = 0.05 + 3 * math.sqrt(0.05 * 0.95 / repeats)
    yield "| data without any difference | data sets | a difference is claimed in | at most 5 % + 3 s.e. |"
    yield "|---|---:|---:|---|"
    for title, claim in NULL:
        share = count(title, claim, repeats) / repeats
        yield f"| {title} | {repeats} | {share:.1%} | {'ok' if share <= limit else 'no'} |"
    for title, claim in CARELESS:
        yield f"| {title} | {repeats} | {count(title, claim, repeats) / repeats:.1%} | |"
    yield ""
    yield "| data with a difference | data sets | it is found in |"
    yield "|---|---:|---:|"
    for title, claim in POWER:
        yield f"| {title} | {repeats} | {count(title, claim, repeats) / repeats:.0%} |"


def main() -> None:
    """Print the table."""
    repeats = 40 if "--quick" in sys.argv[1:] else 1000
    for line in make_lines(repeats):
        print(line, flush=True)


if __name__ == "__main__":
    main()
