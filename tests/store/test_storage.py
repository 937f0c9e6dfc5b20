"""How much room things take, and what a purge would give back."""

from __future__ import annotations

from collections.abc import Callable

from modellab.datasets.description import Description
from modellab.store import Store
from modellab.store.files import Kept

AddRun = Callable[..., str]


def keep(store: Store, content: bytes) -> Kept:
    upload = store.files.start()
    upload.write(content)
    return upload.finish()


def read(store: Store, visible: set[str] | None = None) -> dict[str | None, tuple[int, ...]]:
    return {
        one.project_id: (one.n_runs, one.n_points, one.artifact_bytes, one.dataset_bytes, one.trash_bytes)
        for one in store.storage.read(visible=visible).projects
    }


def test_an_empty_store_takes_hardly_anything(store: Store) -> None:
    found = store.storage.read()
    assert (found.kept_bytes, found.n_points, found.trash_bytes, found.projects) == (0, 0, 0, [])
    assert found.database_bytes


def test_bytes_are_told_by_project_and_the_same_content_once(store: Store, add_run: AddRun) -> None:
    for project_id, path, content in (
        ("a", "x", b"12345"),
        ("a", "y", b"12345"),
        ("b", "x", b"12345"),
        (None, "x", b"1"),
    ):
        run_id = add_run(project_id=project_id, curves={"loss": [1.0, 2.0]})
        store.artifacts.add(run_id, path, keep(store, content))
    data = keep(store, b"1234567")
    store.datasets.add("data", data.sha256, data.size, Description(format="other"), project_id="b")
    assert read(store) == {"a": (2, 4, 5, 0, 0), "b": (1, 2, 5, 7, 0), None: (1, 2, 1, 0, 0)}
    found = store.storage.read()
    assert (found.kept_bytes, found.n_points) == (13, 8)
    assert [one.project_id for one in found.projects] == ["b", "a", None]
    assert read(store, {"a"}).keys() == {"a"}
    assert store.storage.read(visible={"a"}).kept_bytes is None


def test_what_the_trash_tells_is_what_a_purge_frees(store: Store, add_run: AddRun) -> None:
    kept, gone, other = (add_run(project_id="a") for _ in range(3))
    for run_id, path, content in (
        (kept, "shared", b"shared"),
        (gone, "shared", b"shared"),
        (gone, "own", b"own"),
        (other, "own", b"own"),
    ):
        store.artifacts.add(run_id, path, keep(store, content))
    store.trash.put_run(gone)
    assert read(store) == {"a": (2, 0, 9, 0, 0)}  # all of it is somebody else's too
    store.trash.put_run(other)
    assert read(store) == {"a": (1, 0, 6, 0, 3)}
    before = store.storage.read()
    store.trash.purge()
    assert (before.kept_bytes or 0) - (store.storage.read().kept_bytes or 0) == before.trash_bytes == 3
    assert read(store) == {"a": (1, 0, 6, 0, 0)}
