"""Datasets: versions of a name, with what is in them, where they came from and which runs used them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, update

from modellab.datasets.description import NO_POLARS, Description, can_read, describe_file, read_preview
from modellab.errors import Conflict, FilesUnavailable, InvalidInput, NotFound
from modellab.records.datasets import PREVIEW_ROWS, Dataset, DatasetUse, Preview
from modellab.store.dataset_checks import check_changes, check_upload, merge_tags
from modellab.store.dataset_events import NewDataset
from modellab.store.dataset_rows import (
    add_version,
    as_use,
    compare_rows,
    count_runs,
    decode_changes,
    decode_columns,
    describe_row,
    link_namers,
    lock_names,
    select_uses,
)
from modellab.store.engine import Database
from modellab.store.files import Arrived, FileShelf, Kept
from modellab.store.json_columns import decode_json
from modellab.store.pages import MAX_PAGE, Page, check_count, read_cursor, write_cursor
from modellab.store.platform_tables import datasets, run_datasets
from modellab.store.projects import claim_project
from modellab.store.search_index import index_items, index_users
from modellab.store.tables import runs
from modellab.store.times import format_time, now_us
from modellab.store.withholding import DATASET_IS_STORED, DATASET_SIZE, give_bytes
from modellab.tracking.values import check_label

MAX_VERSIONS = 1000
"""Versions of a name that are listed, the newest first."""

_OTHER = datasets.alias("other_versions")
_N_RUNS = (
    select(func.count(run_datasets.c.run.distinct()))
    .join(runs, runs.c.id == run_datasets.c.run)
    .where(run_datasets.c.dataset == datasets.c.id, runs.c.deleted_us.is_(None))
    .scalar_subquery()
)
_ABOUT = (DATASET_SIZE, DATASET_IS_STORED.label("is_stored"), _N_RUNS.label("n_runs"))
_OWN = tuple(column for column in datasets.columns if column.name != "size")
# A list leaves the columns out: a page of wide datasets would be many megabytes.
_LISTED = select(*(column for column in _OWN if column.name != "columns_json"), *_ABOUT).where(
    datasets.c.deleted_us.is_(None)
)
_WHOLE = select(*_OWN, *_ABOUT).where(datasets.c.dataset_id == bindparam("dataset_id_"))
_NEWEST = (
    select(func.max(_OTHER.c.version))
    .where(
        _OTHER.c.project_id == datasets.c.project_id,
        _OTHER.c.name == datasets.c.name,
        _OTHER.c.deleted_us.is_(None),
    )
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What adding a dataset did; `is_new` is false if the very same bytes were there under that name."""

    dataset: Dataset
    is_new: bool


class DatasetShelf:
    """The datasets of one store."""

    def __init__(self, database: Database, files: FileShelf) -> None:
        self._database = database
        self._files = files

    def add(
        self,
        name: str,
        sha256: str,
        size: int,
        description: Description,
        *,
        project_id: str | None = None,
        filename: str | None = None,
        tags: Mapping[str, Any] | None = None,
        text: str | None = None,
        source: Path | None = None,
    ) -> Added:
        """Keep bytes as the next version of a name, or find the version that has the same bytes.

        A version with the same bytes that lies in the trash comes back. `source` is the file with the
        bytes; without it they are kept already. Raises `InvalidInput`, or what `FileShelf.keep_named` does;
        nothing is written then.
        """
        new = NewDataset(
            sha256=sha256,
            size=size,
            description=description,
            filename=filename,
            **check_upload(name, project_id, tags, text),
        )

        def write(connection: Connection) -> tuple[Any, bool]:
            if new.project_id is not None:
                claim_project(connection, self._database, new.project_id)
                give_bytes(connection, [sha256], [new.project_id])
            row, is_new = add_version(connection, self._database, new)
            if row.deleted_us is not None:
                connection.execute(_change(row.id).values(deleted_us=None))
            return row, is_new

        kept = Kept(sha256=sha256, size=size)
        arrived = Arrived(sha256=sha256, size=size, source=source) if source else None
        row, is_new = self._files.keep_named(arrived or kept, write)
        if is_new:  # by itself: whoever records a run has the run's row first, and then the dataset's
            with self._database.write() as connection:
                link_namers(connection, self._database, row)
        return Added(dataset=self.get(row.dataset_id), is_new=is_new)

    def list(
        self,
        *,
        project_id: str | None = None,
        name: str | None = None,
        search: str | None = None,
        all_versions: bool = False,
        visible: Collection[str] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Dataset]:
        """Datasets, newest first, `limit` (1 to 1000) at a time: of each name the newest version, or all.

        Their `columns` are left out. `search` is found in names and ids in any letter case. `visible` are the
        projects that the caller may see, `None` for all.
        """
        check_count("limit", limit, MAX_PAGE)
        wanted = _LISTED.order_by(datasets.c.created_us.desc(), datasets.c.id.desc()).limit(limit + 1)
        if project_id is not None:
            wanted = wanted.where(datasets.c.project_id == project_id)
        if name is not None:
            wanted = wanted.where(datasets.c.name == name)
        if search:
            texts = (datasets.c.name, datasets.c.dataset_id)
            wanted = wanted.where(or_(*(text.icontains(search, autoescape=True) for text in texts)))
        if visible is not None:
            wanted = wanted.where(datasets.c.project_id.in_(visible))
        if not all_versions:
            wanted = wanted.where(datasets.c.version == _NEWEST)
        if cursor is not None:
            created_us, number = read_cursor(cursor)
            wanted = wanted.where(
                (datasets.c.created_us < created_us)
                | and_(datasets.c.created_us == created_us, datasets.c.id < number)
            )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
            items = _as_datasets(connection, rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(items, write_cursor(last.created_us, last.id) if last else None)

    def get(self, dataset_id: str, *, in_trash: bool = False) -> Dataset:
        """A dataset, whole; one that lies in the trash only if asked for. Raises `NotFound`.

        Columns that nobody has read yet, because the run that logged it could not, are read now if its
        bytes are kept.
        """
        with self._database.read() as connection:
            row = _find(connection, dataset_id, in_trash=in_trash)
            if not _is_unread(row):
                return _as_datasets(connection, [row])[0]
        self._read_columns(row)
        with self._database.read() as connection:
            return _as_datasets(connection, [_find(connection, dataset_id, in_trash=in_trash)])[0]

    def recall(self, dataset_id: str) -> Dataset:
        """What is known of a dataset that a run used: in the trash too, and of a purged one what has stayed.

        The bytes of a purged one count as not kept. Raises `NotFound`.
        """
        with self._database.read() as connection:
            row = connection.execute(_WHOLE, {"dataset_id_": dataset_id}).one_or_none()
            if row is None:
                raise _not_found(dataset_id)
            dataset = _as_datasets(connection, [row])[0]
        return dataset if row.purged_us is None else replace(dataset, is_stored=False)

    def find(self, reference: str, *, project_id: str | None = None) -> str:
        """The id of the dataset meant by an id, a unique beginning of one, or a name (its newest version).

        Raises `NotFound`, and `InvalidInput` if several projects have the name.
        """
        newest = _LISTED.where(datasets.c.name == reference, datasets.c.version == _NEWEST)
        if project_id is not None:
            newest = newest.where(datasets.c.project_id == project_id)
        begins = _LISTED.where(datasets.c.dataset_id.startswith(reference, autoescape=True))
        with self._database.read() as connection:
            for statement in (_LISTED.where(datasets.c.dataset_id == reference), newest, begins):
                found = connection.execute(statement.limit(2)).all() if reference else []
                if len(found) == 1:
                    return str(found[0].dataset_id)
                if found:
                    raise InvalidInput(
                        f"More than one dataset fits {reference!r}.", hint="Give its id; `modellab datasets`."
                    )
        raise _not_found(reference)

    def find_project(self, dataset_id: str) -> str | None:
        """The project of a dataset, in the trash or not; raises `NotFound` for one that is not there."""
        with self._database.read() as connection:
            return _find(connection, dataset_id, in_trash=True).project_id or None

    def list_versions(self, dataset_id: str) -> Sequence[Dataset]:
        """All versions of a dataset's name, newest first (at most 1000); `columns` are left out."""
        with self._database.read() as connection:
            row = _find(connection, dataset_id)
            wanted = _of_name(_LISTED, row.project_id, row.name).order_by(datasets.c.version.desc())
            return _as_datasets(connection, connection.execute(wanted.limit(MAX_VERSIONS)).all())

    def update(self, dataset_id: str, changes: Mapping[str, Any]) -> Dataset:
        """Change some of `name`, `description` and `tags`; the dataset as it is then.

        A new name is one for all versions of the dataset; its id stays. Tags are added to those that are
        there; one whose value is `None` is taken away, and so is a description of `None`. Raises
        `NotFound`, `InvalidInput`, or `Conflict` if the name is taken, and then changes nothing.
        """
        values = check_changes(changes)
        with self._database.write() as connection:
            row = _find(connection, dataset_id)
            if "name" in changes:
                _rename(connection, self._database, row, check_label(changes["name"], "dataset"))
            if "tags" in changes:
                values["tags_json"] = merge_tags(row.tags_json, changes["tags"] or {})
            connection.execute(_change(row.id).values(**values, updated_us=now_us()))
            if "name" in changes:
                versions = _of_name(select(datasets.c.id), row.project_id, changes["name"])
                index_users(connection, self._database, connection.execute(versions).scalars().all())
            else:
                index_items(connection, self._database, "dataset", [row.id])
        return self.get(dataset_id)

    def list_runs(
        self,
        dataset_id: str,
        *,
        visible: Collection[str] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[DatasetUse]:
        """Which runs used a dataset, newest first, `limit` (1 to 1000) at a time; raises `NotFound`.

        `visible` are the projects whose runs the caller may see, `None` for all.
        """
        check_count("limit", limit, MAX_PAGE)
        with self._database.read() as connection:
            row = _find(connection, dataset_id)
            wanted = select_uses().where(run_datasets.c.dataset == row.id, runs.c.deleted_us.is_(None))
            wanted = wanted.order_by(run_datasets.c.run.desc(), run_datasets.c.split).limit(limit + 1)
            if visible is not None:
                wanted = wanted.where(runs.c.project_id.in_(visible))
            if cursor is not None:
                run, place = read_cursor(cursor)
                wanted = wanted.where(run_datasets.c.run <= run).offset(place)
            rows = connection.execute(wanted).all()
        if len(rows) <= limit:
            return Page([as_use(found) for found in rows], None)
        last = rows[limit - 1].run
        before = read_cursor(cursor) if cursor is not None else (None, 0)
        place = sum(found.run == last for found in rows[:limit]) + (before[1] if before[0] == last else 0)
        return Page([as_use(found) for found in rows[:limit]], write_cursor(last, place))

    def preview(self, dataset_id: str, *, n: int = PREVIEW_ROWS) -> Preview:
        """The first `n` (1 to 100) rows of a dataset. Raises `NotFound`, also if its bytes are not kept."""
        dataset = self.get(dataset_id)
        sha256 = self.require_stored(dataset).sha256
        with telling_file_errors(), self._files.fetch(sha256) as path:
            return read_preview(path, dataset.format, n=n, n_rows=dataset.n_rows, columns=dataset.columns)

    def require_stored(self, dataset: Dataset) -> Dataset:
        """`dataset`, if its bytes are kept; else `NotFound`."""
        if not dataset.is_stored:
            raise NotFound(
                f"The bytes of {dataset.name} version {dataset.version} are not here.",
                hint="They are still on the way, or the run kept only their checksum.",
            )
        return dataset

    def _read_columns(self, row: Any) -> None:
        """Read what nobody has read yet, if that can be done."""
        try:
            with telling_file_errors(), self._files.fetch(row.sha256) as path:
                description = describe_file(path, row.format, row.filename)
        except (NotFound, FilesUnavailable):
            return
        except InvalidInput as error:
            description = Description(format=row.format, unread=error.message)
        with self._database.write() as connection:
            statement = _change(row.id).where(
                datasets.c.columns_json.is_(None), datasets.c.purged_us.is_(None)
            )
            connection.execute(statement.values(**describe_row(description)))
            index_items(connection, self._database, "dataset", [row.id])
            after = _find(connection, row.dataset_id, in_trash=True)
            if row.parent_id is not None:
                before = connection.execute(_WHOLE, {"dataset_id_": row.parent_id}).one_or_none()
                connection.execute(_change(row.id).values(changes_json=compare_rows(before, after)))


@contextmanager
def telling_file_errors() -> Iterator[None]:
    """Make a file that cannot be read, or a full disk, a `FilesUnavailable`."""
    try:
        yield
    except OSError as error:
        raise FilesUnavailable(
            f"The dataset's file cannot be read: {error.strerror or error}.", hint="Try again in a moment."
        ) from error


def _find(connection: Connection, dataset_id: str, *, in_trash: bool = False) -> Any:
    row = connection.execute(_WHOLE, {"dataset_id_": dataset_id}).one_or_none()
    if row is None or row.purged_us is not None:
        raise _not_found(dataset_id)
    if row.deleted_us is not None and not in_trash:
        raise _not_found(dataset_id, is_deleted=True)
    return row


def _not_found(dataset_id: str, *, is_deleted: bool = False) -> NotFound:
    hint = "It lies in the trash." if is_deleted else "`modellab datasets` lists those that are there."
    return NotFound(f"There is no dataset {dataset_id[:60]}.", hint=hint)


def _change(number: int) -> Any:
    return update(datasets).where(datasets.c.id == number)


def _is_unread(row: Any) -> bool:
    """Whether nobody has tried to read the columns with the means to."""
    could_not = row.unread is None or row.unread == NO_POLARS
    return row.columns_json is None and could_not and row.format != "other" and row.is_stored and can_read()


def _rename(connection: Connection, database: Database, row: Any, name: str) -> None:
    """Give all versions of a dataset a new name, if nothing else in its project has it."""
    if name == row.name:
        return
    lock_names(connection, database, [(row.project_id, row.name), (row.project_id, name)])
    taken = _of_name(select(datasets.c.id), row.project_id, name).limit(1)
    if connection.execute(taken).first() is not None:
        raise Conflict(
            f"There is a dataset {name!r} already.",
            hint="It may lie in the trash, or runs name what was purged.",
        )
    own = update(datasets).where(datasets.c.project_id == row.project_id, datasets.c.name == row.name)
    connection.execute(own.values(name=name, updated_us=now_us()))


def _of_name(statement: Select[Any], project_id: str, name: str) -> Select[Any]:
    return statement.where(datasets.c.project_id == project_id, datasets.c.name == name)


def _as_datasets(connection: Connection, rows: Sequence[Any]) -> list[Dataset]:
    of_names = count_runs(connection, {(row.project_id, row.name) for row in rows})
    return [_as_dataset(row, of_names.get((row.project_id, row.name), 0)) for row in rows]


def _as_dataset(row: Any, n_runs_of_name: int) -> Dataset:
    return Dataset(
        dataset_id=row.dataset_id,
        name=row.name,
        version=row.version,
        parent_id=row.parent_id,
        project_id=row.project_id or None,
        description=row.description,
        tags=decode_json(row.tags_json, dict),
        filename=row.filename,
        format=row.format,
        sha256=row.sha256,
        size=row.size,
        is_stored=bool(row.is_stored),
        n_rows=row.n_rows,
        n_columns=row.n_columns,
        columns=decode_columns(getattr(row, "columns_json", None)),
        unread=row.unread,
        changes=decode_changes(row.changes_json),
        n_runs=row.n_runs,
        n_runs_of_all_versions=n_runs_of_name,
        created_at=format_time(row.created_us),
        updated_at=format_time(row.updated_us),
        deleted_at=format_time(row.deleted_us),
    )
