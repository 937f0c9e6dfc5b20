"""Rows of `datasets` and `run_datasets`: versions added, uses by runs linked and read, within a transaction.

Uploads and journals both come through here, so that a dataset gets the same id and version either way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)

from modellab.datasets.changes import find_changes
from modellab.datasets.description import Description
from modellab.ids import digest_text
from modellab.records.datasets import Column, DatasetChanges, DatasetUse
from modellab.store.dataset_events import NewDataset, as_column
from modellab.store.engine import Database
from modellab.store.events import clean_text
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.platform_tables import datasets, run_datasets
from modellab.store.projects import claim_project
from modellab.store.search_index import index_items
from modellab.store.tables import runs
from modellab.store.times import now_us

_NAMED = and_(datasets.c.project_id == bindparam("project_"), datasets.c.name == bindparam("name_"))
_SAME = select(datasets).where(
    or_(
        datasets.c.dataset_id == bindparam("dataset_id_"),
        and_(_NAMED, datasets.c.sha256 == bindparam("sha256_")),
    )
)
_SAME_LOCKED = _SAME.with_for_update()  # a purge of that moment is waited for
_NEWEST = select(func.coalesce(func.max(datasets.c.version), 0)).where(_NAMED)
_PARENT = (
    select(datasets)
    .where(_NAMED, datasets.c.deleted_us.is_(None))
    .order_by(datasets.c.version.desc())
    .limit(1)
)
# Rows that are to be linked are held: a purge of that moment is waited for, and waits.
_BY_ID = (
    select(datasets.c.id, datasets.c.project_id)
    .where(datasets.c.dataset_id == bindparam("dataset_id_"))
    .with_for_update(read=True, key_share=True)
)
_NAMING = (
    select(runs.c.id)
    .where(
        runs.c.dataset_id == bindparam("dataset_id_"),
        or_(
            bindparam("project_", type_=Text) == "",
            runs.c.project_id.is_(None),
            runs.c.project_id == bindparam("project_", type_=Text),
        ),
        ~exists().where(run_datasets.c.run == runs.c.id, run_datasets.c.dataset == bindparam("dataset_")),
    )
    .order_by(runs.c.id)
    .with_for_update(of=runs, read=True, key_share=True)
)
_UNLINK_FOREIGN = delete(run_datasets).where(
    run_datasets.c.run == bindparam("run_"),
    run_datasets.c.dataset.in_(
        select(datasets.c.id).where(datasets.c.project_id.not_in(["", bindparam("project_")]))
    ),
)
_RUNS_OF_NAMES = (
    select(datasets.c.project_id, datasets.c.name, func.count(run_datasets.c.run.distinct()))
    .join(run_datasets, run_datasets.c.dataset == datasets.c.id)
    .join(runs, runs.c.id == run_datasets.c.run)
    .where(datasets.c.deleted_us.is_(None), runs.c.deleted_us.is_(None))
    .group_by(datasets.c.project_id, datasets.c.name)
)
_USES = (
    select(run_datasets.c.run, run_datasets.c.split, runs.c.run_id)
    .add_columns(datasets.c.dataset_id, datasets.c.name, datasets.c.version, datasets.c.sha256)
    .join(datasets, datasets.c.id == run_datasets.c.dataset)
    .join(runs, runs.c.id == run_datasets.c.run)
)
_USES_BY_RUNS = _USES.where(run_datasets.c.run.in_(bindparam("runs_", expanding=True))).order_by(
    run_datasets.c.run, run_datasets.c.split, datasets.c.name, datasets.c.version
)


def add_version(connection: Connection, database: Database, new: NewDataset) -> tuple[Any, bool]:
    """The row of a dataset, and whether it is new: the very same bytes under a name are one version.

    One that was purged while runs name it comes back with its number, and counts as new.
    Others who add to the same name wait until the transaction ends.
    """
    new = _clean(new)
    lock_names(connection, database, [(new.project_id, new.name)])
    keys = {"project_": new.project_id or "", "name_": new.name}
    same = {**keys, "dataset_id_": new.dataset_id, "sha256_": new.sha256}
    row = connection.execute(_SAME_LOCKED, same).first()
    if row is not None and row.purged_us is None:
        return row, False
    if row is not None:
        _bring_back(connection, row, new)
        index_items(connection, database, "dataset", [row.id])
        return connection.execute(_SAME, same).one(), True
    parent = connection.execute(_PARENT, keys).one_or_none()
    changes = _compare(parent, new.description)
    values = {
        **_describe(new),
        "dataset_id": new.dataset_id,
        "project_id": new.project_id or "",
        "name": new.name,
        "version": connection.execute(_NEWEST, keys).scalar_one() + 1,
        "parent_id": parent.dataset_id if parent else None,
        "sha256": new.sha256,
        "size": new.size,
        "changes_json": encode_json(changes) if changes else None,
        "created_us": now_us(),
    }
    values["updated_us"] = values["created_us"]
    connection.execute(datasets.insert(), values)
    row = connection.execute(_SAME, same).one()
    index_items(connection, database, "dataset", [row.id])
    return row, True


def _describe(new: NewDataset) -> dict[str, Any]:
    return {
        "description": new.text,
        "tags_json": encode_json(dict(new.tags)),
        "filename": new.filename,
        **describe_row(new.description),
    }


def _bring_back(connection: Connection, row: Any, new: NewDataset) -> None:
    """Make a purged dataset, of which a row has stayed, what it was."""
    of_parent = select(datasets).where(datasets.c.dataset_id == row.parent_id)
    changes = _compare(connection.execute(of_parent).one_or_none(), new.description)
    values = {
        **_describe(new),
        "changes_json": encode_json(changes) if changes else None,
        "updated_us": now_us(),
        "deleted_us": None,
        "purged_us": None,
    }
    connection.execute(update(datasets).where(datasets.c.id == row.id).values(values))


def describe_row(description: Description) -> dict[str, Any]:
    """The columns of `datasets` that hold a description."""
    return {
        "format": description.format,
        "n_rows": description.n_rows,
        "n_columns": description.n_columns,
        "columns_json": None if description.columns is None else encode_json(list(description.columns)),
        "unread": clean_text(description.unread),
    }


def record_uses(
    connection: Connection,
    database: Database,
    run: dict[str, Any],
    news: Sequence[NewDataset],
    visible: Collection[str] | None,
) -> None:
    """Add and link the datasets that a run says it uses; without a `dataset_id` it gets that of the first.

    What a sender who may not log outside of projects puts into none is taken to be of the run's project.
    """
    if visible is not None:
        news = [replace(new, project_id=new.project_id or run["project_id"]) for new in news]
    ordered = sorted(news, key=lambda new: (new.project_id or "", new.name))
    for project_id in dict.fromkeys(new.project_id for new in ordered):
        if project_id is not None:
            claim_project(connection, database, project_id)
    found = {id(new): add_version(connection, database, new)[0] for new in ordered}
    for new in news:
        row = found[id(new)]
        if not _may_link(run["project_id"], row.project_id, None):
            continue
        link_run(connection, database, run["id"], row.id, new.split)
        if run["dataset_id"] is None:
            run["dataset_id"] = row.dataset_id


def _may_link(run_project: str | None, dataset_project: str, visible: Collection[str] | None) -> bool:
    """Whether a run may be linked to a dataset, which whoever sees the run then sees as well.

    It may to those of its own project and to those in none; the latter not on the word of a sender who may
    not see them. A run in no project is seen by those alone who see everything.
    """
    if not dataset_project:
        return visible is None
    return run_project is None or run_project == dataset_project


def unlink_foreign(connection: Connection, run: Mapping[str, Any]) -> None:
    """Unlink a run that has got a project from datasets of others, which its new viewers may not see."""
    connection.execute(_UNLINK_FOREIGN, {"run_": run["id"], "project_": run["project_id"]})


def link_named(
    connection: Connection, database: Database, run: Mapping[str, Any], visible: Collection[str] | None
) -> None:
    """Link a run to the dataset whose id it names, if there is one and the run names no split of it.

    An id of what it may not be linked to stays a text. `visible` as in `store.ingest`.
    """
    row = connection.execute(_BY_ID, {"dataset_id_": run["dataset_id"]}).one_or_none()
    if row is None or not _may_link(run["project_id"], row.project_id, visible):
        return
    used = select(run_datasets.c.run).where(run_datasets.c.run == run["id"], run_datasets.c.dataset == row.id)
    if connection.execute(used.limit(1)).first() is None:
        link_run(connection, database, run["id"], row.id, None)


def link_namers(connection: Connection, database: Database, dataset: Any) -> None:
    """Link the runs that have named a dataset, given as its row, before it was there, as no split of it."""
    keys = {"dataset_id_": dataset.dataset_id, "dataset_": dataset.id, "project_": dataset.project_id}
    numbers = connection.execute(_NAMING, keys).scalars().all()
    if connection.execute(_BY_ID, keys).first() is None:
        return  # purged just now
    for run in numbers:
        link_run(connection, database, run, dataset.id, None)
    index_items(connection, database, "run", numbers)


def link_run(connection: Connection, database: Database, run: int, dataset: int, split: str | None) -> None:
    """Note that a run used a dataset, as a split."""
    row = {"run": run, "dataset": dataset, "split": clean_text(split) or ""}
    connection.execute(database.insert_or_ignore(run_datasets), row)


def read_uses(connection: Connection, numbers: Sequence[int]) -> dict[int, list[DatasetUse]]:
    """The datasets that runs, given by their rows' numbers, have used."""
    found: dict[int, list[DatasetUse]] = {number: [] for number in numbers}
    for row in connection.execute(_USES_BY_RUNS, {"runs_": list(numbers)}):
        found[row.run].append(as_use(row))
    return found


def as_use(row: Any) -> DatasetUse:
    """A use from a row of `select_uses`."""
    return DatasetUse(
        run_id=row.run_id,
        dataset_id=row.dataset_id,
        name=row.name,
        version=row.version,
        split=row.split or None,
        sha256=row.sha256,
    )


def count_runs(connection: Connection, names: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """How many runs used any version of each name, by project and name; those without any are left out."""
    if not names:
        return {}
    named = tuple_(datasets.c.project_id, datasets.c.name).in_(list(names))
    rows = connection.execute(_RUNS_OF_NAMES.where(named)).all()
    return {(project_id, name): n for project_id, name, n in rows}


def select_uses() -> Any:
    """A SELECT of uses, for `as_use`."""
    return _USES


def lock_names(connection: Connection, database: Database, names: Iterable[tuple[str | None, str]]) -> None:
    """Hold names of datasets until the transaction ends. SQLite has one writer anyway."""
    if database.is_sqlite:
        return
    for number in sorted({int(digest_text(f"{project or ''}\0{name}")[:15], 16) for project, name in names}):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})


def decode_columns(columns_json: str | None) -> list[Column] | None:
    """The columns of a row of `datasets`; `None` while nobody has read them."""
    return None if columns_json is None else [as_column(item) for item in decode_json(columns_json, list)]


def decode_changes(changes_json: str | None) -> DatasetChanges | None:
    """The changes of a row of `datasets`."""
    return DatasetChanges(**orjson.loads(changes_json)) if changes_json else None


def _clean(new: NewDataset) -> NewDataset:
    """`new` without characters that PostgreSQL cannot keep."""
    names = ("name", "project_id", "filename", "text", "split")
    return replace(new, **{name: clean_text(getattr(new, name)) for name in names})


def _compare(parent: Any, description: Description) -> DatasetChanges | None:
    before = decode_columns(parent.columns_json) if parent is not None else None
    if before is None or description.columns is None:
        return None
    return find_changes(before, parent.n_rows or 0, description.columns, description.n_rows or 0)


def compare_rows(before: Any, after: Any) -> str | None:
    """The `changes_json` between two rows of `datasets`; `None` while the columns of one are not read."""
    columns = decode_columns(after.columns_json)
    described = Description(format=after.format, n_rows=after.n_rows, columns=columns)
    changes = _compare(before, described)
    return encode_json(changes) if changes else None
