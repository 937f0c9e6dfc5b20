"""Several runs changed at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modellab.errors import InvalidInput, NotFound
from modellab.records import RunFilter
from modellab.store import Store
from modellab.store.feed import Place

AddRun = Callable[..., str]


def found(store: Store, query: str) -> set[str]:
    return {run.run_id for run in store.runs.list(RunFilter(query=query)).items}


def test_notes_and_tags_of_all_are_changed_found_and_told(store: Store, add_run: AddRun) -> None:
    ids = [add_run(tags={"team": "vision", "old": str(i)}) for i in range(3)]
    other = add_run(tags={"team": "vision"})
    before = store.feed.newest()
    changed = store.bulk.change([*ids, ids[0]], note="seen", tags={"team": "audio", "old": None, "n": 2})
    assert changed == 3
    for run_id in ids:
        run = store.runs.get(run_id)
        assert (run.note, run.tags) == ("seen", {"team": "audio", "n": "2"})
    assert store.runs.get(other).tags == {"team": "vision"}
    assert found(store, "tags.team = 'audio'") == set(ids)
    assert found(store, "exists tags.old") == set()
    news = store.feed.read(Place(before, before)).changes
    assert [change.run.run_id for change in news] == ids
    store.bulk.change(ids, note=None)
    assert not any(store.runs.get(run_id).note for run_id in ids)


def test_runs_go_to_the_trash_and_come_back_with_what_is_nested_in_them(
    store: Store, add_run: AddRun
) -> None:
    ids = [add_run(project_id="p") for _ in range(2)]
    child = add_run(project_id="p", parent_id=ids[0])
    kept = add_run(project_id="p")
    before = store.feed.newest()
    assert store.bulk.change([*ids, child], trash=True, tags={"why": "junk"}) == 3
    assert {run.run_id for run in store.runs.list().items} == {kept}
    assert {item.id for item in store.trash.list().items} >= {ids[1]}
    assert len(store.feed.read(Place(before, before)).changes) == 3
    store.trash.put_project("p")
    assert store.bulk.change(ids, restore=True, note="back") == 3
    assert {run.run_id for run in store.runs.list().items} == {*ids, child}
    assert store.projects.get("p").deleted_at is None
    assert [store.runs.get(run_id).note for run_id in (*ids, child)] == ["back", "back", None]


def test_one_that_is_not_there_keeps_all_as_they_are(store: Store, add_run: AddRun) -> None:
    there, deleted = add_run(), add_run()
    store.trash.put_run(deleted)
    before = store.feed.newest()
    for ids in ([there, "none"], [there, deleted]):
        with pytest.raises(NotFound):
            store.bulk.change(ids, note="x", trash=True)
    for ids in ([deleted, "none"], [deleted, there]):
        with pytest.raises(NotFound, match="Not in the trash"):
            store.bulk.change(ids, restore=True)
    for wrong in ({"note": "x" * 100_001}, {"tags": {"": "x"}}):
        with pytest.raises(InvalidInput):
            store.bulk.change([there], **wrong)
    for few in ([], [f"r{i}" for i in range(1001)]):
        with pytest.raises(InvalidInput, match="1 to 1000"):
            store.bulk.change(few, note="x")
    assert store.runs.get(there).note is None
    assert store.feed.newest() == before
