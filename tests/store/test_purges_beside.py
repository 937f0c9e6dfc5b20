"""A purge at the very moment in which something that it removes is restored or linked.

On PostgreSQL alone: SQLite has one writer at a time.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from modellab.datasets.description import Description
from modellab.records.projects import TrashKind
from modellab.settings import Settings
from modellab.store import Store, dataset_rows, open_store, trash

WaitUntil = Callable[[Callable[[], object]], None]
PurgeBeside = Callable[[Any, str, TrashKind, str], None]

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def store(postgresql: Any, settings: Settings) -> Iterator[Store]:
    """An empty store on PostgreSQL."""
    url = postgresql.new_database(migrated=True)
    with open_store(dataclasses.replace(settings, database_url=url)) as store:
        yield store
    postgresql.drop_database(url)


@pytest.fixture
def purge_beside(
    store: Store, monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil
) -> Iterator[PurgeBeside]:
    """Has something purged when a function is called, which goes on once the purge has ended or waits."""
    threads: list[threading.Thread] = []

    def is_waiting() -> bool:
        with store.database.read() as connection:
            return bool(connection.execute(_WAITING).scalar_one())

    def purge(kind: TrashKind, item_id: str) -> None:
        thread = threading.Thread(target=store.trash.purge, args=(kind, item_id))
        thread.start()
        threads.append(thread)
        wait_until(lambda: not thread.is_alive() or is_waiting())

    def prepare(module: Any, name: str, kind: TrashKind, item_id: str) -> None:
        called = getattr(module, name)

        def call(*arguments: Any) -> Any:
            if not threads:
                purge(kind, item_id)
            return called(*arguments)

        monkeypatch.setattr(module, name, call)

    yield prepare
    assert threads != []
    for thread in threads:
        thread.join()


def add_dataset(store: Store) -> str:
    upload = store.files.start()
    upload.write(b"a\n1\n")
    kept = upload.finish()
    added = store.datasets.add("iris", kept.sha256, kept.size, Description(format="csv"))
    return added.dataset.dataset_id


def test_a_project_is_restored_without_the_runs_that_are_purged_meanwhile(
    store: Store, purge_beside: PurgeBeside
) -> None:
    gone, kept = (store.editing.create(project_id="p").run_id for _ in range(2))
    store.trash.put_project("p")
    purge_beside(trash, "_chunks", "run", gone)
    assert store.trash.restore("project", "p").n_runs == 1
    assert [run.run_id for run in store.runs.list().items] == [kept]


def test_a_run_that_names_a_dataset_which_is_purged_meanwhile_still_knows_it(
    store: Store, purge_beside: PurgeBeside
) -> None:
    dataset_id = add_dataset(store)
    store.trash.put_dataset(dataset_id)
    purge_beside(dataset_rows, "link_run", "dataset", dataset_id)
    run = store.editing.create(dataset_id=dataset_id)
    assert [use.name for use in run.datasets] == ["iris"]


def test_a_dataset_is_added_though_a_run_that_names_it_is_purged_meanwhile(
    store: Store, purge_beside: PurgeBeside
) -> None:
    dataset_id = add_dataset(store)
    store.trash.put_dataset(dataset_id)
    store.trash.purge()
    gone = store.editing.create(dataset_id=dataset_id).run_id
    store.trash.put_run(gone)
    purge_beside(dataset_rows, "link_run", "run", gone)
    assert add_dataset(store) == dataset_id
