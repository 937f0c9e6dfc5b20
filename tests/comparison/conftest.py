from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from modellab.comparison.compare import compare
from modellab.comparison.leaderboard import rank_runs
from modellab.errors import NotFound
from modellab.evaluation.examples import Examples, encode_examples
from modellab.evaluation.inputs import read_problem
from modellab.evaluation.metrics import compute_metrics, primary_metric
from modellab.evaluation.problem import Classification, TaskType
from modellab.latency import encode_samples
from modellab.records import Run, RunFilter, RunSummary
from modellab.records.comparisons import Comparison, Leaderboard, PairVerdict
from modellab.records.evaluations import Evaluation, Latency, name_headline

Numbers = NDArray[np.float64]


@dataclass
class Page:
    """Runs in a list, as a store gives them."""

    items: Sequence[RunSummary]


class MemoryRuns:
    """Runs that are kept in memory, with the verbs of a store's."""

    def __init__(self) -> None:
        self.kept: dict[str, Run] = {}

    def get(self, run_id: str) -> Run:
        if run_id not in self.kept:
            raise NotFound(f"There is no run {run_id}.")
        return self.kept[run_id]

    def list(self, wanted: RunFilter | None = None, *, limit: int = 1000) -> Page:
        name = None if wanted is None else wanted.metric_name
        found = [run for run in self.kept.values() if name is None or name in run.final_metrics]
        return Page(found[::-1][:limit])


class MemoryEvaluations:
    """Evaluations that are kept in memory, with the verbs of a store's."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Evaluation] = {}
        self.examples: dict[tuple[str, str], bytes] = {}

    def list_of_runs(self, run_ids: Sequence[str], name: str) -> Mapping[str, Evaluation]:
        return {run_id: self.kept[run_id, name] for run_id in run_ids if (run_id, name) in self.kept}

    def read_examples(self, run_id: str, name: str) -> bytes:
        if (run_id, name) not in self.examples:
            raise NotFound(f"The predictions of {run_id} were not kept.")
        return self.examples[run_id, name]


class MemoryLatencies:
    """Latency reports that are kept in memory, with the verbs of a store's."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Latency]] = {}
        self.samples: dict[tuple[str, str], bytes] = {}

    def list(self, run_id: str) -> Sequence[Latency]:
        return self.kept.get(run_id, [])

    def read_samples(self, run_id: str, name: str) -> bytes:
        return self.samples[run_id, name]


class Memory:
    """Something to compare runs from, without a store."""

    def __init__(self) -> None:
        self.runs = MemoryRuns()
        self.evaluations = MemoryEvaluations()
        self.latencies = MemoryLatencies()

    def add(self, name: str | None = None, **given: Any) -> str:
        """A run; `given` are its fields."""
        number = len(self.runs.kept) + 1
        run_id = f"{number:032x}"
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
        fields |= {"run_id": run_id, "name": name, "timestamp": f"2026-11-20T09:{number % 60:02d}:00+00:00"}
        self.runs.kept[run_id] = Run(**{**fields, **given})
        return run_id

    def evaluate(
        self,
        name: str | None,
        labels: Any,
        predictions: Any,
        *,
        task_type: TaskType = "classification",
        split: str = "test",
        row_ids: Any = None,
        clusters: Any = None,
        slices: Mapping[str, tuple[NDArray[np.int32], tuple[str, ...]]] | None = None,
        classes: Sequence[Any] | None = None,
        metrics: Sequence[str] | None = None,
        keep: bool = True,
        **given: Any,
    ) -> str:
        """A run with an evaluation of these predictions; of all metrics if none are named."""
        problem = read_problem(predictions, labels, task_type=task_type, classes=classes)
        ids = np.arange(problem.n) if row_ids is None else row_ids
        codes = None if clusters is None else np.asarray(clusters, np.int64)
        examples = Examples(problem=problem, row_ids=ids, clusters=codes, slices=slices or {})
        found = {key: one.value for key, one in compute_metrics(problem, metrics).items()}
        primary = metrics[0] if metrics else primary_metric(task_type)
        run_id = self.add(name, final_metrics=name_headline(split, primary, found), **given)
        named = problem.labels if isinstance(problem, Classification) else problem.targets
        self.evaluations.kept[run_id, split] = Evaluation(
            run_id=run_id,
            name=split,
            task_type=task_type,
            n=problem.n,
            classes=problem.classes if isinstance(problem, Classification) else None,
            primary_metric=primary,
            metrics=found,
            notes={},
            intervals={},
            takeaway="",
            rows_sha256=hashlib.sha256(repr(ids).encode() + named.tobytes()).hexdigest(),
            examples_path=None,
            examples_sha256=None,
            folder=f"evaluations/{split}",
            created_at="2026-11-20T09:30:00+00:00",
        )
        if keep:
            self.evaluations.examples[run_id, split] = encode_examples(examples)
        return run_id

    def time(self, name: str, times_s: Numbers, **report: Any) -> str:
        """A run whose calls took these times."""
        p95 = float(np.quantile(times_s, 0.95, method="inverted_cdf")) * 1e3
        p50 = float(np.quantile(times_s, 0.5, method="inverted_cdf")) * 1e3
        finals = {"latency/default/p50_ms": p50, "latency/default/p95_ms": p95}
        run_id = self.add(name, final_metrics=finals)
        self.latencies.samples[run_id, "default"] = encode_samples([times_s])
        self.latencies.kept[run_id] = [
            Latency(
                run_id=run_id,
                name="default",
                report={"mode": "closed", "concurrency": 1, **report},
                samples_path="latency/default/samples.npy",
                samples_sha256=None,
                folder="latency/default",
                created_at="2026-11-20T09:30:00+00:00",
            )
        ]
        return run_id

    def compare(self, *run_ids: str, **how: Any) -> Comparison:
        return compare(self, run_ids, **how)

    def judge(self, *run_ids: str, **how: Any) -> PairVerdict:
        """The verdict on the one pair."""
        [verdict] = self.compare(*run_ids, secondary=False, **how).verdicts
        return verdict

    def rank(self, metric: str, **how: Any) -> Leaderboard:
        return rank_runs(self, metric, **how)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="session")
def new_memory() -> Callable[[], Memory]:
    return Memory


@dataclass(frozen=True)
class Models:
    """Probabilities of models on the same rows; a larger `skill` is a better model."""

    labels: NDArray[np.int64]
    signal: Numbers
    numbers: np.random.Generator

    def predict(self, skill: float) -> Numbers:
        noise = self.numbers.normal(size=len(self.labels))
        score = skill * self.signal + noise
        probabilities: Numbers = 1 / (1 + np.exp(-2 * score / np.hypot(1, skill)))
        return probabilities


MakeModels = Callable[..., Models]


@pytest.fixture(scope="session")
def make_models() -> MakeModels:
    def make(n: int, seed: int = 0) -> Models:
        numbers = np.random.default_rng(seed)
        labels = numbers.integers(0, 2, n)
        return Models(labels, (2 * labels - 1) + numbers.normal(size=n) * 0.5, numbers)

    return make
