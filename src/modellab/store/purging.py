"""Removes for good what lies in the trash: rows in small transactions, then files, journals and space."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select, text, union, update

from modellab.errors import Conflict
from modellab.ids import FOREIGN_ID_PATTERN
from modellab.records.projects import Purge, TrashKind
from modellab.store.account_tables import memberships
from modellab.store.engine import Database
from modellab.store.evaluation_tables import EVALUATION_TABLES
from modellab.store.feed import drop_changes, note_changes
from modellab.store.files import FileShelf
from modellab.store.platform_tables import (
    artifacts,
    datasets,
    projects,
    purged_runs,
    run_datasets,
    tags,
    views,
)
from modellab.store.replays import select_used_texts
from modellab.store.search_index import drop_items
from modellab.store.search_tables import embedded_runs, embeddings
from modellab.store.tables import console, metric_chunks, metrics, params, runs, texts, writers
from modellab.store.times import now_us

BATCH_S = 0.2
"""How long one transaction should take; others write in between."""
_FIRST_BATCH, _LARGEST_BATCH = 50, 5000
_PAUSE_S = 0.05
_SHARE = 10  # one run of so many is much

# Of the artifacts' rows the checksums are needed, and the feed has to keep its numbers: see below.
_OF_RUNS = (params, metrics, metric_chunks, writers, console, tags, run_datasets, *EVALUATION_TABLES)
_IS_NAMED = exists().where(run_datasets.c.dataset == datasets.c.id)
_IS_LIVE = exists().where(writers.c.run == runs.c.id, writers.c.role != "api", writers.c.state == "live")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to purge: all that was deleted until `before_us`, or of that only one thing.

    `runs` are the numbers of a run and of those that are nested in it.
    """

    before_us: int
    kind: TrashKind | None = None
    item_id: str | None = None
    runs: Sequence[int] | None = None


class Purger:
    """Purges the trash of one store."""

    def __init__(self, database: Database, journals: Path, files: FileShelf) -> None:
        self._database = database
        self._journals = journals
        self._files = files

    def purge(self, wanted: Wanted) -> Purge:
        """Remove what is wanted and tell how much that was; raises `Conflict` for a run named that lives."""
        with self._database.read() as connection:
            n_runs = connection.execute(select(func.count()).select_from(runs)).scalar_one()
            run_numbers = _find_runs(connection, wanted)
            dataset_numbers = _find_datasets(connection, wanted)
        removed = _Removed()
        for batch in _Batches(run_numbers):
            self._purge_runs(batch, removed)
        for batch in _Batches(dataset_numbers):
            self._purge_datasets(batch, removed)
        self._purge_stones()
        self._purge_projects(wanted, removed)
        if removed.n_runs:
            self._purge_texts()
        # Pages of which every other row is gone are not empty: the share of the runs says how much it was.
        removed.n_bytes += self._database.shrink(is_much=removed.n_runs * _SHARE >= n_runs > 0)
        return Purge(
            n_projects=removed.n_projects,
            n_datasets=removed.n_datasets,
            n_runs=removed.n_runs,
            n_artifacts=removed.n_artifacts,
            n_bytes=removed.n_bytes,
        )

    def _purge_runs(self, batch: Sequence[int], removed: _Removed) -> None:
        with self._database.write() as connection:
            # Asked again: one may have been restored, or taken up by a process, since they were counted.
            still = select(runs.c.id, runs.c.run_id).where(
                runs.c.id.in_(batch), runs.c.deleted_us.is_not(None), ~_IS_LIVE
            )
            rows = connection.execute(still.order_by(runs.c.id).with_for_update(of=runs)).all()
            numbers = [row.id for row in rows]
            for table in _OF_RUNS:
                connection.execute(delete(table).where(table.c.run.in_(numbers)))
            gone = delete(artifacts).where(artifacts.c.run.in_(numbers)).returning(artifacts.c.sha256)
            sums = connection.execute(gone).scalars().all()
            drop_changes(connection, self._database, numbers)
            drop_items(connection, self._database, "run", numbers)
            connection.execute(delete(runs).where(runs.c.id.in_(numbers)))
            if rows:
                moment = now_us()
                named = [{"run_id": row.run_id, "purged_us": moment} for row in rows]
                connection.execute(self._database.insert_or_ignore(purged_runs), named)
                nested = update(runs).where(runs.c.parent_id.in_([row.run_id for row in rows]))
                left = connection.execute(nested.values(parent_id=None).returning(runs.c.id)).scalars().all()
                note_changes(connection, self._database, left, "changed")
        removed.n_runs += len(rows)
        removed.n_artifacts += len(sums)
        removed.n_bytes += self._files.release(sums)
        removed.n_bytes += sum(_remove_journals(self._journals, row.run_id) for row in rows)

    def _purge_datasets(self, batch: Sequence[int], removed: _Removed) -> None:
        with self._database.write() as connection:
            still = select(datasets.c.id).where(
                datasets.c.id.in_(batch), datasets.c.deleted_us.is_not(None), datasets.c.purged_us.is_(None)
            )
            numbers = connection.execute(still.with_for_update()).scalars().all()
            # Those that runs name stay as stones, so that a run still knows what its data was.
            stones = update(datasets).where(datasets.c.id.in_(numbers), _IS_NAMED).values(**_as_stone())
            gone = delete(datasets).where(datasets.c.id.in_(numbers), ~_IS_NAMED)
            changes = [change.returning(datasets.c.sha256) for change in (stones, gone)]
            sums = [sum for change in changes for sum in connection.execute(change).scalars()]
            drop_items(connection, self._database, "dataset", numbers)
        removed.n_datasets += len(sums)
        removed.n_bytes += self._files.release(sums)

    def _purge_stones(self) -> None:
        """Remove what stayed of purged datasets that no run names any more."""
        unnamed = (datasets.c.purged_us.is_not(None), ~_IS_NAMED)
        with self._database.write() as connection:
            locked = select(datasets.c.id).where(*unnamed).with_for_update()
            numbers = connection.execute(locked).scalars().all()
            connection.execute(delete(datasets).where(datasets.c.id.in_(numbers), *unnamed))

    def _purge_projects(self, wanted: Wanted, removed: _Removed) -> None:
        """Remove projects of which nothing is left."""
        if wanted.kind not in (None, "project"):
            return
        conditions: list[ColumnElement[bool]] = [projects.c.deleted_us <= wanted.before_us]
        if wanted.item_id is not None:
            conditions.append(projects.c.project_id == wanted.item_id)
        conditions.append(~exists().where(runs.c.project_id == projects.c.project_id))
        is_there = datasets.c.purged_us.is_(None)
        conditions.append(~exists().where(datasets.c.project_id == projects.c.project_id, is_there))
        with self._database.write() as connection:
            gone = delete(projects).where(*conditions).returning(projects.c.id, projects.c.project_id)
            rows = connection.execute(gone).all()
            ids = [row.project_id for row in rows]
            drop_items(connection, self._database, "project", [row.id for row in rows])
            for table in (memberships, views):
                connection.execute(delete(table).where(table.c.project_id.in_(ids)))
        removed.n_projects += len(ids)

    def _purge_texts(self) -> None:
        """Remove diffs, package lists, code and meanings of texts that no run has any more."""
        used = union(
            select(runs.c.git_diff_digest).where(runs.c.git_diff_digest.is_not(None)),
            select(runs.c.pip_freeze_digest).where(runs.c.pip_freeze_digest.is_not(None)),
            *select_used_texts(),
        )
        with self._database.write() as connection:
            if not self._database.is_sqlite:  # a run that is coming in may name a text that is there already
                connection.execute(text("LOCK TABLE texts IN SHARE ROW EXCLUSIVE MODE"))
            connection.execute(delete(texts).where(texts.c.digest.not_in(used)))
            kept = select(embedded_runs.c.digest)  # a text of a run that is there is embedded anew if need be
            connection.execute(delete(embeddings).where(embeddings.c.digest.not_in(kept)))


class _Removed:
    """Counts, as they grow."""

    def __init__(self) -> None:
        self.n_projects = self.n_datasets = self.n_runs = self.n_artifacts = self.n_bytes = 0


class _Batches:
    """Numbers in batches that take about `BATCH_S` each, with a pause in which others get their turn."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = numbers

    def __iter__(self) -> Iterator[Sequence[int]]:
        size, start = _FIRST_BATCH, 0
        while start < len(self._numbers):
            began = time.perf_counter()
            yield self._numbers[start : start + size]
            start += size
            took = time.perf_counter() - began
            size = max(1, min(_LARGEST_BATCH, int(size * BATCH_S / max(took, 1e-6)), 2 * size))
            if start < len(self._numbers):
                time.sleep(min(took, _PAUSE_S))


def _find_runs(connection: Connection, wanted: Wanted) -> Sequence[int]:
    if wanted.kind == "dataset":
        return []
    statement = select(runs.c.id).where(runs.c.deleted_us <= wanted.before_us).order_by(runs.c.id)
    if wanted.kind == "project":
        statement = statement.where(runs.c.project_id == wanted.item_id)
    numbers = connection.execute(statement).scalars().all()
    if wanted.runs is not None:
        chosen = set(wanted.runs)
        numbers = [number for number in numbers if number in chosen]
    if wanted.kind is not None:
        _check_ended(connection, set(numbers))
    return numbers


def _check_ended(connection: Connection, numbers: Iterable[int]) -> None:
    live = select(runs.c.id, runs.c.run_id).where(runs.c.deleted_us.is_not(None), _IS_LIVE)
    chosen = set(numbers)
    for row in connection.execute(live):
        if row.id in chosen:
            raise Conflict(
                f"Run {row.run_id} cannot be purged: a process is still recording it.",
                hint="Purge it when it has ended; until then it stays in the trash.",
            )


def _find_datasets(connection: Connection, wanted: Wanted) -> Sequence[int]:
    if wanted.kind == "run":
        return []
    statement = select(datasets.c.id).where(
        datasets.c.deleted_us <= wanted.before_us, datasets.c.purged_us.is_(None)
    )
    if wanted.kind == "project":
        statement = statement.where(datasets.c.project_id == wanted.item_id)
    elif wanted.kind == "dataset":
        statement = statement.where(datasets.c.dataset_id == wanted.item_id)
    return connection.execute(statement.order_by(datasets.c.id)).scalars().all()


def _as_stone() -> dict[str, Any]:
    """The columns of a dataset of which nothing but name, version and checksum stays.

    Its time of deletion is its own then: it does not come back with what it went to the trash with.
    """
    emptied = ("description", "tags_json", "filename", "columns_json", "unread", "changes_json")
    moment = now_us()
    return {**dict.fromkeys(emptied), "deleted_us": moment, "purged_us": moment}


def _remove_journals(journals: Path, run_id: str) -> int:
    """Remove the folder of a run's journals; how many bytes its files had."""
    if not FOREIGN_ID_PATTERN.fullmatch(run_id):  # what other hands wrote into `manifests` may be any text
        return 0
    folder = journals / run_id
    n_bytes = 0
    with contextlib.suppress(OSError):
        n_bytes = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        shutil.rmtree(folder)
    for mark in (journals / ".open").glob(f"{run_id}.*"):
        mark.unlink(missing_ok=True)
    return n_bytes
