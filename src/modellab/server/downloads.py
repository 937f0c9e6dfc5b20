"""Answers with kept bytes: whole or a range of them, with their checksum as the ETag.

No browser runs them, except pages that are asked for in a sandbox: there they run as nobody, with no way out.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import Request, Response
from starlette.responses import StreamingResponse

from modellab.records.artifacts import UNKNOWN_TYPE
from modellab.server.problems import make_problem
from modellab.store.files import FileShelf, Kept

SHOWN_TYPES = frozenset(
    {
        "application/json",
        "audio/aac",
        "audio/flac",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "audio/x-wav",
        "image/avif",
        "image/bmp",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/plain",
        "video/mp4",
        "video/webm",
    }
)
"""Media types that a browser may show. All others it saves, and is told nothing of what they are."""

SANDBOXED_TYPES = frozenset({"application/xhtml+xml", "image/svg+xml", "text/html"})
"""Media types whose scripts a browser may run in a sandbox."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-cache",
    "Accept-Ranges": "bytes",
    # A browser refuses to show in a tab of its own what is both sandboxed and keeps to its own openers.
    "Cross-Origin-Opener-Policy": "unsafe-none",
}
_SANDBOX = {
    # Its origin is nobody's, in a frame as in a tab of its own: no cookie, no storage, no answer of ours.
    # What it is made of it must bring along, and it can send nothing anywhere.
    "Content-Security-Policy": "sandbox allow-scripts; default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; media-src data: blob:; font-src data:; connect-src 'none'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",  # our own pages show it in a frame
}


async def send_file(
    request: Request,
    files: FileShelf,
    kept: Kept,
    *,
    filename: str,
    media_type: str,
    in_sandbox: bool = False,
) -> Response:
    """The answer to a GET or HEAD of kept bytes, saved as `filename`.

    `in_sandbox` shows also pages and SVG, whose scripts run then as nobody.

    `Range` (one; several are answered with the whole), `If-Range` and `If-None-Match` are understood.
    Raises `NotFound` if the bytes are gone.
    """
    headers = _make_headers(kept, filename, media_type, in_sandbox=in_sandbox)
    if _matches(request.headers.get("if-none-match"), kept):
        return Response(status_code=304, headers=headers)
    start, stop, status = 0, kept.size, 200
    asked = request.headers.get("range")
    if asked and request.headers.get("if-range", headers["ETag"]) == headers["ETag"]:
        found = _read_range(asked, kept.size)
        if found is None:
            return make_problem(
                416,
                f"The range {asked[:60]!r} is not in the {kept.size} bytes there are.",
                headers={"Content-Range": f"bytes */{kept.size}"},
            )
        start, stop, status = found
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{kept.size}"
    headers["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        await run_sync(files.require_there, kept.sha256)
        return Response(status_code=status, headers=headers)
    chunks = files.read(kept.sha256, start, stop) if stop > start else iter(())
    first = await run_sync(next, chunks, None)  # what is gone is told before the answer begins
    return StreamingResponse(_iterate(first, chunks), status, headers)


async def _iterate(first: bytes | None, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, read in worker threads; the file is closed at the end, also if the client goes away."""
    chunk = first
    try:
        while chunk is not None:
            yield chunk
            chunk = await run_sync(next, chunks, None)
    finally:
        with contextlib.suppress(Exception):
            close = getattr(chunks, "close", None)
            if close is not None:
                close()


def _make_headers(kept: Kept, filename: str, media_type: str, *, in_sandbox: bool) -> dict[str, str]:
    is_sandboxed = in_sandbox and media_type in SANDBOXED_TYPES
    is_shown = media_type in SHOWN_TYPES or is_sandboxed
    shown_type = media_type if is_shown else UNKNOWN_TYPE
    digest = base64.b64encode(bytes.fromhex(kept.sha256)).decode()
    return {
        **_SAFE,
        **(_SANDBOX if is_sandboxed else {}),
        "ETag": f'"{kept.sha256}"',
        "Repr-Digest": f"sha-256=:{digest}:",
        "Content-Type": f"{shown_type}; charset=utf-8" if shown_type.startswith("text/") else shown_type,
        "Content-Disposition": describe_disposition("inline" if is_shown else "attachment", filename),
    }


def describe_disposition(kind: str, filename: str) -> str:
    """With the name twice: in ASCII for old programs, and whole (RFC 5987)."""
    plain = re.sub(r'[^ -~]|["\\%/;]', "_", filename)
    whole = f"; filename*=UTF-8''{quote(filename, safe='')}" if plain != filename else ""
    return f'{kind}; filename="{plain}"{whole}'


def _matches(tags: str | None, kept: Kept) -> bool:
    if tags is None:
        return False
    known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return "*" in known or f'"{kept.sha256}"' in known


def _read_range(asked: str, size: int) -> tuple[int, int, int] | None:
    """Start, stop and status of a range; the whole for what is no single one; `None` if it is not there."""
    match = _RANGE.fullmatch(asked.replace(" ", ""))
    if match is None or not (match[1] or match[2]):
        return 0, size, 200
    if not match[1]:  # the last so many bytes
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), min(int(match[2]) + 1 if match[2] else size, size)
        if match[2] and int(match[2]) < start:
            return 0, size, 200
    return (start, stop, 206) if start < stop else None


def describe_download(what: str) -> Mapping[int | str, dict[str, object]]:
    """The `responses` of a route that answers with `send_file`, for the OpenAPI document."""
    body = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    return {
        200: {"description": f"{what}, whole.", "content": body},
        206: {"description": "The range that was asked for.", "content": body},
        304: {"description": "The bytes are those of the ETag that was given."},
    }
