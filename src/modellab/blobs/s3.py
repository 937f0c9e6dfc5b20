"""Bytes in S3, or in what speaks its protocol: `s3://bucket/prefix/<2 hex>/<62 hex>`.

Address and credentials come from the usual variables of the environment: `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, and for others than Amazon `AWS_ENDPOINT_URL`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from modellab.blobs.local import missing
from modellab.blobs.port import CHUNK_BYTES
from modellab.errors import FilesUnavailable, InvalidSetting

PART_BYTES = 8 * 1024 * 1024
"""Bytes of one part of an upload; larger where a file would have too many of them."""
MAX_PARTS = 9_000
"""Parts of one upload; S3 takes 10 000."""

_CODE = re.compile(r"<Code>(\w+)</Code>")
_AT_ONCE = 4  # parts that are under way, and in memory
_PATIENCE = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}
_CLIENT = {
    "connect_timeout": timedelta(seconds=10),
    "read_timeout": timedelta(seconds=60),
    "timeout": timedelta(hours=24),  # of a whole request: a slow client's download lasts
}


class S3Blobs:
    """The bytes in one bucket, below a prefix. Nothing is asked of the bucket until a file is."""

    def __init__(self, place: str, incoming: Path) -> None:
        self._place = place
        self._incoming = incoming
        self._bucket = _open_bucket(place)

    @property
    def incoming(self) -> Path:
        """A folder on this machine: what is there already is not sent again, so the checksum comes first."""
        return self._incoming

    def put(self, path: Path, sha256: str) -> None:
        """Send the file, in parts if it is large; the object appears when all of it has arrived."""
        import obstore

        if self.size(sha256) is not None:
            return
        part = max(PART_BYTES, -(-path.stat().st_size // MAX_PARTS))
        with self._plain_errors():
            obstore.put(self._bucket, _key(sha256), path, chunk_size=part, max_concurrency=_AT_ONCE)

    def size(self, sha256: str) -> int | None:
        """The size of the object; `None` if there is none."""
        import obstore

        try:
            with self._plain_errors():
                return int(obstore.head(self._bucket, _key(sha256))["size"])
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes, as they arrive."""
        import obstore

        wanted: dict[str, Any] = {}
        if stop is not None:
            if stop <= start:
                return
            wanted["range"] = (start, stop)
        elif start:
            wanted["range"] = {"offset": start}
        try:
            with self._plain_errors():
                found = obstore.get(self._bucket, _key(sha256), options=wanted)  # type: ignore[arg-type]
                for data in found.stream(min_chunk_size=CHUNK_BYTES):
                    yield bytes(data)
        except FileNotFoundError:
            raise missing(sha256) from None

    def find_path(self, sha256: str) -> Path | None:  # noqa: ARG002 - of the port
        """`None`: the bytes are elsewhere."""
        return None

    def remove(self, sha256: str) -> None:
        """Remove the object."""
        import obstore

        try:
            with self._plain_errors():
                obstore.delete(self._bucket, _key(sha256))
        except FileNotFoundError:
            return

    def set_aside(self, sha256: str) -> None:
        """Move the object to `damaged/`."""
        import obstore

        try:
            with self._plain_errors():
                obstore.rename(self._bucket, _key(sha256), f"damaged/{sha256}")
        except FileNotFoundError:
            return

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn what the library says about the bucket into a sentence for its user."""
        from obstore import exceptions

        try:
            yield
        except (exceptions.BaseError, OSError) as error:
            if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
                raise
            raise FilesUnavailable(
                f"{self._place} cannot be used: {_shorten(error)}.",
                hint="Look at MODELLAB_ARTIFACTS, AWS_ENDPOINT_URL, and the AWS_... variables with the "
                "credentials and the region.",
            ) from error


def _open_bucket(place: str) -> Any:
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise InvalidSetting(
            "MODELLAB_ARTIFACTS names S3, but its library is not installed.",
            hint="pip install 'modellab[s3]'",
        ) from error
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            client_options={**_CLIENT, "allow_http": _is_plain_http()},  # type: ignore[arg-type]
            retry_config=_PATIENCE,  # type: ignore[arg-type]
        )
    except Exception as error:
        raise InvalidSetting(
            f"{place} cannot be used: {_shorten(error)}.",
            hint="MODELLAB_ARTIFACTS is s3://bucket/prefix; the rest comes from the AWS_... variables.",
        ) from error


def _is_plain_http() -> bool:
    """Whether the endpoint may be asked without TLS: it says so itself, or `AWS_ALLOW_HTTP` does."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    return endpoint.startswith("http://") or os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:]}"


def _shorten(error: Exception) -> str:
    """What went wrong, out of a long story: the code that the server answered with, or else the cause."""
    story = " ".join(str(error).split()) or type(error).__name__
    code = _CODE.search(story)
    return code[1] if code else story.partition(" Debug source:")[0].rpartition(" - ")[2][:300].rstrip(".")
