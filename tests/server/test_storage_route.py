"""`/api/modellab/storage` over HTTP, and things that leave the trash by themselves."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from modellab.records.storage import ProjectStorage, Storage
from modellab.server.bodies.storage import ProjectStorageBody, StorageBody
from modellab.server.retention import TrashRetention
from modellab.store import Store
from modellab.store.tables import runs

AT = "/api/modellab/storage"
DAY_US = 86_400_000_000


@pytest.mark.parametrize(
    ("body", "record", "more"),
    [(ProjectStorageBody, ProjectStorage, []), (StorageBody, Storage, ["trash_days"])],
)
def test_an_answer_has_the_fields_of_its_record(body: Any, record: Any, more: list[str]) -> None:
    assert list(body.model_fields) == [field.name for field in dataclasses.fields(record)] + more


def test_members_are_told_of_their_projects_only(open_team: Any, tmp_path: Path) -> None:
    with open_team(tmp_path, MODELLAB_TRASH_DAYS="30") as team:
        for name in ("ours", "theirs"):
            team.lab.record(project_id=name)
        team.store.accounts.join("mia", "ours", "viewer")
        with team.ask("mia") as member, team.ask("vera") as viewer:
            mine, every = member.get(AT).json(), viewer.get(AT).json()
        assert [one["project_id"] for one in mine["projects"]] == ["ours"]
        assert (mine["database_bytes"], mine["kept_bytes"], mine["trash_days"]) == (None, None, 30)
        assert {one["project_id"] for one in every["projects"]} == {"ours", "theirs"}
        assert every["database_bytes"] > 0


def test_things_leave_the_trash_after_their_days(sqlite_store: Store) -> None:
    store = sqlite_store
    run_id = store.editing.create(status="completed").run_id
    kept = store.editing.create(status="completed").run_id
    store.trash.put_run(run_id)
    now_us = [time.time_ns() // 1000 + 6 * DAY_US]
    retention = TrashRetention(store, 7, clock=lambda: now_us[0])
    assert retention.purge_old().n_runs == 0
    assert store.audit.list().items == []
    now_us[0] += 2 * DAY_US
    assert retention.purge_old().n_runs == 1
    assert store.runs.count(in_trash=True) == 0
    assert store.runs.get(kept).run_id == kept
    [entry] = store.audit.list().items
    assert (entry.actor, entry.action, entry.kind) == ("-", "purge", "trash")
    assert (entry.details["older_than_days"], entry.details["n_runs"]) == (7, 1)


@pytest.mark.parametrize("days", [0, 7])
def test_a_server_that_starts_looks_into_the_trash(
    open_lab: Any, tmp_path: Path, wait_until: Callable[..., None], days: int
) -> None:
    (tmp_path / ".env").write_text(f"MODELLAB_TRASH_DAYS={days}\n")
    with open_lab(tmp_path) as lab:
        old, new = lab.record(), lab.record()
        for run_id in (old, new):
            lab.store.trash.put_run(run_id)
        with lab.store.database.write() as connection:
            connection.execute(update(runs).where(runs.c.run_id == old).values(deleted_us=DAY_US))
    with open_lab(tmp_path) as lab:
        assert lab.get(AT)["trash_days"] == days
        if days:
            wait_until(lambda: lab.store.runs.count(in_trash=True) == 1)
            assert lab.store.trash.get("run", new)
        else:
            assert lab.store.runs.count(in_trash=True) == 2
