"""Projects: made, listed with what is in them, changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from modellab.errors import Conflict, Forbidden, InvalidInput, NotFound
from modellab.ids import new_run_id
from modellab.journal.line import encode_event
from modellab.records.projects import MAX_TAGS
from modellab.store import Store
from modellab.store.platform_tables import artifacts, blobs, datasets
from modellab.store.tables import runs

AddRun = Callable[..., str]


def keep_file(store: Store, run_id: str, sha256: str, size: int) -> None:
    """A file of a run, in the tables that say so."""
    with store.database.write() as connection:
        run = connection.execute(select(runs.c.id).where(runs.c.run_id == run_id)).scalar_one()
        row = {"run": run, "path": sha256, "sha256": sha256, "size": size, "media_type": "x", "created_us": 1}
        connection.execute(artifacts.insert(), row)
        blob = {"sha256": sha256, "size": size, "created_us": 1}
        connection.execute(store.database.insert_or_ignore(blobs), blob)


def add_dataset(store: Store, name: str, version: int, project_id: str, sha256: str = "d") -> str:
    dataset_id = f"{project_id}-{name}-{version}"
    with store.database.write() as connection:
        connection.execute(
            datasets.insert(),
            {
                "dataset_id": dataset_id,
                "project_id": project_id,
                "name": name,
                "version": version,
                "format": "csv",
                "sha256": sha256,
                "size": 10,
                "created_us": 2_000_000_000_000_000 + version,
                "updated_us": 2_000_000_000_000_000 + version,
            },
        )
    return dataset_id


def test_a_project_gets_an_id_from_its_name(store: Store) -> None:
    names = ["Iris study", "Iris: study!", "Ünïcode Ö", "日本語", "日本", "iris-study-3"]
    ids = [store.projects.create(name).project_id for name in names]
    assert ids == ["iris-study", "iris-study-2", "unicode-o", "project", "project-2", "iris-study-3"]
    assert store.projects.create("IRIS STUDY").project_id == "iris-study-4"


def test_a_project_has_what_was_said_of_it(store: Store) -> None:
    project = store.projects.create("Iris", "i.1", description="Which?", tags={"team": "vision", "n": 2})
    assert (project.project_id, project.name, project.description) == ("i.1", "Iris", "Which?")
    assert project.tags == {"team": "vision", "n": "2"}
    assert project.created_at == project.updated_at
    assert project.deleted_at is None
    assert project.statistics.last_activity_at is None
    assert store.projects.get("i.1") == project


def test_an_id_is_taken_once_also_by_what_is_in_the_trash(store: Store) -> None:
    store.projects.create("Iris", "iris")
    with pytest.raises(Conflict, match="There is a project iris already"):
        store.projects.create("Other", "iris")
    store.trash.put_project("iris")
    with pytest.raises(Conflict):
        store.projects.create("Other", "iris")
    assert store.projects.create("iris").project_id == "iris-2"


@pytest.mark.parametrize("project_id", ["", "../x", "a b", "-a", "x" * 129, "é", "a/b"])
def test_an_id_that_cannot_stand_in_an_address_is_refused(store: Store, project_id: str) -> None:
    with pytest.raises(InvalidInput, match="A project id may not be"):
        store.projects.create("Iris", project_id)


@pytest.mark.parametrize("name", ["", "  ", "x" * 251, "a\x00b", "a\nb"])
def test_a_name_has_1_to_250_printable_characters(store: Store, name: str) -> None:
    with pytest.raises(InvalidInput):
        store.projects.create(name)
    store.projects.create("x" * 250, "p")
    with pytest.raises(InvalidInput):
        store.projects.update("p", {"name": name})


def test_descriptions_and_tags_have_limits(store: Store) -> None:
    with pytest.raises(InvalidInput, match="at most 20000"):
        store.projects.create("Iris", description="x" * 20_001)
    with pytest.raises(InvalidInput, match="at most 100"):
        store.projects.create("Iris", tags={str(i): "x" for i in range(MAX_TAGS + 1)})
    store.projects.create("Iris", tags={str(i): "x" for i in range(MAX_TAGS)})
    with pytest.raises(InvalidInput, match="101 tags"):
        store.projects.update("iris", {"tags": {"one more": "x"}, "name": "Other"})
    assert store.projects.get("iris").name == "Iris"


def test_what_is_not_given_stays(store: Store) -> None:
    made = store.projects.create("Iris", description="d", tags={"a": "1", "b": "2"})
    changed = store.projects.update("iris", {"name": "Iris 2", "tags": {"a": None, "c": "3"}})
    assert (changed.name, changed.description, changed.tags) == ("Iris 2", "d", {"b": "2", "c": "3"})
    assert changed.updated_at > made.updated_at
    assert store.projects.update("iris", {"description": None}).description is None
    with pytest.raises(InvalidInput, match="no project_id"):
        store.projects.update("iris", {"project_id": "x"})
    with pytest.raises(NotFound):
        store.projects.update("nope", {"name": "x"})


def test_a_run_makes_its_project(store: Store, add_run: AddRun) -> None:
    add_run(project_id="seen-by-a-run")
    assert store.projects.get("seen-by-a-run").name == "seen-by-a-run"
    store.projects.update("seen-by-a-run", {"name": "Named"})
    add_run(project_id="seen-by-a-run")
    project = store.projects.get("seen-by-a-run")
    assert (project.name, project.statistics.n_runs) == ("Named", 2)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a b", "a-b"),
        ("a/b", "a-b"),
        ("<script>", "script"),
        ("../..", "project-0cfd1c96"),
        ("x" * 129, "x" * 100 + "-0ec9eb33"),
    ],
)
def test_a_journal_with_a_project_id_that_cannot_be_is_kept_under_one_that_can(
    store: Store, add_run: AddRun, written: str, kept: str
) -> None:
    first, second = (add_run(project_id=written, params={"lr": 1}) for _ in range(2))
    for run_id in (first, second):
        run = store.runs.get(run_id)
        assert (run.project_id, run.params, run.status) == (kept, {"lr": 1}, "completed")
    assert [project.project_id for project in store.projects.list().items] == [kept]
    start = encode_event("start", 1, {"project_id": written})  # and the right to log is asked for that one
    store.ingest(new_run_id(), "w", 0, start, visible=[kept])
    with pytest.raises(Forbidden):
        store.ingest(new_run_id(), "w", 0, start, visible=[written])


def test_a_list_says_what_is_in_each_project(store: Store, add_run: AddRun) -> None:
    a = add_run(project_id="a", artifacts=["m.pt", "p.png"])
    b = add_run(project_id="a", end="failed")
    add_run(project_id="a", end=None)
    deleted = add_run(project_id="a", artifacts=["x"])
    other = add_run(project_id="b")
    keep_file(store, a, "s1", 100)
    keep_file(store, b, "s1", 100)
    keep_file(store, b, "s2", 7)
    keep_file(store, deleted, "s3", 50)
    keep_file(store, other, "s1", 100)
    for version, sha256 in ((1, "s2"), (2, "not kept")):
        add_dataset(store, "iris", version, "a", sha256)
    store.trash.put_run(deleted)
    found = {project.project_id: project.statistics for project in store.projects.list().items}
    assert (found["a"].n_runs, found["a"].n_running, found["a"].n_failed) == (3, 1, 1)
    assert (found["a"].n_datasets, found["a"].n_artifacts, found["a"].n_bytes) == (1, 2, 107)
    assert found["a"].last_activity_at == "2033-05-18T03:33:20.000002+00:00"
    assert (found["b"].n_runs, found["b"].n_bytes) == (1, 100)
    assert found["b"].last_activity_at == "2023-11-14T22:13:21.000000+00:00"


def test_lists_come_in_pages_newest_first(store: Store) -> None:
    ids = [store.projects.create(f"p{i}").project_id for i in range(5)]
    seen, cursor = [], None
    while True:
        page = store.projects.list(limit=2, cursor=cursor)
        seen += [project.project_id for project in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == ids[::-1]
    for limit in (0, 1001):
        with pytest.raises(InvalidInput):
            store.projects.list(limit=limit)
    with pytest.raises(InvalidInput, match="is no cursor"):
        store.projects.list(cursor="nope")


def test_projects_are_found_by_a_part_of_their_name_or_id(store: Store) -> None:
    for name, project_id in (("Iris study", "a"), ("100 % done", "b"), ("Other", "my-iris")):
        store.projects.create(name, project_id)

    def found(text: str) -> set[str]:
        return {project.project_id for project in store.projects.list(search=text).items}

    assert found("IRIS") == {"a", "my-iris"}
    assert found("%") == {"b"}
    assert found("'; drop table runs; --") == set()


def test_only_visible_projects_are_listed(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.projects.create(name)
    assert {p.project_id for p in store.projects.list(visible=frozenset({"a", "c", "x"})).items} == {"a", "c"}
    assert store.projects.list(visible=frozenset()).items == []


def test_activity_is_what_happened_newest_first(store: Store, add_run: AddRun) -> None:
    first = add_run(project_id="p", name="first", started_us=1_000_000_000_000_000)
    second = add_run(project_id="p", started_us=1_000_000_100_000_000, end="failed")
    add_run(project_id="other")
    data = add_dataset(store, "iris", 1, "p")
    found = [(one.kind, one.id, one.name, one.event) for one in store.projects.read_activity("p")]
    assert found == [
        ("dataset", data, "iris", "added"),
        ("run", second, None, "failed"),
        ("run", second, None, "started"),
        ("run", first, "first", "completed"),
        ("run", first, "first", "started"),
    ]
    assert len(store.projects.read_activity("p", limit=2)) == 2
    with pytest.raises(NotFound):
        store.projects.read_activity("nope")
    made = store.editing.create(project_id="q")
    store.editing.update(made.run_id, status="running")
    store.editing.create(project_id="q")
    assert [one.event for one in store.projects.read_activity("q")] == ["created", "started"]


def test_a_project_that_is_not_there_or_deleted_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="There is no project nope"):
        store.projects.get("nope")
    store.projects.create("gone")
    store.trash.put_project("gone")
    with pytest.raises(NotFound, match="There is no project gone"):
        store.projects.get("gone")
    assert store.projects.get("gone", in_trash=True).deleted_at is not None
