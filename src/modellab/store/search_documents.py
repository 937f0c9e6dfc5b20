"""The texts by which runs, datasets and projects are found, read from their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from modellab.records.search import SearchKind
from modellab.store.events import clean_text, index_text
from modellab.store.json_columns import decode_json
from modellab.store.platform_tables import datasets, projects, run_datasets
from modellab.store.tables import runs
from modellab.store.times import format_time

_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_RUN_COLUMNS = (
    *("id", "run_id", "name", "project_id", "status", "timestamp", "description", "note", "error"),
    *("tags_json", "params_json", "dataset_id"),
)
_RUNS = select(*(runs.c[name] for name in _RUN_COLUMNS)).where(runs.c.id.in_(_IDS))
_USED = (
    select(run_datasets.c.run, datasets.c.name, datasets.c.dataset_id)
    .join(datasets, datasets.c.id == run_datasets.c.dataset)
    .where(run_datasets.c.run.in_(_IDS))
    .order_by(run_datasets.c.run, datasets.c.name)
)
_DATASETS = select(datasets).where(datasets.c.id.in_(_IDS))
_PROJECTS = select(projects).where(projects.c.id.in_(_IDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something that can be found. `texts` are pairs of a field's name and a text of it, best first."""

    id: str
    name: str | None
    project_id: str | None
    status: str | None
    at: str | None
    texts: Sequence[tuple[str, str]]


def read_documents(connection: Connection, kind: SearchKind, numbers: Sequence[int]) -> dict[int, Document]:
    """The documents of rows, by their numbers; those that are not there are left out."""
    if not numbers:
        return {}
    read = {"run": _read_runs, "dataset": _read_datasets, "project": _read_projects}[kind]
    return dict(read(connection, {"ids": list(numbers)}))


def _read_runs(connection: Connection, keys: Mapping[str, Any]) -> Iterator[tuple[int, Document]]:
    used: dict[int, list[str]] = {}
    known: dict[int, set[str]] = {}
    for run, name, dataset_id in connection.execute(_USED, keys):
        used.setdefault(run, []).append(name)
        known.setdefault(run, set()).add(dataset_id)
    for row in connection.execute(_RUNS, keys).all():
        names = list(dict.fromkeys(used.get(row.id, ())))
        if row.dataset_id and row.dataset_id not in known.get(row.id, ()):
            names.append(row.dataset_id)  # a text that a user has chosen, and not one of our ids
        texts = [
            *_pair("name", row.name),
            *(("tags", text) for text in _join_items(row.tags_json)),
            *(("datasets", name) for name in names),
            *_pair("note", row.note),
            *_pair("description", row.description),
            *(("params", text) for text in _join_items(row.params_json)),
            *_pair("error", row.error),
        ]
        yield (
            row.id,
            Document(
                id=row.run_id,
                name=row.name,
                project_id=row.project_id,
                status=row.status,
                at=row.timestamp,
                texts=texts,
            ),
        )


def _read_datasets(connection: Connection, keys: Mapping[str, Any]) -> Iterator[tuple[int, Document]]:
    for row in connection.execute(_DATASETS, keys):
        columns = [column["name"] for column in decode_json(row.columns_json, list)]
        texts = [
            *_pair("name", row.name),
            *(("tags", text) for text in _join_items(row.tags_json)),
            *_pair("description", row.description),
            *_pair("filename", row.filename),
            *(("columns", name) for name in columns),
        ]
        yield (
            row.id,
            Document(
                id=row.dataset_id,
                name=row.name,
                project_id=row.project_id or None,
                status=None,
                at=format_time(row.created_us),
                texts=texts,
            ),
        )


def _read_projects(connection: Connection, keys: Mapping[str, Any]) -> Iterator[tuple[int, Document]]:
    for row in connection.execute(_PROJECTS, keys):
        texts = [
            *_pair("name", row.name),
            *_pair("project_id", row.project_id if row.project_id != row.name else None),
            *(("tags", text) for text in _join_items(row.tags_json)),
            *_pair("description", row.description),
        ]
        yield (
            row.id,
            Document(
                id=row.project_id,
                name=row.name,
                project_id=row.project_id,
                status=None,
                at=format_time(row.created_us),
                texts=texts,
            ),
        )


def _pair(field: str, text: str | None) -> list[tuple[str, str]]:
    return [(field, text)] if text else []


def _join_items(body: str | None) -> Iterator[str]:
    """Names with their values, as `lr = 0.01`."""
    for name, value in decode_json(body, dict).items():
        yield f"{clean_text(name)} = {index_text(value)}"
