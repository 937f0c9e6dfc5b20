"""Saved views: kept as they are, under names that are unique for each owner, gone with their project."""

from __future__ import annotations

from typing import Any

import pytest

from modellab.errors import Conflict, InvalidInput, NotFound
from modellab.records.views import ViewPage
from modellab.store import Store

STATE = {"query": "metrics.accuracy > 0.9", "columns": [{"key": "lr", "width": 80.5}], "pinned": None}


def test_a_view_is_saved_changed_and_removed(store: Store) -> None:
    store.projects.create("Iris", "iris")
    saved = store.views.create("runs", "the good ones", STATE, project_id="iris", owner="ada")
    assert (saved.project_id, saved.page, saved.name, saved.owner) == ("iris", "runs", "the good ones", "ada")
    assert saved.state == STATE
    renamed = store.views.update(saved.view_id, {"name": "🏆 die besten"})
    assert (renamed.name, renamed.state) == ("🏆 die besten", STATE)
    emptied = store.views.update(saved.view_id, {"state": {}})
    assert (emptied.name, emptied.state) == ("🏆 die besten", {})
    assert emptied.updated_at > saved.updated_at
    assert store.views.remove(saved.view_id) == emptied
    for ask in (store.views.get, store.views.remove):
        with pytest.raises(NotFound):
            ask(saved.view_id)


def test_a_list_has_the_views_of_a_page_and_project_in_order(store: Store) -> None:
    for project_id in ("a", "b"):
        store.projects.create(project_id, project_id)
    places: list[tuple[str | None, ViewPage]] = [
        ("a", "runs"),
        ("a", "compare"),
        (None, "runs"),
        ("b", "runs"),
    ]
    for where, page in places:
        store.views.create(page, f"{where} {page}", {}, project_id=where)

    def names(**wanted: Any) -> list[str]:
        return [view.name for view in store.views.list(**wanted).items]

    assert names() == ["a runs", "a compare", "None runs", "b runs"]
    assert names(project_id="a") == ["a runs", "a compare"]
    assert names(page="runs", visible={"b"}) == ["b runs"]
    first = store.views.list(limit=3)
    assert names(cursor=first.cursor) == ["b runs"]


def test_a_name_is_there_once_for_an_owner_a_page_and_a_project(store: Store) -> None:
    store.projects.create("a", "a")
    store.views.create("runs", "mine", {})
    for different in ({"owner": "bob"}, {"project_id": "a"}, {"page": "compare"}, {"name": "Mine"}):
        store.views.create(**{"page": "runs", "name": "mine", "state": {}, **different})  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="'mine'"):
        store.views.create("runs", "mine", {"other": 1})
    other = store.views.list(page="runs").items[-1]
    with pytest.raises(Conflict, match="'mine'"):
        store.views.update(other.view_id, {"name": "mine"})
    assert store.views.get(other.view_id) == other


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"page": "settings"}, "no page 'settings'"),
        ({"name": ""}, "name"),
        ({"name": "x" * 251}, "name"),
        ({"state": {"x": "y" * 65_536}}, "65,536"),
        ({"state": ["x"]}, "JSON object"),
        ({"state": {"x": 2**64}}, "JSON object"),
        ({"state": {"x": {1, 2}}}, "JSON object"),
    ],
)
def test_what_is_no_view_is_refused(sqlite_store: Store, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        sqlite_store.views.create(**{"page": "runs", "name": "x", "state": {}, **wrong})
    assert sqlite_store.views.list().items == []


def test_views_wait_in_the_trash_with_their_project_and_are_purged_with_it(store: Store) -> None:
    store.projects.create("a", "a")
    saved = store.views.create("runs", "mine", STATE, project_id="a")
    store.trash.put_project("a")
    assert store.views.list().items == []
    with pytest.raises(NotFound):
        store.views.get(saved.view_id)
    with pytest.raises(NotFound):
        store.views.create("runs", "other", {}, project_id="a")
    store.trash.restore("project", "a")
    assert store.views.list().items == [saved]
    store.trash.put_project("a")
    store.trash.purge("project", "a")
    store.projects.create("a", "a")
    assert store.views.list().items == []
