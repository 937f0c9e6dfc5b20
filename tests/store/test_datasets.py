"""Datasets in the store: versions, what changed, who used them, and what journals say of them."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from modellab.datasets.description import Description, describe_file
from modellab.errors import Conflict, FilesUnavailable, InvalidInput, NotFound
from modellab.ids import derive_dataset_id, new_run_id
from modellab.journal.line import encode_event
from modellab.records.datasets import Dataset
from modellab.store import Store
from modellab.store.datasets import Added

IRIS = b"sepal,species\n5.1,setosa\n4.9,setosa\n7.0,versicolor\n"
GROWN = b"sepal,species,petal\n5.1,setosa,1.4\n4.9,setosa,1.4\n7.0,versicolor,4.7\n6.3,virginica,6.0\n"


def keep(store: Store, data: bytes) -> str:
    upload = store.files.start()
    upload.write(data)
    return upload.finish().sha256


@pytest.fixture
def add(store: Store, tmp_path: Path) -> Callable[..., Added]:
    def add(name: str = "iris", data: bytes = IRIS, **more: Any) -> Added:
        path = tmp_path / f"{name}.csv"
        path.write_bytes(data)
        return store.datasets.add(
            name, keep(store, data), len(data), describe_file(path), filename=path.name, **more
        )

    return add


def event(data: bytes = IRIS, name: str = "iris", **more: Any) -> Mapping[str, Any]:
    sha256 = hashlib.sha256(data).hexdigest()
    return {"name": name, "sha256": sha256, "size": len(data), "format": "csv", "filename": "x.csv"} | more


def record(store: Store, *events: Mapping[str, Any], run_id: str | None = None, **start: Any) -> str:
    run_id = run_id or new_run_id()
    lines = [encode_event("start", 1_700_000_000_000, start)]
    lines += [encode_event("dataset", 1_700_000_000_001, one) for one in events]
    result = store.ingest(run_id, "w", 0, b"".join(lines))
    assert result.bad == []
    return run_id


def versions(store: Store, dataset: Dataset) -> list[int]:
    return [found.version for found in store.datasets.list_versions(dataset.dataset_id)]


def test_a_dataset_is_what_was_added_with_its_columns(store: Store, add: Callable[..., Added]) -> None:
    added = add(project_id="flowers", tags={"source": "uci"}, text="Fisher's flowers")

    assert added.is_new
    found = store.datasets.get(added.dataset.dataset_id)
    assert found == added.dataset
    assert (found.name, found.version, found.project_id, found.format) == ("iris", 1, "flowers", "csv")
    assert (found.n_rows, found.n_columns, found.tags) == (3, 2, {"source": "uci"})
    assert found.dataset_id == derive_dataset_id("flowers", "iris", hashlib.sha256(IRIS).hexdigest())
    assert found.columns is not None
    assert [(column.name, column.type) for column in found.columns] == [
        ("sepal", "number"),
        ("species", "text"),
    ]
    assert found.is_stored
    assert store.projects.get("flowers").statistics.n_datasets == 1


def test_the_same_name_gives_the_next_version_and_says_what_changed(
    store: Store, add: Callable[..., Added]
) -> None:
    first = add().dataset
    second = add(data=GROWN).dataset

    assert (second.version, second.parent_id) == (2, first.dataset_id)
    assert second.changes is not None
    assert dataclasses.asdict(second.changes) == {
        "n_rows": 1,
        "n_columns": 1,
        "added_columns": ["petal"],
        "removed_columns": [],
        "retyped_columns": [],
    }
    assert versions(store, first) == [2, 1]
    assert [found.version for found in store.datasets.list().items] == [2]
    assert [found.version for found in store.datasets.list(all_versions=True).items] == [2, 1]


def test_the_very_same_bytes_under_a_name_are_the_version_there_is(
    store: Store, add: Callable[..., Added]
) -> None:
    first = add().dataset
    add(data=GROWN)
    again = add()

    assert not again.is_new
    assert again.dataset.dataset_id == first.dataset_id
    assert versions(store, first) == [2, 1]
    assert add(project_id="other").is_new  # another project's name is another name


def test_bytes_that_are_not_kept_are_no_dataset(store: Store) -> None:
    with pytest.raises(Conflict):
        store.datasets.add("iris", "0" * 64, 1, Description(format="other"))
    assert store.datasets.list().items == []


def test_pages_of_a_list_have_each_dataset_once(store: Store, add: Callable[..., Added]) -> None:
    names = [f"set{number}" for number in range(5)]
    for name in names:
        add(name)
    seen: list[str] = []
    cursor = None
    while True:
        page = store.datasets.list(limit=2, cursor=cursor)
        seen += [found.name for found in page.items]
        assert all(found.columns is None for found in page.items)
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == names[::-1]


def test_a_list_shows_only_projects_that_the_caller_may_see(store: Store, add: Callable[..., Added]) -> None:
    add(project_id="mine")
    add(project_id="theirs")
    add()
    assert [d.project_id for d in store.datasets.list(visible={"mine"}).items] == ["mine"]
    assert [d.project_id for d in store.datasets.list(project_id="theirs").items] == ["theirs"]
    assert len(store.datasets.list(name="iris").items) == 3


def test_metadata_is_changed_in_part(store: Store, add: Callable[..., Added]) -> None:
    dataset_id = add(tags={"a": "1", "b": "2"}, text="old").dataset.dataset_id
    changed = store.datasets.update(dataset_id, {"tags": {"a": None, "c": 3}})
    assert (changed.tags, changed.description) == ({"b": "2", "c": "3"}, "old")
    changed = store.datasets.update(dataset_id, {"description": None})
    assert (changed.tags, changed.description) == ({"b": "2", "c": "3"}, None)
    with pytest.raises(InvalidInput, match="sha256"):
        store.datasets.update(dataset_id, {"sha256": "0" * 64})


def test_a_new_name_is_one_for_all_versions_and_ids_stay(store: Store, add: Callable[..., Added]) -> None:
    first = add().dataset
    add(data=GROWN)
    add("wine", b"a\n1\n")

    renamed = store.datasets.update(first.dataset_id, {"name": "flowers"})

    assert (renamed.dataset_id, renamed.name) == (first.dataset_id, "flowers")
    assert versions(store, renamed) == [2, 1]
    assert add().dataset.dataset_id == first.dataset_id  # its bytes are known by id, under whichever name
    with pytest.raises(Conflict, match="wine"):
        store.datasets.update(first.dataset_id, {"name": "wine"})


def test_a_dataset_is_found_by_id_beginning_or_name(store: Store, add: Callable[..., Added]) -> None:
    add()
    newest = add(data=GROWN).dataset.dataset_id
    assert store.datasets.find("iris") == newest
    assert store.datasets.find(newest[:10]) == newest
    add(project_id="other")
    with pytest.raises(InvalidInput, match="More than one"):
        store.datasets.find("iris")
    for unknown in ("nothing", "", "%"):
        with pytest.raises(NotFound):
            store.datasets.find(unknown)


def test_one_in_the_trash_is_not_listed_and_comes_back_when_added_again(
    store: Store, add: Callable[..., Added]
) -> None:
    first = add().dataset
    store.trash.put_dataset(first.dataset_id)
    with pytest.raises(NotFound, match="no dataset"):
        store.datasets.get(first.dataset_id)
    assert store.datasets.list().items == []
    assert store.datasets.get(first.dataset_id, in_trash=True).deleted_at is not None

    second = add(data=GROWN).dataset
    assert (second.version, second.parent_id) == (2, None)  # numbers are not given twice

    assert not add().is_new
    assert versions(store, second) == [2, 1]


def test_a_preview_shows_the_first_rows(store: Store, add: Callable[..., Added]) -> None:
    preview = store.datasets.preview(add().dataset.dataset_id, n=2)
    assert (preview.columns, preview.types) == (["sepal", "species"], ["number", "text"])
    assert (preview.rows, preview.n_rows) == ([[5.1, "setosa"], [4.9, "setosa"]], 3)


def test_a_run_that_logs_a_dataset_makes_it_and_is_linked_to_it(store: Store) -> None:
    run_id = record(store, event(split="test"), event(GROWN, "more"))

    run = store.runs.get(run_id)
    assert [(use.name, use.version, use.split) for use in run.datasets] == [
        ("more", 1, None),
        ("iris", 1, "test"),
    ]
    dataset_id = derive_dataset_id(None, "iris", hashlib.sha256(IRIS).hexdigest())
    assert run.dataset_id == dataset_id
    found = store.datasets.get(dataset_id)
    assert (found.is_stored, found.n_runs, found.columns) == (False, 1, None)
    with pytest.raises(NotFound, match="not here"):
        store.datasets.preview(dataset_id)


def test_lineage_names_the_runs_page_by_page(store: Store) -> None:
    run_ids = [
        record(store, event(split="train"), event(split="test"), project_id=p) for p in ("a", "b", "a")
    ]
    dataset_id = store.runs.get(run_ids[0]).datasets[0].dataset_id

    seen = []
    cursor = None
    while True:
        page = store.datasets.list_runs(dataset_id, limit=1, cursor=cursor)
        seen += [(use.run_id, use.split) for use in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == [(run_id, split) for run_id in run_ids[::-1] for split in ("test", "train")]
    visible = store.datasets.list_runs(dataset_id, visible={"b"}).items
    assert {use.run_id for use in visible} == {run_ids[1]}
    store.trash.put_run(run_ids[1])
    assert store.datasets.get(dataset_id).n_runs == 2
    name = store.datasets.get(dataset_id).name
    record(store, event(b"newer", name, split="train"), event(split="test"))
    newest = store.datasets.list(name=name).items[0]
    assert (newest.version, newest.n_runs, newest.n_runs_of_all_versions) == (2, 1, 3)


def test_a_run_that_names_a_datasets_id_uses_it_whichever_came_first(
    store: Store, add: Callable[..., Added]
) -> None:
    dataset_id = derive_dataset_id(None, "iris", hashlib.sha256(IRIS).hexdigest())
    before = record(store, dataset_id=dataset_id)
    add()
    after = record(store, dataset_id=dataset_id)
    assert {use.run_id for use in store.datasets.list_runs(dataset_id).items} == {before, after}
    assert [use.dataset_id for use in store.runs.get(before).datasets] == [dataset_id]


def test_columns_that_nobody_has_read_are_read_when_the_bytes_are_there(store: Store) -> None:
    record(store, event())
    run_id = record(store, event(GROWN))
    dataset_id = store.runs.get(run_id).datasets[0].dataset_id
    assert store.datasets.get(dataset_id).columns is None

    keep(store, IRIS)
    keep(store, GROWN)

    found = store.datasets.get(dataset_id)
    assert (found.n_rows, found.n_columns) == (4, 3)
    assert found.parent_id is not None
    assert store.datasets.get(found.parent_id).n_rows == 3


def test_kept_bytes_that_are_no_table_say_why_they_are_not_read(store: Store) -> None:
    ragged = b"a,b\n1,2\n1,2,3\n"
    run_id = record(store, event(ragged))
    keep(store, ragged)
    found = store.datasets.get(store.runs.get(run_id).datasets[0].dataset_id)
    assert found.columns is None
    assert found.unread == "Line 3 has 3 values, but there are 2 columns."


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "nonsense"},
        {"size": -1},
        {"size": 2**63},
        {"format": "xlsx"},
        {"name": ""},
        {"name": 3},
        {"columns": [{"title": "a"}]},
        {"n_rows": "many"},
    ],
    ids=repr,
)
def test_an_event_that_cannot_be_read_is_set_aside(store: Store, wrong: Mapping[str, Any]) -> None:
    line = encode_event("dataset", 1, {**event(), **wrong})
    result = store.ingest(new_run_id(), "w", 0, encode_event("start", 1, {}) + line)
    assert len(result.bad) == 1
    assert store.datasets.list().items == []


def test_text_with_a_zero_byte_is_kept_without_it(store: Store) -> None:
    run_id = record(store, event(name="a\0b", filename="\0", split="\0"))
    assert store.runs.get(run_id).datasets[0].name == "a\N{REPLACEMENT CHARACTER}b"


def test_runs_on_different_test_data_are_flagged_when_compared(store: Store) -> None:
    one = record(store, event(split="test"), name="one")
    two = record(store, event(GROWN, split="test"), name="two")
    [warning] = store.runs.compare([one, two]).warnings
    assert warning == (
        f"Runs one ({one[-8:]}) and two ({two[-8:]}) were tested on different data: iris v1 and iris v2; "
        "their scores cannot be compared."
    )


def test_the_same_content_under_another_name_is_the_same_data(store: Store) -> None:
    one = record(store, event(split="test"), event(GROWN, split="train"))
    two = record(store, event(name="flowers", split="test"))
    assert store.runs.compare([one, two]).warnings == []


def test_without_splits_all_data_of_the_runs_is_looked_at(store: Store) -> None:
    one, two = record(store, event()), record(store, event(GROWN))
    [warning] = store.runs.compare([one, two]).warnings
    assert "used different data: iris v1 and iris v2" in warning


def test_of_a_run_that_tells_no_data_it_is_said_that_nothing_is_known(store: Store) -> None:
    one, two, three = record(store, event()), record(store), record(store, dataset_id="iris-v1")
    warnings = store.runs.compare([one, two, three]).warnings
    assert [warning.endswith("(iris v1) is not known.") for warning in warnings] == [True, True]
    assert store.runs.compare([two]).warnings == store.runs.compare([two, record(store)]).warnings == []


def test_versions_that_are_added_at_the_same_time_get_numbers_of_their_own(
    store: Store, add: Callable[..., Added]
) -> None:
    contents = [f"a\n{number}\n".encode() for number in range(8)]
    for data in contents:
        keep(store, data)
    described = Description(format="other")

    def upload(data: bytes) -> Added:
        return store.datasets.add(
            "busy", hashlib.sha256(data).hexdigest(), len(data), described, project_id="p"
        )

    def log(data: bytes) -> str:
        return record(store, event(data, "busy", project_id="p", format="other"), project_id="p")

    with ThreadPoolExecutor(8) as pool:
        added = [pool.submit(upload, data) for data in contents * 2]
        logged = [pool.submit(log, data) for data in contents * 2]
        assert sum(future.result().is_new for future in added) <= len(contents)
        run_ids = [future.result() for future in logged]

    found = store.datasets.list(name="busy", all_versions=True).items
    assert sorted(dataset.version for dataset in found) == list(range(1, 9))
    assert sum(dataset.n_runs for dataset in found) == len(run_ids)
    assert {dataset.n_runs_of_all_versions for dataset in found} == {len(run_ids)}
    (newest,) = store.datasets.list(name="busy").items
    assert newest.n_runs < newest.n_runs_of_all_versions == len(run_ids)


def test_a_run_knows_what_its_data_was_after_the_data_is_purged(
    store: Store, add: Callable[..., Added]
) -> None:
    first = add(tags={"source": "uci"}, text="Fisher's flowers").dataset
    one = record(store, event(split="test"))
    two = record(store, event(GROWN, split="test"))
    before = store.runs.get(one).datasets
    warnings = store.runs.compare([one, two]).warnings

    store.trash.put_dataset(first.dataset_id)
    purged = store.trash.purge()

    assert (purged.n_datasets, purged.n_bytes) == (1, len(IRIS))
    assert not store.files.is_stored(first.sha256)
    assert store.runs.get(one).datasets == before
    assert store.runs.compare([one, two]).warnings == warnings
    assert store.trash.list().items == []
    assert {found.version for found in store.datasets.list(all_versions=True).items} == {2}
    for look in (store.datasets.get, store.datasets.find_project, store.trash.put_dataset):
        with pytest.raises(NotFound):
            look(first.dataset_id)
    with pytest.raises(NotFound):
        store.trash.restore("dataset", first.dataset_id)
    assert store.trash.purge().n_datasets == 0


def test_a_purged_dataset_that_runs_name_comes_back_when_added_again(
    store: Store, add: Callable[..., Added]
) -> None:
    add(data=GROWN)
    first = add(text="old").dataset
    run_id = record(store, event(split="test"))
    store.trash.put_dataset(first.dataset_id)
    store.trash.purge()

    again = add(text="new")

    assert again.is_new
    assert (again.dataset.dataset_id, again.dataset.version) == (first.dataset_id, 2)
    assert (again.dataset.description, again.dataset.columns) == ("new", first.columns)
    assert again.dataset.changes == first.changes is not None
    assert again.dataset.is_stored
    assert store.trash.purge().n_bytes == 0
    assert [use.split for use in store.runs.get(run_id).datasets] == ["test"]


def test_what_stays_of_a_purged_dataset_goes_with_the_last_run_that_names_it(
    store: Store, add: Callable[..., Added]
) -> None:
    first = add(project_id="flowers").dataset
    run_id = record(store, event(project_id="flowers"))
    store.trash.put_project("flowers")
    assert store.trash.purge().n_projects == 1
    assert [use.name for use in store.runs.get(run_id).datasets] == ["iris"]

    end = encode_event("end", 1_700_000_002_000, {"status": "completed"})
    store.ingest(run_id, "w", store.read_offset(run_id, "w"), end)
    store.trash.put_run(run_id)
    store.trash.purge()

    assert add(project_id="flowers", data=GROWN).dataset.version == 1
    assert add(project_id="flowers").dataset.dataset_id == first.dataset_id


def test_a_kept_file_that_cannot_be_read_is_said_to_be_unavailable(
    store: Store, add: Callable[..., Added]
) -> None:
    dataset = add().dataset
    path = store.files.find_path(dataset.sha256)
    assert path is not None
    path.unlink()
    path.mkdir()  # no one may read a folder as a file
    with pytest.raises(FilesUnavailable, match="cannot be read: Is a directory"):
        store.datasets.preview(dataset.dataset_id)
