"""Texts to vectors, by any server that speaks as OpenAI's `/embeddings` does."""

from __future__ import annotations

import http.client
import math
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

import orjson

from modellab.errors import Unreachable
from modellab.settings import Settings

TIMEOUT_S = 5.0
"""How long an answer is waited for."""
MAX_BATCH = 64
"""Texts in one request."""
_MAX_ANSWER = 64 * 1024 * 1024


class Embedder:
    """A model on a server; `key` is sent if there is one, and to no other host."""

    def __init__(self, url: str, model: str, key: str | None = None) -> None:
        self._url = f"{url}/embeddings"
        self._key = key
        self.model = model

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """The vectors of 1 to 64 texts, in their order; raises `Unreachable` for any trouble."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        body = orjson.dumps({"model": self.model, "input": list(texts), "encoding_format": "float"})
        request = urllib.request.Request(self._url, body, headers)
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
                data = answer.read(_MAX_ANSWER)
        except urllib.error.HTTPError as error:
            error.close()
            told = f"The server for embeddings answered {error.code} {error.reason}."
            raise Unreachable(told) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise Unreachable(f"The server for embeddings cannot be reached: {reason}.") from None
        return _read_vectors(data, len(texts))


def find_embedder(settings: Settings) -> Embedder | None:
    """The model that the settings name; `None` if they name none."""
    if settings.embeddings_url is None or settings.embeddings_model is None:
        return None
    return Embedder(settings.embeddings_url, settings.embeddings_model, settings.embeddings_key)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key is for the server that was named, and for no other that it points to."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


def _read_vectors(data: bytes, count: int) -> list[list[float]]:
    try:
        items = sorted(orjson.loads(data)["data"], key=lambda item: item["index"])
        vectors = [[float(number) for number in item["embedding"]] for item in items]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise Unreachable("The server for embeddings answered with something else than vectors.") from None
    lengths = {len(vector) for vector in vectors}
    if len(vectors) != count or len(lengths) != 1 or 0 in lengths:
        raise Unreachable(
            f"The server for embeddings answered with {len(vectors)} vectors of {sorted(lengths)} numbers to "
            f"{count} texts."
        )
    if not all(math.isfinite(number) for vector in vectors for number in vector):
        raise Unreachable("The server for embeddings answered with numbers that are not finite.")
    return vectors
