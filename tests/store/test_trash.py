"""The trash: what goes there together comes back together, and a purge leaves nothing behind."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

import modellab
from modellab.errors import Conflict, InvalidInput, NotFound
from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.journal.writer import JournalWriter
from modellab.records import RunFilter
from modellab.records.projects import TrashItem
from modellab.store import Store
from modellab.store.feed import Place
from modellab.store.platform_tables import artifacts, datasets, feed, purged_runs, run_datasets, tags
from modellab.store.tables import console, metadata, metric_chunks, metrics, params, runs, texts, writers

AddRun = Callable[..., str]
OF_RUNS = (params, metrics, metric_chunks, writers, console, tags, run_datasets, artifacts, feed)


def listed(store: Store) -> set[str]:
    return {run.run_id for run in store.runs.list().items}


def in_trash(store: Store) -> list[tuple[str, str]]:
    return [(item.kind, item.id) for item in store.trash.list().items]


def count(store: Store, table: str) -> int:
    with store.database.read() as connection:
        return connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


def keep(store: Store, content: bytes) -> str:
    upload = store.files.start()
    upload.write(content)
    return upload.finish().sha256


def add_artifact(store: Store, run_id: str, path: str, content: bytes) -> str:
    sha256 = keep(store, content)
    with store.database.write() as connection:
        run = connection.execute(select(runs.c.id).where(runs.c.run_id == run_id)).scalar_one()
        row = {"run": run, "path": path, "sha256": sha256, "size": len(content), "media_type": "x"}
        connection.execute(artifacts.insert(), {**row, "created_us": 1})
    return sha256


def add_dataset(store: Store, name: str, content: bytes, *, project_id: str = "", version: int = 1) -> str:
    dataset_id = f"{project_id}.{name}.{version}"
    row = {"dataset_id": dataset_id, "project_id": project_id, "name": name, "version": version}
    size = {"sha256": keep(store, content), "size": len(content), "format": "csv"}
    with store.database.write() as connection:
        connection.execute(datasets.insert(), {**row, **size, "created_us": 1, "updated_us": 1})
    return dataset_id


def is_dataset_deleted(store: Store, dataset_id: str) -> bool:
    with store.database.read() as connection:
        wanted = select(datasets.c.deleted_us).where(datasets.c.dataset_id == dataset_id)
        return connection.execute(wanted).scalar_one() is not None


def test_a_deleted_run_is_in_the_trash_and_nowhere_else(store: Store, add_run: AddRun) -> None:
    kept, gone = add_run(), add_run(name="gone", curves={"acc": [1.0]}, final={"acc": 1.0})
    item = store.trash.put_run(gone)
    assert (item.kind, item.id, item.name, item.n_runs, item.n_datasets) == ("run", gone, "gone", 1, 0)
    assert listed(store) == {kept}
    assert store.runs.count() == 1
    assert store.runs.rank("acc") == []
    with pytest.raises(NotFound):
        store.runs.get(gone)
    assert store.runs.get(gone, in_trash=True).deleted_at == item.deleted_at
    assert [run.run_id for run in store.runs.list(RunFilter(in_trash=True)).items] == [gone]
    assert store.trash.list().items == [item]
    with pytest.raises(NotFound, match="There is no run"):
        store.trash.put_run(gone)


def test_a_restored_run_is_as_it_was(store: Store, add_run: AddRun) -> None:
    run_id = add_run(name="back", curves={"loss": [1.0, 0.5]}, params={"lr": 1})
    before = store.runs.get(run_id)
    store.trash.put_run(run_id)
    assert store.trash.restore("run", run_id).id == run_id
    assert store.runs.get(run_id) == before
    assert in_trash(store) == []
    with pytest.raises(NotFound, match=r"There is no run .* in the trash"):
        store.trash.restore("run", run_id)


def test_nested_runs_go_and_come_with_the_run_around_them(store: Store, add_run: AddRun) -> None:
    sweep = add_run()
    trials = [add_run(parent_id=sweep) for _ in range(3)]
    inner = add_run(parent_id=trials[0])
    store.trash.put_run(trials[2])
    item = store.trash.put_run(sweep)
    assert item.n_runs == 4
    assert listed(store) == set()
    assert in_trash(store) == [("run", sweep), ("run", trials[2])]
    store.trash.restore("run", sweep)
    assert listed(store) == {sweep, trials[0], trials[1], inner}
    assert in_trash(store) == [("run", trials[2])]


def test_one_nested_run_can_be_restored_alone(store: Store, add_run: AddRun) -> None:
    sweep = add_run()
    trials = [add_run(parent_id=sweep) for _ in range(2)]
    store.trash.put_run(sweep)
    assert store.trash.restore("run", trials[0]).n_runs == 1
    assert listed(store) == {trials[0]}
    assert in_trash(store) == [("run", sweep)]


def test_runs_that_name_each_other_as_parents_do_no_harm(store: Store, add_run: AddRun) -> None:
    one, other = new_run_id(), new_run_id()
    add_run(run_id=one, parent_id=other)
    add_run(run_id=other, parent_id=one)
    assert store.trash.put_run(one).n_runs == 2
    assert store.trash.purge().n_runs == 2


def test_nested_runs_of_other_projects_stay(store: Store, add_run: AddRun) -> None:
    outer = add_run(project_id="a")
    inner = add_run(project_id="b", parent_id=outer)
    store.trash.put_run(outer)
    assert listed(store) == {inner}


def test_a_project_takes_its_runs_and_datasets_along(store: Store, add_run: AddRun) -> None:
    mine, other = add_run(project_id="mine"), add_run(project_id="other")
    earlier = add_run(project_id="mine")
    data = add_dataset(store, "iris", b"1", project_id="mine")
    old = add_dataset(store, "old", b"2", project_id="mine")
    store.trash.put_run(earlier)
    store.trash.put_dataset(old)
    item = store.trash.put_project("mine")
    assert (item.kind, item.id, item.n_runs, item.n_datasets) == ("project", "mine", 1, 1)
    assert listed(store) == {other}
    assert is_dataset_deleted(store, data)
    assert [project.project_id for project in store.projects.list().items] == ["other"]
    assert in_trash(store) == [("project", "mine"), ("dataset", old), ("run", earlier)]
    assert store.trash.restore("project", "mine") == item
    assert listed(store) == {other, mine}
    assert not is_dataset_deleted(store, data)
    assert is_dataset_deleted(store, old)
    assert in_trash(store) == [("dataset", old), ("run", earlier)]


def test_a_run_that_is_restored_or_recorded_brings_its_project_back(store: Store, add_run: AddRun) -> None:
    first, second = add_run(project_id="p"), add_run(project_id="p")
    store.trash.put_project("p")
    store.trash.restore("run", first)
    assert store.projects.get("p").statistics.n_runs == 1
    assert in_trash(store) == [("run", second)]
    store.trash.put_project("p")
    third = add_run(project_id="p")
    assert store.projects.get("p").statistics.n_runs == 1
    assert listed(store) == {third}
    assert set(in_trash(store)) == {("run", second), ("run", first)}


def test_a_dataset_comes_back_as_the_version_it_was(store: Store) -> None:
    data = add_dataset(store, "iris", b"1", project_id="p", version=3)
    item = store.trash.put_dataset(data)
    assert item == TrashItem(
        kind="dataset",
        id=data,
        name="iris",
        project_id="p",
        deleted_at=item.deleted_at,
        n_runs=0,
        n_datasets=1,
    )
    assert store.trash.find_project("dataset", data) == "p"
    store.trash.restore("dataset", data)
    assert not is_dataset_deleted(store, data)
    with pytest.raises(NotFound):
        store.trash.put_dataset("nope")


def test_the_trash_comes_in_pages_by_kind_and_for_those_who_may_see_it(store: Store, add_run: AddRun) -> None:
    ids = [add_run(project_id="ab"[i % 2]) for i in range(5)]
    for run_id in ids:
        store.trash.put_run(run_id)
    data = add_dataset(store, "iris", b"1", project_id="a")
    store.trash.put_dataset(data)
    seen, cursor = [], None
    while True:
        page = store.trash.list(limit=2, cursor=cursor)
        seen += [item.id for item in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == [data, *ids[::-1]]
    assert [item.id for item in store.trash.list("dataset").items] == [data]
    assert [item.id for item in store.trash.list("run", visible=["b"]).items] == [ids[3], ids[1]]
    assert store.trash.list(visible=[]).items == []
    with pytest.raises(InvalidInput):
        store.trash.list(cursor="nope")


def test_a_run_in_the_trash_goes_on(store: Store, add_run: AddRun) -> None:
    run_id = add_run(end=None)
    store.trash.put_run(run_id)
    offset = store.read_offset(run_id, "w")
    data = encode_points(0, 1_700_000_000_500, {"loss": 1.0})
    data += encode_event("end", 1_700_000_001_000, {"status": "completed"})
    store.ingest(run_id, "w", offset, data)
    store.trash.restore("run", run_id)
    run = store.runs.get(run_id)
    assert (run.status, run.final_metrics) == ("completed", {"loss": 1.0})


def test_what_changes_in_the_trash_is_told_to_listeners(store: Store, add_run: AddRun) -> None:
    ids = [add_run(project_id="p") for _ in range(3)]
    before = store.feed.newest()
    store.trash.put_project("p")
    changes = store.feed.read(Place(before, before)).changes
    assert [change.run.run_id for change in changes] == ids
    assert all(change.deleted_at for change in changes)
    middle = store.feed.newest()
    store.trash.restore("run", ids[1])
    assert [change.run.run_id for change in store.feed.read(Place(middle, middle)).changes] == [ids[1]]


def test_a_purge_leaves_no_row_behind(store: Store, add_run: AddRun) -> None:
    whole = {
        "params": {"lr": 1},
        "tags": {"a": "b"},
        "curves": {"loss": [1.0, 2.0]},
        "context": {"git_diff": "d", "pip_freeze": "x==1"},
        "final": {"loss": 1.0},
    }
    run_id = add_run(**whole, project_id="p", name="n")
    offset = store.read_offset(run_id, "w")
    store.ingest(run_id, "w", offset, encode_event("console", 1, {"stream": "stdout", "text": "hi"}))
    data = add_dataset(store, "iris", b"1", project_id="p")
    with store.database.write() as connection:
        numbers = {"run": select(runs.c.id), "dataset": select(datasets.c.id)}
        row = {name: connection.execute(number).scalar_one() for name, number in numbers.items()}
        connection.execute(run_datasets.insert(), {**row, "split": ""})
    add_artifact(store, run_id, "m.pt", b"model")
    assert min(count(store, table.name) for table in (*OF_RUNS, runs, texts)) > 0
    store.trash.put_project("p")
    report = store.trash.purge()
    assert (report.n_projects, report.n_datasets, report.n_runs, report.n_artifacts) == (1, 1, 1, 1)
    assert report.n_bytes >= len(b"model") + len(b"1")
    assert [table.name for table in (*OF_RUNS, runs, texts, datasets) if count(store, table.name)] == []
    assert [store.runs.count(), store.projects.list().items, in_trash(store)] == [0, [], []]
    assert data not in [item.id for item in store.trash.list().items]


def test_a_purge_leaves_alone_what_others_have(store: Store, add_run: AddRun) -> None:
    shared = {"context": {"git_diff": "same", "pip_freeze": "x==1"}}
    gone, kept = add_run(**shared), add_run(**shared, params={"lr": 1}, curves={"loss": [1.0]})
    both = add_artifact(store, gone, "a", b"both have this")
    add_artifact(store, kept, "b", b"both have this")
    alone = add_artifact(store, gone, "c", b"only one has this")
    before = store.runs.get(kept)
    store.trash.put_run(gone)
    assert store.trash.purge("run", gone).n_artifacts == 2
    assert store.runs.get(kept) == before
    assert before.git_diff == "same"
    assert b"".join(store.files.read(both)) == b"both have this"
    assert not store.files.is_stored(alone)
    assert hashlib.sha256(b"only one has this").hexdigest() == alone


def test_lines_of_a_purged_run_that_come_late_are_passed_over(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    store.trash.put_run(run_id)
    store.trash.purge()
    data = encode_event("start", 1, {"started_us": 1000}) + encode_points(0, 1, {"loss": 1.0})
    taken = store.ingest(run_id, "late", 0, data)
    assert (taken.offset, taken.n_points, taken.bad) == (len(data), 0, ())
    assert store.ingest(run_id, "w", 500, data).offset == 500 + len(data)
    assert store.note_heartbeat(run_id, "late", len(data)) == len(data)
    assert store.runs.count() == 0
    assert count(store, purged_runs.name) == 1
    with pytest.raises(Conflict, match="was purged"):
        store.editing.create(run_id=run_id)


def test_a_deleted_run_is_not_taken_up_again(sqlite_store: Store) -> None:
    store = sqlite_store
    quiet = dataclasses.replace(store.settings, capture_console=False, system_metrics_s=0)
    with modellab.start_run(settings=quiet) as run:
        pass
    store.trash.put_run(run.id)
    with pytest.raises(NotFound, match="lies in the trash"):
        modellab.start_run(run_id=run.id, settings=quiet)
    store.trash.purge()
    with pytest.raises(NotFound, match="was purged"):
        modellab.start_run(run_id=run.id, settings=quiet)
    store.trash.check_free(new_run_id())


def test_a_purge_removes_the_journals(store: Store) -> None:
    run_id = new_run_id()
    writer = JournalWriter(store.settings.journals, run_id)
    writer.append_event("start", {"started_us": 1_700_000_000_000_000})
    writer.append_event("end", {"status": "completed"})
    writer.close()
    store.collector.collect_run(run_id)
    folder = store.settings.journals / run_id
    size = sum(path.stat().st_size for path in folder.iterdir())
    store.trash.put_run(run_id)
    assert store.trash.purge().n_bytes >= size > 0
    assert not folder.exists()
    store.collector.collect_all()
    assert store.runs.count() == 0


def test_a_run_that_is_being_recorded_is_not_purged(store: Store, add_run: AddRun) -> None:
    live, ended = add_run(end=None, project_id="p"), add_run(project_id="p")
    store.trash.put_project("p")
    for kind, item_id in (("run", live), ("project", "p")):
        with pytest.raises(Conflict, match="a process is still recording it"):
            store.trash.purge(kind, item_id)  # type: ignore[arg-type]
    assert store.trash.purge().n_runs == 1
    assert in_trash(store) == [("project", "p")]
    store.mark_dead(live, "w")
    report = store.trash.purge("project", "p")
    assert (report.n_projects, report.n_runs) == (1, 1)
    assert ended not in listed(store)


def test_a_run_that_was_told_to_run_has_no_process_to_wait_for(store: Store) -> None:
    run_id = store.editing.create(status="running").run_id
    store.trash.put_run(run_id)
    assert store.trash.purge("run", run_id).n_runs == 1


def test_one_thing_is_purged_with_what_went_with_it(store: Store, add_run: AddRun) -> None:
    sweep = add_run()
    trial = add_run(parent_id=sweep)
    other, data = add_run(), add_dataset(store, "iris", b"1")
    store.trash.put_run(sweep)
    store.trash.put_run(other)
    store.trash.put_dataset(data)
    assert store.trash.purge("run", sweep).n_runs == 2
    assert in_trash(store) == [("dataset", data), ("run", other)]
    assert store.trash.purge("dataset", data).n_datasets == 1
    with pytest.raises(NotFound):
        store.trash.purge("run", trial)
    with pytest.raises(NotFound):
        store.trash.purge("project", "nope")


def test_what_was_deleted_lately_can_be_spared(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    store.trash.put_run(run_id)
    assert store.trash.purge(older_than_s=3600).n_runs == 0
    assert store.trash.purge(older_than_s=0).n_runs == 1
    for age in (-1, float("nan"), float("inf")):
        with pytest.raises(InvalidInput):
            store.trash.purge(older_than_s=age)


def test_the_file_of_the_database_is_smaller_after_a_purge(sqlite_store: Store) -> None:
    store, run_id = sqlite_store, new_run_id()
    start = encode_event("start", 1_700_000_000_000, {"started_us": 1_700_000_000_000_000})
    text = "".join(f"{hashlib.sha256(str(i).encode()).hexdigest()}\n" for i in range(20_000))
    store.ingest(run_id, "w", 0, start + encode_event("context", 1, {"git_diff": text}))
    store.mark_dead(run_id, "w")
    before = store.database.size_bytes()
    store.trash.put_run(run_id)
    report = store.trash.purge()
    assert store.database.size_bytes() < before / 2
    assert report.n_bytes > 1_000_000


def test_many_runs_are_purged_in_several_transactions(store: Store, add_run: AddRun) -> None:
    ids = [add_run(project_id="p", curves={"loss": [1.0]}) for _ in range(120)]
    store.trash.put_project("p")
    report = store.trash.purge()
    assert (report.n_runs, report.n_projects) == (len(ids), 1)
    assert count(store, runs.name) == 0


def test_what_is_deleted_while_the_trash_is_purged_is_still_told(store: Store, add_run: AddRun) -> None:
    ids = [add_run() for _ in range(30)]
    data = [add_dataset(store, f"data-{i}", b"1") for i in range(15)]
    done = threading.Event()

    def purge() -> None:
        while not done.is_set():
            store.trash.purge()

    with ThreadPoolExecutor(4) as pool:
        purges = [pool.submit(purge) for _ in range(2)]
        try:
            told = list(pool.map(store.trash.put_run, ids)) + list(pool.map(store.trash.put_dataset, data))
        finally:
            done.set()
        for purged in purges:
            purged.result()
    assert [item.id for item in told] == ids + data


def test_a_nested_run_outlives_the_one_around_it(store: Store, add_run: AddRun) -> None:
    sweep = add_run()
    trial, lost = add_run(parent_id=sweep), add_run(parent_id=sweep)
    inner = add_run(parent_id=trial)
    store.trash.put_run(sweep)
    store.trash.restore("run", trial)
    assert (store.runs.get(trial).parent_id, listed(store)) == (sweep, {trial, inner})
    place = Place(store.feed.newest(), store.feed.newest())
    assert store.trash.purge().n_runs == 2
    assert store.runs.get(trial).parent_id is None
    assert store.runs.get(inner).parent_id == trial
    assert [change.run.run_id for change in store.feed.read(place).changes] == [trial]
    with pytest.raises(NotFound):
        store.runs.get(lost, in_trash=True)
