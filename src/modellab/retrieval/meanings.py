"""Runs by how near their vectors are to a question's."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from modellab.errors import Unreachable
from modellab.retrieval.embedding import MAX_BATCH, Embedder
from modellab.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMBED_S = 2.0
"""How long a search goes on to embed runs that have no vector yet; the next one goes on from there."""
REST_S = 30.0
"""How long a server that gave no answer is left alone."""


class Meanings:
    """The vectors of one store's runs by one model, kept in memory between searches."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self._lock, self._filling = threading.Lock(), threading.Lock()
        self._places: dict[str, int] = {}
        self._matrix: NDArray[np.float32] | None = None
        self._failure: Unreachable | None = None
        self._rests_until = 0.0

    def rank(self, question: str, allowed: Collection[int], limit: int) -> Sequence[int]:
        """The `limit` runs of those allowed, by the numbers of their rows, that are nearest in meaning.

        Runs without a vector get theirs first, as many as `EMBED_S` allows. Raises `Unreachable`.
        """
        import numpy as np  # late: only a search by meaning needs it

        failure = self._failure
        if failure is not None and time.monotonic() < self._rests_until:
            raise Unreachable(failure.message)
        try:
            asked = _as_vectors(self._embedder.embed([question]))[0]
            self._embed_missing()
        except Unreachable as error:
            self._failure, self._rests_until = error, time.monotonic() + REST_S
            raise
        self._failure = None
        known = self._store.embeddings.list_runs(self._embedder.model)
        with self._lock:
            matrix = self._load([digest for _, digest in known], len(asked))
            places = [(run, self._places.get(digest)) for run, digest in known if run in allowed]
        pairs = [(run, place) for run, place in places if place is not None]
        if not pairs:
            return []
        nearness = matrix[[place for _, place in pairs]] @ asked
        best = np.argsort(-nearness, kind="stable")[:limit]
        return [pairs[place][0] for place in best]

    def count_missing(self) -> int:
        """How many runs have no vector yet."""
        return self._store.embeddings.count_missing(self._embedder.model)

    def _embed_missing(self) -> None:
        if not self._filling.acquire(blocking=False):
            return  # another search is at it
        try:
            self._embed_batches()
        finally:
            self._filling.release()

    def _embed_batches(self) -> None:
        shelf, model = self._store.embeddings, self._embedder.model
        deadline = time.monotonic() + EMBED_S
        while texts := shelf.list_missing(model, MAX_BATCH):
            known = shelf.list_known(model, [one.digest for one in texts])
            new = {one.digest: one.text for one in texts if one.digest not in known}
            vectors = _as_vectors(self._embedder.embed(list(new.values()))) if new else ()
            shelf.save(model, texts, {d: v.tobytes() for d, v in zip(new, vectors, strict=True)})
            if time.monotonic() > deadline:
                return

    def _load(self, digests: Sequence[str], n_dimensions: int) -> NDArray[np.float32]:
        """Read the vectors that are not in memory; a model that has changed its length begins anew."""
        import numpy as np

        if self._matrix is None or self._matrix.shape[1] != n_dimensions:
            self._places, self._matrix = {}, np.zeros((0, n_dimensions), dtype=np.float32)
        missing = [digest for digest in dict.fromkeys(digests) if digest not in self._places]
        rows: list[NDArray[np.float32]] = []
        for digest, body in self._store.embeddings.read_vectors(self._embedder.model, missing):
            vector = np.frombuffer(body, dtype="<f4")
            if len(vector) == n_dimensions:
                self._places[digest] = len(self._matrix) + len(rows)
                rows.append(vector)
        if rows:
            self._matrix = np.concatenate([self._matrix, np.stack(rows)])
        return self._matrix


def _as_vectors(numbers: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    """Vectors of length 1, so that their products are cosines."""
    import numpy as np

    vectors = np.array(numbers, dtype="<f4")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype("<f4")
