"""Keeps the index of words up to date, in the transactions that change what it is of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, delete, select, text

from modellab.records.search import SEARCH_KINDS, SearchKind
from modellab.search.words import list_words
from modellab.store.engine import Database
from modellab.store.platform_tables import datasets, projects, run_datasets
from modellab.store.search_documents import Document, read_documents
from modellab.store.search_tables import (
    CLASSES,
    embedded_runs,
    postgresql_index,
    search_pending,
    sqlite_index,
)
from modellab.store.tables import runs

MAX_CHARACTERS = 100_000
"""Characters of the words of one thing that can be found; of longer ones the end cannot."""
MAX_WORDS = 16_000
"""Words of one thing that can be found: PostgreSQL knows no later places."""

N_KINDS = len(SEARCH_KINDS)
RUN_FIELDS = ("name", "note", "description", "error", "tags_json", "params_json", "dataset_id", "project_id")
"""The columns of `runs` on which its texts depend; a project has its say in which datasets are linked."""

_FIELD_CLASSES = {"name": 0, "project_id": 0, "tags": 1, "datasets": 1, "note": 2, "description": 2}
_DETAILS = 3
# Between two texts of a class, lest a phrase reach from one into the next; no word has it.
_BARRIER = " \ue000 "
_CHUNK = 500
_PUT_SQLITE = text(
    f"INSERT OR REPLACE INTO search_index (rowid, {', '.join(CLASSES)}) "
    f"VALUES (:number, {', '.join(f':{name}' for name in CLASSES)})"
)
_PUT_POSTGRESQL = text(
    "INSERT INTO search_index (id, body) VALUES (:number, CAST(:body AS tsvector)) "
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body"
)
_TABLES = {"run": runs, "dataset": datasets, "project": projects}


def number_item(kind: SearchKind, number: int) -> int:
    """The number in the index of a row of `runs`, `datasets` or `projects`."""
    return number * N_KINDS + SEARCH_KINDS.index(kind)


def name_item(number: int) -> tuple[SearchKind, int]:
    """The kind and the row that a number in the index stands for."""
    return SEARCH_KINDS[number % N_KINDS], number // N_KINDS


def index_items(connection: Connection, database: Database, kind: SearchKind, numbers: Sequence[int]) -> None:
    """Bring the index up to date with rows that are new or have changed."""
    for start in range(0, len(numbers), _CHUNK):
        part = numbers[start : start + _CHUNK]
        documents = read_documents(connection, kind, part)
        write = _write_sqlite if database.is_sqlite else _write_postgresql
        rows = [
            {"number": number_item(kind, number), **write(document)} for number, document in documents.items()
        ]
        if rows:
            connection.execute(_PUT_SQLITE if database.is_sqlite else _PUT_POSTGRESQL, rows)
        if kind == "run":
            connection.execute(delete(embedded_runs).where(embedded_runs.c.run.in_(part)))


def drop_items(
    connection: Connection, database: Database, kind: SearchKind, numbers: Collection[int]
) -> None:
    """Take rows that are gone out of the index."""
    found = [number_item(kind, number) for number in numbers]
    index = sqlite_index if database.is_sqlite else postgresql_index
    key = sqlite_index.c.rowid if database.is_sqlite else postgresql_index.c.id
    connection.execute(delete(index).where(key.in_(found)))
    if kind == "run":
        for table in (embedded_runs, search_pending):
            connection.execute(delete(table).where(table.c.run.in_(list(numbers))))


def index_users(connection: Connection, database: Database, dataset_numbers: Sequence[int]) -> None:
    """Bring datasets and the runs that use them up to date: runs are found by the names of their datasets."""
    index_items(connection, database, "dataset", dataset_numbers)
    used = select(run_datasets.c.run).where(run_datasets.c.dataset.in_(dataset_numbers)).distinct()
    numbers = connection.execute(used.order_by(run_datasets.c.run)).scalars().all()
    index_items(connection, database, "run", numbers)


def index_everything(connection: Connection, database: Database) -> None:
    """Put all that is there into the index."""
    for kind in SEARCH_KINDS:
        column = _TABLES[kind].c.id
        index_items(connection, database, kind, connection.execute(select(column)).scalars().all())
    connection.execute(delete(search_pending))


def has_pending(connection: Connection) -> bool:
    """Whether plain SQL has changed runs since the index was written."""
    return connection.execute(select(search_pending.c.run).limit(1)).first() is not None


def index_pending(connection: Connection, database: Database) -> None:
    """Take in what plain SQL has changed."""
    gone = delete(search_pending).returning(search_pending.c.run)
    index_items(connection, database, "run", connection.execute(gone).scalars().all())


def _iterate_words(document: Document) -> Iterator[tuple[int, list[str]]]:
    """The class and the words of each text, until there are too many: notes, the longest, come last."""
    n_characters = n_words = 0
    ordered = sorted(document.texts, key=lambda pair: pair[0] in ("note", "description"))
    for field, body in ordered:
        words = []
        for word in list_words(body[:MAX_CHARACTERS]):
            n_characters += len(word)
            n_words += 1
            if n_characters > MAX_CHARACTERS or n_words > MAX_WORDS:
                break
            words.append(word)
        n_words += 1  # the barrier
        yield _FIELD_CLASSES.get(field, _DETAILS), words


def _write_sqlite(document: Document) -> dict[str, str]:
    found: list[list[str]] = [[] for _ in CLASSES]
    for place, words in _iterate_words(document):
        if words:
            found[place].append(" ".join(words))
    return {name: _BARRIER.join(texts) for name, texts in zip(CLASSES, found, strict=True)}


def _write_postgresql(document: Document) -> dict[str, str]:
    places: dict[str, list[str]] = {}
    place = 0
    for number, words in _iterate_words(document):
        weight = "ABCD"[number]
        for word in words:
            place += 1
            places.setdefault(word, []).append(f"{place}{weight}")
        place += 1
    return {"body": " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())}
