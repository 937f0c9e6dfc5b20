"""What the texts of runs mean, as vectors; by the checksum of the text, so that none is asked for twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, select

from modellab.ids import digest_text
from modellab.records import RunFilter
from modellab.store.engine import Database
from modellab.store.filters import bind_values, check_filter
from modellab.store.search_documents import Document, read_documents
from modellab.store.search_tables import embedded_runs, embeddings
from modellab.store.selection import match_runs
from modellab.store.tables import runs

MAX_EMBEDDED = 50_000
"""Runs whose meanings are compared, the newest."""
MAX_TEXT = 4000
"""Characters of a run's text that are embedded."""

_CHUNK = 500
_MODEL: BindParameter[str] = bindparam("model_")
_IS_KEPT = and_(embeddings.c.digest == embedded_runs.c.digest, embeddings.c.model == _MODEL)
_KEPT = (
    select(embedded_runs.c.run, embedded_runs.c.digest)
    .join(embeddings, _IS_KEPT)
    .order_by(embedded_runs.c.run.desc())
    .limit(MAX_EMBEDDED)
)
_VECTORS = select(embeddings.c.digest, embeddings.c.vector).where(
    embeddings.c.model == _MODEL, embeddings.c.digest.in_(bindparam("digests", expanding=True))
)
_IS_MISSING: tuple[ColumnElement[bool], ...] = (
    runs.c.deleted_us.is_(None),
    runs.c.status != "running",  # it may still say more, and would be embedded again
    ~select(embedded_runs.c.run).join(embeddings, _IS_KEPT).where(embedded_runs.c.run == runs.c.id).exists(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunText:
    """The text of a run that has no vector as yet."""

    run: int
    digest: str
    text: str


class EmbeddingShelf:
    """The vectors of one database; `model` names what made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_missing(self, model: str) -> int:
        """How many runs that are over have no vector."""
        with self._database.read() as connection:
            statement = select(func.count()).select_from(runs).where(*_IS_MISSING)
            return int(connection.execute(statement, {"model_": model}).scalar_one())

    def list_missing(self, model: str, limit: int) -> Sequence[RunText]:
        """The texts of the newest runs that are over and have no vector, at most `limit`."""
        with self._database.read() as connection:
            statement = select(runs.c.id).where(*_IS_MISSING).order_by(runs.c.id.desc()).limit(limit)
            numbers = connection.execute(statement, {"model_": model}).scalars().all()
            documents = read_documents(connection, "run", numbers)
        return [
            RunText(run=run, digest=digest_text(body), text=body)
            for run, document in documents.items()
            for body in [write_text(document)]
        ]

    def list_known(self, model: str, digests: Sequence[str]) -> set[str]:
        """Those of the texts, by checksum, that have a vector."""
        keys = {"model_": model, "digests": list(digests)}
        with self._database.read() as connection:
            return set(connection.execute(_VECTORS.with_only_columns(embeddings.c.digest), keys).scalars())

    def save(self, model: str, texts: Sequence[RunText], vectors: dict[str, bytes]) -> None:
        """Keep vectors by the checksums of their texts, and note which runs have the texts."""
        rows = [
            {"model": model, "digest": digest, "n_dimensions": len(vector) // 4, "vector": vector}
            for digest, vector in vectors.items()
        ]
        with self._database.write() as connection:
            if rows:
                connection.execute(self._database.upsert(embeddings), rows)
            now = read_documents(connection, "run", [one.run for one in texts])  # it may have changed
            links = [
                {"run": one.run, "digest": one.digest}
                for one in texts
                if one.run in now and digest_text(write_text(now[one.run])) == one.digest
            ]
            if links:
                connection.execute(self._database.upsert(embedded_runs), links)

    def list_runs(self, model: str) -> Sequence[tuple[int, str]]:
        """The newest runs that have a vector, with the checksums of their texts."""
        with self._database.read() as connection:
            return [(row.run, row.digest) for row in connection.execute(_KEPT, {"model_": model})]

    def read_vectors(self, model: str, digests: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Vectors by the checksums of their texts."""
        with self._database.read() as connection:
            for start in range(0, len(digests), _CHUNK):
                keys = {"model_": model, "digests": list(digests[start : start + _CHUNK])}
                yield from ((row.digest, row.vector) for row in connection.execute(_VECTORS, keys))

    def match(self, wanted: RunFilter) -> set[int]:
        """The numbers of all runs that match."""
        with self._database.read() as connection:
            bound = bind_values(check_filter(wanted))
            matching = match_runs(connection, bound, is_sqlite=self._database.is_sqlite)
            statement: Select[Any] = select(runs.c.id).where(*matching.conditions)
            rows = connection.execute(statement, matching.values, execution_options=matching.options)
            return set(rows.scalars().all())


def write_text(document: Document) -> str:
    """What is embedded of a run: its texts, each with the name of its field; of one without any its id."""
    body = "\n".join(f"{field}: {text}" for field, text in document.texts)
    return body[:MAX_TEXT].strip() or document.id
