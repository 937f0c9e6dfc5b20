"""Evaluations and latency reports of runs, as their journals tell them: kept, replaced, removed, purged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import text

from modellab.errors import InvalidInput, NotFound
from modellab.journal.line import encode_event, encode_points
from modellab.records import RunFilter
from modellab.records.estimates import Interval
from modellab.records.evaluations import check_evaluation_name, check_latency_name
from modellab.store import Store
from modellab.tracking.evaluations import Report, encode_report
from modellab.tracking.spool import list_file

AddRun = Callable[..., str]
START_MS = 1_700_000_000_000
ROWS = "ab" * 32
WRITER = "f" * 16
FILES = {"report.json": b'{"curves": {"roc": []}}', "examples.npz": b"rows", "takeaway.txt": b"Good."}


def describe(
    name: str = "test",
    metrics: Mapping[str, Any] | None = None,
    *,
    files: Mapping[str, bytes] = FILES,
    **changed: Any,
) -> Report:
    """An evaluation, as a harness would have made it."""
    fields = {
        "name": name,
        "task_type": "classification",
        "n": 150,
        "classes": ["setosa", "other"],
        "primary_metric": "f1",
        "metrics": {"accuracy": 0.9, "f1": 0.8, "mcc": 0.7, "roc_auc": None} if metrics is None else metrics,
        "notes": {"roc_auc": "The labels are hard."},
        "intervals": {"accuracy": {"estimate": 0.9, "low": 0.85, "high": 0.94, "method": "wilson"}},
        "takeaway": "It is good.",
        "rows_sha256": ROWS,
    }
    return Report(
        event="evaluation",
        name=name,
        folder=f"evaluations/{name}",
        fields={**fields, **changed},
        headline={},
        contents=lambda: iter(files.items()),
        key_file="examples.npz",
    )


def describe_latency(name: str = "default", **report: Any) -> Report:
    whole = {"p50_ms": 1.5, "p95_ms": 2, "p99_ms": None, "n": 200, **report}
    return Report(
        event="latency",
        name=name,
        folder=f"latency/{name}",
        fields={"name": name, "report": whole},
        headline={},
        contents=lambda: iter({"samples.npy": b"times"}.items()),
        key_file="samples.npy",
    )


def lines_of(report: Report, *, keep: bool = True) -> bytes:
    """What a process writes into its journal."""
    listed = [
        list_file(f"{report.folder}/{name}", hashlib.sha256(data).hexdigest(), len(data))
        for name, data in report.contents()
    ]
    return encode_report(report, listed if keep else [])


def log(store: Store, run_id: str, *reports: Report | bytes) -> Any:
    """Write reports into a further journal of a run, in one batch."""
    lines = b"".join(one if isinstance(one, bytes) else lines_of(one) for one in reports)
    return store.ingest(run_id, WRITER, store.read_offset(run_id, WRITER), lines)


def keep_files(store: Store, files: Mapping[str, bytes] = FILES) -> None:
    for data in files.values():
        upload = store.files.start()
        upload.write(data)
        upload.finish()


def paths(store: Store, run_id: str) -> Sequence[str]:
    return [file.path for file in store.artifacts.list(run_id, limit=1000).items]


def count_rows(store: Store, table: str) -> int:
    with store.database.read() as connection:
        return int(connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one())


def test_an_evaluation_is_read_as_it_was_told(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    log(store, run_id, describe())

    (found,) = store.evaluations.list(run_id)

    assert found == store.evaluations.get(run_id, "test")
    assert (found.name, found.task_type, found.n, found.primary_metric) == (
        "test",
        "classification",
        150,
        "f1",
    )
    assert found.classes == ["setosa", "other"]
    assert found.metrics == {"accuracy": 0.9, "f1": 0.8, "mcc": 0.7, "roc_auc": None}
    assert found.notes == {"roc_auc": "The labels are hard."}
    assert found.intervals == {"accuracy": Interval(estimate=0.9, low=0.85, high=0.94, method="wilson")}
    assert (found.takeaway, found.rows_sha256) == ("It is good.", ROWS)
    assert (found.folder, found.examples_path) == ("evaluations/test", "evaluations/test/examples.npz")
    assert found.examples_sha256 == hashlib.sha256(b"rows").hexdigest()
    assert found.created_at.endswith("+00:00")
    assert paths(store, run_id) == sorted(f"evaluations/test/{name}" for name in FILES)
    assert store.runs.get(run_id).artifacts == ["evaluations/test"]


def test_its_headline_stands_beside_what_the_run_returned_and_can_be_asked_for(
    store: Store, add_run: AddRun
) -> None:
    run_id = add_run(final={"accuracy": 0.5, "loss": 1.0})
    log(store, run_id, describe(), describe("validation", {"f1": 0.6, "rmse": 2}))

    run = store.runs.get(run_id)
    assert run.final_metrics == {
        "accuracy": 0.5,
        "loss": 1.0,
        "test/accuracy": 0.9,
        "test/f1": 0.8,
        "validation/f1": 0.6,
        "validation/rmse": 2.0,
    }
    assert run.metrics["test/f1"].count == 0
    ranked = store.runs.rank("test/f1")
    assert [one.run_id for one in ranked] == [run_id]
    found = store.runs.list(RunFilter(query='metrics."test/f1" > 0.7 and metrics."validation/f1" < 0.7'))
    assert [one.run_id for one in found.items] == [run_id]
    assert store.runs.list(RunFilter(metric_name="test/f1", metric_min=0.81)).items == []


def test_one_of_the_same_name_replaces_row_metrics_and_files(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    log(store, run_id, describe(), encode_event("artifact", START_MS, {"path": "m", "files": [
        list_file("evaluations/test/mine.txt", "cd" * 32, 1)]}))  # fmt: skip
    later = describe("test", {"rmse": 3.0}, files={"report.json": b"{}"}, primary_metric="rmse")
    log(store, run_id, later)

    (found,) = store.evaluations.list(run_id)
    assert (found.metrics, found.examples_path) == ({"rmse": 3.0}, None)
    assert store.runs.get(run_id).final_metrics == {"test/rmse": 3.0}
    assert set(store.runs.get(run_id).metrics) == {"test/rmse"}
    assert paths(store, run_id) == ["evaluations/test/mine.txt", "evaluations/test/report.json"]


def test_it_makes_no_difference_whether_both_come_in_one_batch(store: Store, add_run: AddRun) -> None:
    one, other = add_run(), add_run()
    first, second = describe(), describe("test", {"r2": 1}, files={"report.json": b"{}", "new.txt": b"n"})
    log(store, one, first, second)
    log(store, other, first)
    log(store, other, second)

    for run_id in (one, other):
        assert paths(store, run_id) == ["evaluations/test/new.txt", "evaluations/test/report.json"]
        assert store.runs.get(run_id).final_metrics == {"test/r2": 1.0}
        assert store.evaluations.get(run_id, "test").metrics == {"r2": 1}


def test_points_under_a_headlines_name_count_again_once_it_is_gone(store: Store, add_run: AddRun) -> None:
    run_id = add_run(curves={"test/f1": [0.1, 0.2]})
    log(store, run_id, describe())
    assert store.runs.get(run_id).final_metrics["test/f1"] == 0.8
    log(store, run_id, encode_points(2, START_MS, {"test/f1": 0.3}))
    assert store.runs.get(run_id).final_metrics["test/f1"] == 0.8

    store.evaluations.remove(run_id, "test")

    assert store.runs.get(run_id).final_metrics == {"test/f1": 0.3}
    assert store.runs.get(run_id).metrics["test/f1"].final == 0.3


def test_without_kept_files_there_is_the_headline_alone(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    log(store, run_id, lines_of(describe(), keep=False))
    assert store.evaluations.get(run_id, "test").examples_path is None
    assert paths(store, run_id) == []
    assert store.runs.get(run_id).artifacts == []
    with pytest.raises(NotFound, match=r"no artifact evaluations/test/report\.json"):
        store.evaluations.read_report(run_id, "test")
    with pytest.raises(NotFound, match="has not kept"):
        store.evaluations.read_examples(run_id, "test")


def test_report_and_examples_are_read_once_their_bytes_are_here(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    log(store, run_id, describe())
    with pytest.raises(NotFound, match="on the way"):
        store.evaluations.read_report(run_id, "test")

    keep_files(store)

    assert store.evaluations.read_report(run_id, "test") == {"curves": {"roc": []}}
    assert store.evaluations.read_examples(run_id, "test") == b"rows"


def test_examples_that_were_replaced_by_other_bytes_are_not_taken_for_the_evaluations_own(
    store: Store, add_run: AddRun
) -> None:
    run_id = add_run()
    log(store, run_id, describe())
    other = {"examples.npz": b"other rows", "report.json": b"[1]"}
    keep_files(store, other)
    for name, data in other.items():
        digest = hashlib.sha256(data).hexdigest()
        file = list_file(f"evaluations/test/{name}", digest, len(data))
        log(store, run_id, encode_event("artifact", START_MS, {"path": name, "files": [file]}))
    with pytest.raises(NotFound, match="replaced by another file"):
        store.evaluations.read_examples(run_id, "test")
    with pytest.raises(InvalidInput, match="is no report"):
        store.evaluations.read_report(run_id, "test")


def test_one_that_is_not_there_is_answered_with_those_that_are(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    with pytest.raises(NotFound) as none:
        store.evaluations.get(run_id, "test")
    assert none.value.hint == "It has none."
    log(store, run_id, describe("a"), describe("b"))
    for ask in (store.evaluations.get, store.evaluations.read_report, store.evaluations.remove):
        with pytest.raises(NotFound, match="no evaluation 'test'") as refused:
            ask(run_id, "test")
        assert refused.value.hint == "It has: a, b."
    with pytest.raises(NotFound, match="no run"):
        store.evaluations.list("nowhere")


def test_those_of_several_runs_are_read_at_once(store: Store, add_run: AddRun) -> None:
    first, second, without, deleted = (add_run() for _ in range(4))
    for run_id in (first, second, deleted):
        log(store, run_id, describe(), describe("other"))
    store.trash.put_run(deleted)

    found = store.evaluations.list_of_runs([second, without, deleted, "nowhere", first], "test")

    assert list(found) == [second, first]
    assert {one.name for one in found.values()} == {"test"}
    assert found[first].run_id == first
    assert store.evaluations.list_of_runs([], "test") == {}


BROKEN: list[dict[str, Any]] = [
    {"name": "../up"},
    {"name": "system"},
    {"name": "a" * 101},
    {"name": 5},
    {"n": -1},
    {"n": 2**63},
    {"n": "many"},
    {"task_type": "Guess work"},
    {"classes": "setosa"},
    {"classes": [None]},
    {"metrics": [0.5]},
    {"metrics": {"accuracy": "nan"}},
    {"metrics": {"accuracy": True}},
    {"metrics": {"": 1}},
    {"metrics": {"a" * 251: 1}},
    {"primary_metric": None},
    {"notes": {"f1": 3}},
    {"intervals": {"f1": {"low": 0.1}}},
    {"intervals": {"f1": {"estimate": "x", "low": 0.1, "high": 0.2, "method": "bca"}}},
    {"intervals": {"f1": {"estimate": 0.5, "low": 0.1, "high": 0.9, "method": "bca", "level": "most"}}},
    {"intervals": {"f1": {"estimate": 0.5, "low": 0.1, "high": 0.9, "method": None}}},
    {"intervals": {"f1": {"estimate": 0.5, "low": 0.1, "high": 0.9, "method": "bca", "seed": 1.5}}},
    {"takeaway": None},
    {"rows_sha256": "short"},
    {"examples_sha256": "short"},
    {"files": ["checkpoints/best.pt"]},
    {"files": ["evaluations/test/../../x"]},
    {"files": 7},
    {"files": [f"evaluations/test/{number}" for number in range(1001)]},
]


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: str(change)[:60])
def test_an_event_that_says_what_cannot_be_is_set_aside_and_the_rest_is_read(
    sqlite_store: Store, change: dict[str, Any]
) -> None:
    run_id = "0" * 32
    event = {**describe().fields, **change}
    lines = encode_event("evaluation", START_MS, event) + encode_points(0, START_MS, {"loss": 1})
    result = sqlite_store.ingest(run_id, WRITER, 0, lines)
    assert len(result.bad) == 1
    assert sqlite_store.evaluations.list(run_id) == []
    assert sqlite_store.runs.get(run_id).final_metrics == {"loss": 1.0}


def test_text_that_a_database_cannot_hold_is_kept_as_far_as_it_can(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    log(store, run_id, describe(takeaway="a\x00b", classes=["a\x00", "ü"], notes={"f1": "n\x00"}))
    found = store.evaluations.get(run_id, "test")
    assert found.takeaway == "a\N{REPLACEMENT CHARACTER}b"
    assert found.classes == ["a\x00", "ü"]


def test_what_is_added_by_hand_is_whole_and_becomes_the_same_events(store: Store, add_run: AddRun) -> None:
    run_id = add_run()

    added = store.evaluations.add(run_id, describe())

    assert added == store.evaluations.get(run_id, "test")
    assert store.evaluations.read_report(run_id, "test") == {"curves": {"roc": []}}
    assert store.evaluations.read_examples(run_id, "test") == b"rows"
    assert store.runs.get(run_id).final_metrics == {"test/accuracy": 0.9, "test/f1": 0.8}
    assert store.runs.get(run_id).status == "completed"
    assert store.files.count()[0] == len(FILES)

    store.evaluations.add(run_id, describe(files={"report.json": b"{}"}))
    assert store.files.count() == (1, 2)  # the bytes of the first are freed


@pytest.mark.parametrize("where", ["nowhere", "trash"])
def test_nothing_is_added_to_a_run_that_is_not_there(store: Store, add_run: AddRun, where: str) -> None:
    run_id = "0" * 32
    if where == "trash":
        run_id = add_run()
        store.trash.put_run(run_id)
    with pytest.raises(NotFound):
        store.evaluations.add(run_id, describe())
    assert store.files.count() == (0, 0)
    assert not list(store.settings.db_path.parent.rglob("*.part"))


def test_a_report_that_cannot_be_recorded_leaves_nothing(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    with pytest.raises(InvalidInput, match="cannot be recorded"):
        store.evaluations.add(run_id, describe(n=-1))
    assert store.files.count() == (0, 0)
    assert paths(store, run_id) == []


def test_removing_takes_files_and_metrics_along_and_tells_what_it_freed(
    store: Store, add_run: AddRun
) -> None:
    run_id, other = add_run(final={"accuracy": 0.5}), add_run()
    store.evaluations.add(run_id, describe())
    store.evaluations.add(run_id, describe("mine", files={"report.json": b"only mine"}))
    store.evaluations.add(other, describe())

    assert store.evaluations.remove(run_id, "test") == 0  # the other run has the same bytes
    assert store.evaluations.remove(run_id, "mine") == len(b"only mine")

    assert store.evaluations.list(run_id) == []
    assert paths(store, run_id) == []
    run = store.runs.get(run_id)
    assert (run.artifacts, run.n_artifacts, run.final_metrics) == ([], 0, {"accuracy": 0.5})
    assert store.evaluations.read_report(other, "test") == {"curves": {"roc": []}}


def test_the_trash_hides_a_runs_evaluations_and_a_purge_removes_them(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    store.evaluations.add(run_id, describe())
    store.latencies.add(run_id, describe_latency())
    store.trash.put_run(run_id)
    with pytest.raises(NotFound):
        store.evaluations.list(run_id)
    with pytest.raises(NotFound):
        store.evaluations.remove(run_id, "test")

    store.trash.restore("run", run_id)
    assert [one.name for one in store.evaluations.list(run_id)] == ["test"]
    assert store.evaluations.read_examples(run_id, "test") == b"rows"

    store.trash.put_run(run_id)
    store.trash.purge("run", run_id)
    assert [count_rows(store, table) for table in ("evaluations", "latencies", "artifacts", "blobs")] == [
        0
    ] * 4


def test_listeners_are_told_of_an_evaluation(store: Store, add_run: AddRun) -> None:
    run_id = add_run()

    def newest() -> int:
        with store.database.read() as connection:
            return int(connection.execute(text("SELECT changed_seq FROM feed")).scalar_one())

    seen = newest()
    for change in (
        lambda: log(store, run_id, describe()),
        lambda: store.evaluations.add(run_id, describe("other")),
        lambda: store.evaluations.remove(run_id, "test"),
    ):
        change()
        assert newest() > seen
        seen = newest()


def test_the_same_lines_taken_in_again_change_nothing(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    lines = lines_of(describe())
    store.ingest(run_id, WRITER, 0, lines)
    store.evaluations.remove(run_id, "test")
    store.ingest(run_id, WRITER, 0, lines)
    assert store.evaluations.list(run_id) == []


def test_a_latency_report_is_kept_in_the_same_way(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    log(store, run_id, describe_latency(), describe_latency("batch-8", p50_ms=9.0))
    first, second = store.latencies.list(run_id)
    assert (first.name, second.name) == ("batch-8", "default")
    assert second.report == {"p50_ms": 1.5, "p95_ms": 2, "p99_ms": None, "n": 200}
    assert second.samples_path == "latency/default/samples.npy"
    assert store.runs.get(run_id).final_metrics == {
        "latency/batch-8/p50_ms": 9.0,
        "latency/batch-8/p95_ms": 2.0,
        "latency/default/p50_ms": 1.5,
        "latency/default/p95_ms": 2.0,
    }
    with pytest.raises(NotFound, match="on the way"):
        store.latencies.read_samples(run_id, "default")

    store.latencies.add(run_id, describe_latency(p95_ms=None))

    assert store.latencies.read_samples(run_id, "default") == b"times"
    assert "latency/default/p95_ms" not in store.runs.get(run_id).final_metrics
    assert store.latencies.remove(run_id, "batch-8") == 0
    with pytest.raises(NotFound, match="no latency report 'batch-8'"):
        store.latencies.get(run_id, "batch-8")
    assert len(log(store, run_id, encode_event("latency", START_MS, {"name": "x", "report": 3})).bad) == 1


NO_NAMES = ["", ".", "..", "a/b", "a b", "-x", ".x", "x.", "con", "ü", "a" * 101, None, 5, "NUL.txt"]


@pytest.mark.parametrize("name", NO_NAMES, ids=repr)
def test_a_name_that_can_be_none_is_refused(name: object) -> None:
    for check in (check_evaluation_name, check_latency_name):
        with pytest.raises(InvalidInput):
            check(name)


def test_a_name_that_stands_before_other_metrics_is_no_name_of_an_evaluation() -> None:
    for name in ("system", "Latency"):
        with pytest.raises(InvalidInput, match="other metrics"):
            check_evaluation_name(name)
    assert check_evaluation_name("test-2026.v1_b") == "test-2026.v1_b"
    assert check_latency_name("system") == "system"
