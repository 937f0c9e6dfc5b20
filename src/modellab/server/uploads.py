"""Reads a file from a request's body while it arrives: a form's part `file`, or the whole body.

The event loop only takes bytes from the connection; about a megabyte at a time goes to a worker thread,
which hashes and writes it while the next one arrives. Memory does not grow with the file.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from modellab.errors import InvalidInput
from modellab.store.files import Arrived, Upload

MAX_FIELD_BYTES = 100_000
"""Bytes of one field of a form besides the file."""
MAX_FIELDS = 20
"""Fields of a form besides the file."""
FORM_BYTES = 4 * 1024 * 1024
"""Bytes that a form may have besides its file."""

_BATCH_BYTES = 1024 * 1024
_DIGEST = re.compile(r":([A-Za-z0-9+/]{43}=):")

Check = Callable[[Mapping[str, str], "str | None"], None]
"""Raises if a file with these fields and this name is not wanted; asked before it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file that has arrived: the form's other fields, the name it was given, and where it lies."""

    fields: Mapping[str, str]
    filename: str | None
    arrived: Arrived
    media_type: str


@asynccontextmanager
async def receive_upload(
    request: Request, start: Callable[[], Upload], *, limit: int, check: Check | None = None
) -> AsyncIterator[Received]:
    """Take in the file of a request: at most `limit` bytes, with the checksum that the request names.

    It lies beside the kept files until the end of the `with` block, which keeps it: `FileShelf.keep_named`.

    A checksum is a form's field or the query's parameter `sha256`, or the header `Content-Digest`.
    Raises `InvalidInput` for a wrong checksum or a form without a file,
    `HTTPException` 413 for too many bytes and 400 for a body that ends early, and what `check` raises.
    """
    _check_claim(request, limit)
    parts = _Parts(_Pump(await run_sync(start)), limit)
    try:
        await _read_body(request, parts)
        await parts.file.flush()
        if check is not None:
            await run_sync(check, parts.fields, parts.filename)
        expected = _find_checksum(request, parts)
        arrived = await run_sync(parts.file.upload.check, expected)
        yield Received(
            fields=parts.fields, filename=parts.filename, arrived=arrived, media_type=parts.media_type
        )
    finally:
        parts.file.upload.abort()


class _Pump:
    """Hands bytes on to an upload in batches, one of them being written while the next one fills."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        self.size = 0
        self._batch: list[bytes | memoryview] = []
        self._batch_bytes = 0
        self._writing: asyncio.Task[None] | None = None

    def add(self, data: bytes | memoryview) -> None:
        self._batch.append(data)
        self._batch_bytes += len(data)
        self.size += len(data)

    async def drain(self) -> None:
        """Have a full batch written; waits only for the one before it."""
        if self._batch_bytes < _BATCH_BYTES:
            return
        await self._settle()
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        self._writing = asyncio.ensure_future(run_sync(self._write, batch))
        # Where the upload ends before, nobody asks how this went.
        self._writing.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def flush(self) -> None:
        """Have everything written."""
        await self._settle()
        await run_sync(self._write, self._batch)
        self._batch, self._batch_bytes = [], 0

    def _write(self, batch: list[bytes | memoryview]) -> None:
        # In one piece: with many, the thread would wait for its turn to run Python after each.
        self.upload.write(b"".join(batch))

    async def _settle(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing


class _Parts:
    """What a body consists of, as it arrives."""

    def __init__(self, file: _Pump, limit: int) -> None:
        self.file = file
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self.media_type = "application/octet-stream"
        self.is_form = False
        self._limit = limit

    def add_bytes(self, data: bytes | memoryview) -> None:
        """Take in bytes of the file; raises a 413 for one too many."""
        self.file.add(data)
        if self.file.size > self._limit:
            raise _too_large(self._limit)

    def add_field(self, name: str, value: bytes) -> None:
        """Take in a field; raises `InvalidInput`."""
        try:
            self.fields[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidInput(f"The form's field {name[:60]!r} is no text in UTF-8.") from None


async def _read_body(request: Request, parts: _Parts) -> None:
    """Take in a whole body, in either of its two shapes."""
    kind, options = _read_content_type(request)
    form = _Form(options.get(b"boundary"), parts) if kind == "multipart/form-data" else None
    take = parts.add_bytes if form is None else form.write
    parts.is_form = form is not None
    if form is None:
        parts.media_type = kind or parts.media_type
    try:
        async with aclosing(request.stream()) as pieces:
            async for data in pieces:
                take(data)
                await parts.file.drain()
    except ClientDisconnect:
        raise HTTPException(400, "The body ended before its time; nothing of it is kept.") from None
    if form is not None:
        form.close()


class _Form:
    """A multipart body: one part `file`, and fields."""

    def __init__(self, boundary: bytes | None, parts: _Parts) -> None:
        from python_multipart.multipart import MultipartParser  # late: few requests need it

        if not boundary:
            raise InvalidInput("A form names its boundary in the header Content-Type.")
        self._parts = parts
        self._headers: dict[str, bytes] = {}
        self._header: list[bytes] = [b"", b""]
        self._name: str | None = None
        self._value = bytearray()
        self._has_file = self._has_ended = False
        self._n_bytes = 0
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._read_header_name,
                    "on_header_value": self._read_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open_part,
                    "on_part_data": self._read_part,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except Exception as error:
            raise _unreadable_form(error) from None

    def write(self, data: bytes) -> None:
        """Take in a piece of the body; raises `InvalidInput`, or a 400 or 413."""
        from python_multipart.exceptions import FormParserError

        before = self._parts.file.size
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _unreadable_form(error) from None
        self._n_bytes += len(data) - (self._parts.file.size - before)
        if self._n_bytes > FORM_BYTES:
            raise InvalidInput(f"A form may have {FORM_BYTES:,} bytes besides its file.")

    def close(self) -> None:
        """Raise unless the form is whole and has its file."""
        if not self._has_ended:
            raise HTTPException(400, "The form ends before its last boundary; nothing of it is kept.")
        if not self._has_file:
            raise InvalidInput("The form has no part named `file`.")

    def _begin_part(self) -> None:
        self._headers = {}

    def _read_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _read_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header[0].decode("latin-1").lower()] = self._header[1]
        self._header = [b"", b""]

    def _open_part(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name == "file":
            if self._has_file:
                raise InvalidInput("The form has more than one part named `file`; send one file at a time.")
            self._has_file, self._name = True, None
            self._parts.filename = _read_filename(options.get(b"filename"))
            kind = self._headers.get("content-type", b"").decode("latin-1")
            self._parts.media_type = _check_media_type(kind) or self._parts.media_type
            return
        if b"filename" in options:
            raise InvalidInput(f"A file is the part named `file`, not {name[:60]!r}.")
        if len(self._parts.fields) == MAX_FIELDS:
            raise InvalidInput(f"A form may have {MAX_FIELDS} fields besides its file.")
        self._name, self._value = name, bytearray()

    def _read_part(self, data: bytes, start: int, end: int) -> None:
        if self._name is None:
            self._parts.add_bytes(memoryview(data)[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > MAX_FIELD_BYTES:
            raise InvalidInput(
                f"The form's field {self._name[:60]!r} has more than {MAX_FIELD_BYTES:,} bytes."
            )

    def _end_part(self) -> None:
        if self._name is not None:
            self._parts.add_field(self._name, bytes(self._value))

    def _end(self) -> None:
        self._has_ended = True


def _check_claim(request: Request, limit: int) -> None:
    """Refuse a body that says itself that it is too large, before it is read."""
    claim = request.headers.get("content-length", "")
    if claim.isascii() and claim.isdigit() and int(claim[:20]) > limit + FORM_BYTES:
        raise _too_large(limit)


def _too_large(limit: int) -> HTTPException:
    # The rest of the body is not read, so the connection has no further use.
    return HTTPException(
        413, f"The file has more than {limit:,} bytes, which is the most.", headers={"Connection": "close"}
    )


def _unreadable_form(error: Exception) -> HTTPException:
    return HTTPException(400, f"The form cannot be read: {str(error)[:200]}.")


def _read_content_type(request: Request) -> tuple[str, dict[bytes, bytes]]:
    from python_multipart.multipart import parse_options_header

    given = request.headers.get("content-type", "")
    kind, options = parse_options_header(given)
    if kind == b"multipart/form-data":
        return "multipart/form-data", options
    return _check_media_type(given), {}


def _check_media_type(given: str) -> str:
    """A media type without its parameters; empty for what is none, or says nothing."""
    kind = given.partition(";")[0].strip().lower()
    is_one = re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}", kind)
    return kind if is_one and kind != "application/x-www-form-urlencoded" else ""


def _read_filename(given: bytes | None) -> str | None:
    """The last part of a file's name, which some browsers give with the whole path before it."""
    if not given:
        return None
    name = given.decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
    return name or None


def _find_checksum(request: Request, parts: _Parts) -> str | None:
    """The SHA-256 that the request says its file has; `None` if it says nothing."""
    fields = parts.fields
    given: list[Any] = [request.query_params.get("sha256"), fields.get("sha256")]
    if not parts.is_form:  # of a form the header speaks of the whole, not of the file in it
        given += _read_digests(request.headers.getlist("content-digest"))
    said = {text.strip().lower() for text in given if text}
    if len(said) > 1:
        raise InvalidInput(f"The request names different checksums: {', '.join(sorted(said))[:200]}.")
    return next(iter(said), None)


def _read_digests(lines: Sequence[str]) -> Iterator[str]:
    """The SHA-256 that `Content-Digest` (RFC 9530) names; other algorithms are passed over, as it says."""
    for member in ",".join(lines).split(","):
        name, _, value = member.strip().partition("=")
        if name.lower() != "sha-256":
            continue
        found = _DIGEST.fullmatch(value.partition(";")[0].strip())
        if found is None:
            raise InvalidInput(
                f"The header Content-Digest has {member.strip()[:100]!r}, which cannot be read.",
                hint="A SHA-256 is written as sha-256=:…: with 44 characters of base64 between the colons.",
            )
        yield base64.b64decode(found[1]).hex()
