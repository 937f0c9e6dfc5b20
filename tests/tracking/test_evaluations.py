"""Evaluations and latency reports that runs log: measured at once, kept with the run, never in its way."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

import modellab
from modellab.errors import InvalidInput
from modellab.evaluation.examples import decode_examples, digest_rows
from modellab.records import RunFilter
from modellab.repro.pack import build_pack
from modellab.settings import load_settings
from modellab.store import Store, open_store

if TYPE_CHECKING:
    from tests.conftest import Project

QUICK = {"n_resamples": 100}


@pytest.fixture
def rows() -> dict[str, Any]:
    """Predictions and labels of a model that is better than chance, with a column beside them."""
    chance = random.Random(1)
    labels = [chance.choice(["cat", "dog"]) for _ in range(120)]
    scores = [min(max(0.3 + 0.4 * (label == "dog") + chance.gauss(0, 0.2), 0.0), 1.0) for label in labels]
    data = [{"weight": chance.gauss(5, 2), "home": chance.choice("ab")} for _ in labels]
    return {"predictions": scores, "labels": labels, "data": data, "config": QUICK}


def read_store() -> Store:
    store = open_store(load_settings())
    store.collector.collect_open()
    store.take_in_files()
    return store


def events(project: Project, run_id: str) -> Sequence[Mapping[str, Any]]:
    """The events of a run's journal."""
    (journal,) = (project.journals / run_id).glob("*.jsonl")
    lines = map(orjson.loads, journal.read_bytes().splitlines())
    return [line for line in lines if isinstance(line, dict)]


def test_an_evaluation_is_returned_and_kept_with_the_run(project: Project, rows: dict[str, Any]) -> None:
    with modellab.start_run() as run:
        report = run.log_evaluation(**rows)

    with read_store() as store:
        (found,) = store.evaluations.list(run.id)
        assert found.name == "test"
        assert (found.n, found.task_type, found.classes) == (120, "classification", ["cat", "dog"])
        assert found.metrics == report.metrics
        assert found.takeaway == report.get_takeaway()
        assert found.intervals["accuracy"] == report.intervals["accuracy"]
        assert store.evaluations.read_report(run.id, "test") == orjson.loads(orjson.dumps(report.as_dict()))
        examples = decode_examples(store.evaluations.read_examples(run.id, "test"))
        assert examples.problem.n == 120
        assert set(examples.slices) >= {"feature:weight", "feature:home"}
        files = [file.path for file in store.artifacts.list(run.id, limit=1000).items if file.is_stored]
    own = {f"evaluations/test/{name}" for name, _ in report.files()}
    assert set(files) == own | {"evaluations/test/report.json", "evaluations/test/examples.npz"}
    assert "evaluations/test/plots/roc_curve.png" in own


def test_the_files_are_those_that_the_harness_writes_into_a_folder(
    project: Project, rows: dict[str, Any]
) -> None:
    with modellab.start_run() as run:
        run.log_evaluation(**rows)
    modellab.evaluate(**rows, output_dir=project.root / "out")
    with read_store() as store:
        for path in (project.root / "out").rglob("*.*"):
            name = path.relative_to(project.root / "out").as_posix()
            kept = store.artifacts.get(run.id, f"evaluations/test/{name}")
            assert b"".join(store.files.read(kept.sha256)) == path.read_bytes(), name


def test_its_headline_is_ranked_filtered_and_expected_of_a_second_run(
    project: Project, rows: dict[str, Any]
) -> None:
    @modellab.log_run
    def train() -> dict[str, Any]:
        modellab.log_evaluation(**rows, split="validation")
        return {"final_metrics": {"accuracy": 0.25}}

    train()

    (run,) = modellab.list_runs('metrics."validation/roc_auc" > 0.5')
    names = {"accuracy", "f1", "roc_auc", "pr_auc", "log_loss", "brier", "expected_calibration_error"}
    assert set(run.final_metrics) == {"accuracy", *(f"validation/{name}" for name in names)}
    assert run.final_metrics["accuracy"] == 0.25
    with read_store() as store:
        assert [one.run_id for one in store.runs.rank("validation/f1")] == [run.run_id]
        assert len(store.runs.list(RunFilter(metric_name="validation/brier", metric_max=1.0)).items) == 1
        expected = {one.name for one in build_pack(store, run.run_id).manifest.expected_metrics}
    assert "validation/roc_auc" in expected


def test_each_split_is_an_evaluation_of_its_own_and_the_same_one_again_replaces_it(
    project: Project, rows: dict[str, Any]
) -> None:
    numbers: dict[str, Any] = {
        "predictions": [1.0, 2.5, 3.0, 4.5] * 10,
        "labels": [1, 2, 3, 4] * 10,
        "config": QUICK,
    }
    with modellab.start_run() as run:
        run.log_evaluation(**rows)
        run.log_evaluation(**rows, split="train")
        run.log_evaluation(**numbers, task_type="regression")

    with read_store() as store:
        assert [one.name for one in store.evaluations.list(run.id)] == ["test", "train"]
        assert store.evaluations.get(run.id, "test").task_type == "regression"
        plots = [file.path for file in store.artifacts.list(run.id, folder="evaluations/test/plots").items]
    assert "evaluations/test/plots/roc_curve.png" not in plots
    final = modellab.get_run(run.id).final_metrics
    assert {name for name in final if name.startswith("test/")} == {"test/rmse", "test/mae", "test/r2"}
    assert "train/accuracy" in final


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ["cat"]},
        {"predictions": [2.0] * 120},
        {"config": {"no_such_setting": 1}},
        {"split": "../up"},
        {"split": "system"},
        {"row_ids": [1] * 120},
        {"task_type": "guessing"},
    ],
    ids=str,
)
def test_what_cannot_be_evaluated_is_refused_at_once_and_nothing_is_recorded(
    project: Project, rows: dict[str, Any], change: dict[str, Any]
) -> None:
    with modellab.start_run() as run:
        with pytest.raises(InvalidInput):
            run.log_evaluation(**{**rows, **change})
        assert {event["event"] for event in events(project, run.id)} <= {"start", "context", "console"}
    assert run.dropped == 0
    assert not (project.root / "manifests" / "spool").exists()


def test_nothing_is_evaluated_outside_of_a_run_without_saying_so(rows: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="No run is being recorded"):
        modellab.log_evaluation(**rows)


def test_with_only_headlines_kept_no_file_is_made(
    project: Project, rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELLAB_KEEP_ARTIFACTS", "0")
    with modellab.start_run() as run:
        report = run.log_evaluation(**rows)
    assert not (project.root / "manifests" / "spool").exists()
    with read_store() as store:
        found = store.evaluations.get(run.id, "test")
        assert (found.metrics, found.examples_path) == (report.metrics, None)
        assert store.artifacts.list(run.id).items == []
    assert modellab.get_run(run.id).final_metrics["test/accuracy"] == report.metrics["accuracy"]


FULL_DISK = """
import modellab, resource, signal, warnings
warnings.simplefilter("always")
labels = [0, 1] * 3000
scores = [0.4 + 0.2 * label + (place % 97) / 500 for place, label in enumerate(labels)]
with modellab.start_run() as run:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, resource.RLIM_INFINITY))
    report = run.log_evaluation(predictions=scores, labels=labels, config={"n_resamples": 100})
    print("still training", run.dropped > 0, report.n)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(run.id)
"""


def test_a_disk_that_takes_no_files_costs_the_files_and_not_the_training(project: Project) -> None:
    done = project.run(FULL_DISK)
    said, run_id = done.stdout.splitlines()
    assert said == "still training True 6000"
    assert done.stderr.count("not all files could be kept") == 1
    assert "test/accuracy" in modellab.get_run(run_id).final_metrics
    with read_store() as store:
        assert store.evaluations.get(run_id, "test").n == 6000
    assert not list((project.root / "manifests" / "spool").glob("*.part"))


def test_a_report_that_cannot_be_described_is_told(
    project: Project, rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_examples: object) -> str:
        raise MemoryError("no room for a copy")

    monkeypatch.setattr("modellab.evaluation.examples.digest_rows", fail)
    with modellab.start_run() as run, pytest.warns(RuntimeWarning, match="no room for a copy"):
        run.log_evaluation(**rows)
    assert run.dropped == 1
    assert modellab.get_run(run.id).status == "completed"


KILLED = """
import modellab, os, signal
run = modellab.start_run()
labels = [0, 1] * 50
run.log_evaluation(predictions=[0.3, 0.8] * 50, labels=labels, config={"n_resamples": 100})
print(run.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_keeps_its_evaluation(project: Project) -> None:
    run_id = project.run(KILLED, exit_code=-9).stdout.strip()
    assert modellab.get_run(run_id).status == "failed"
    with read_store() as store:
        assert store.evaluations.get(run_id, "test").metrics["accuracy"] == 1.0
        assert decode_examples(store.evaluations.read_examples(run_id, "test")).problem.n == 100


def test_without_the_packages_it_is_said_what_to_install(
    project: Project, rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "scipy" else find(name))
    with modellab.start_run() as run, pytest.raises(InvalidInput, match="need scipy") as refused:
        run.log_evaluation(**rows)
    assert refused.value.hint == "pip install 'modellab[evaluation]'"
    with pytest.raises(InvalidInput, match="need scipy"):
        modellab.evaluate(**rows)


def test_texts_that_no_file_can_hold_are_kept_as_far_as_they_can(project: Project) -> None:
    with modellab.start_run() as run:
        run.log_evaluation(
            predictions=["a\ud800", "b\x00"] * 10,
            labels=["b\x00", "b\x00"] * 10,
            row_ids=[f"\udfff{place}" for place in range(20)],
            data={"\udfff": ["\ud800", "x"] * 10},
            config=QUICK,
        )
    assert run.dropped == 0
    with read_store() as store:
        assert store.evaluations.get(run.id, "test").classes == ["a?", "b\x00"]
        assert decode_examples(store.evaluations.read_examples(run.id, "test")).problem.n == 20


def test_progress_is_handed_through(project: Project, rows: dict[str, Any]) -> None:
    told: list[tuple[Any, ...]] = []
    with modellab.start_run() as run:
        run.log_evaluation(**rows, progress=lambda *said: told.append(said))
    assert told


def examples_of(make: Callable[..., Any], labels: Any, row_ids: Any) -> Any:
    found = make(
        predictions=list(labels), labels=list(labels), row_ids=row_ids, config={"compute_cis": False}
    )
    return found.examples


def test_the_same_rows_have_the_same_checksum_whatever_their_order_and_class_names_type() -> None:
    labels, ids = ["b", "a", "b", "c"], ["x", "y", "z", "w"]
    first = examples_of(modellab.evaluate, labels, ids)
    turned = examples_of(modellab.evaluate, labels[::-1], ids[::-1])
    assert digest_rows(first) == digest_rows(turned)
    assert digest_rows(examples_of(modellab.evaluate, labels, [*ids[:3], "v"])) != digest_rows(first)
    assert digest_rows(examples_of(modellab.evaluate, ["a", "b", "b", "c"], ids)) != digest_rows(first)
    numbers = examples_of(modellab.evaluate, [0, 1, 1, 0], None)
    assert digest_rows(numbers) == digest_rows(examples_of(modellab.evaluate, np.array([0, 1, 1, 0]), None))
    assert digest_rows(numbers) != digest_rows(examples_of(modellab.evaluate, ["0", "1", "1", "0"], None))


def test_the_checksum_of_a_regression_is_over_its_targets_not_its_predictions() -> None:
    def digest(predictions: Sequence[float], labels: Sequence[float]) -> str:
        report = modellab.evaluate(
            predictions=predictions, labels=labels, task_type="regression", config={"compute_cis": False}
        )
        return digest_rows(report.examples)

    assert digest([1.0, 2.0, 3.5], [1.0, 2.5, 3.0]) == digest([2.0, 2.0, 2.0], [1.0, 2.5, 3.0])
    assert digest([1.0, 2.0, 3.5], [1.0, 2.5, 3.1]) != digest([1.0, 2.0, 3.5], [1.0, 2.5, 3.0])


def test_a_latency_report_says_on_which_machine_unless_told_something_else() -> None:
    def measure(**options: Any) -> Any:
        return modellab.profile_latency(abs, [1], warmup=0, n_calls=5, **options).report.machine

    machine = measure()
    assert machine["hostname"]
    assert machine["cores"] > 0
    assert measure(machine={"name": "edge"}) == {"name": "edge"}
