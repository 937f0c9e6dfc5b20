"""The web app as it was built into this package: its page, its assets, or why it is not there."""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

BUNDLE = Path(__file__).with_name("static")
"""Where `hatch_build.py` puts what is built from `ui/`."""
MISSING_NAME = "missing.txt"
"""A file there that says why the web app could not be built."""
ASSETS = "/assets/"
"""Names there hold a hash of the content, which therefore never changes."""
ICON = "/icon.svg"

_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-cache",  # it names the assets of one build
}
_ASSET_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}

router = APIRouter(include_in_schema=False)


def show_app() -> Response | None:
    """The page that starts the web app; `None` if it was not built."""
    page = BUNDLE / "index.html"
    if not page.is_file():
        return None
    return Response(page.read_bytes(), media_type="text/html", headers=_PAGE_HEADERS)


def explain_missing() -> str:
    """Why there is no web app, and what to do."""
    said = BUNDLE / MISSING_NAME
    if said.is_file():
        return said.read_text(encoding="utf-8").strip()
    return (
        "The web app is not in this installation. Install ModelLab again from its sources, on a machine "
        "that reaches the npm registry, or from a release, which holds it."
    )


@router.api_route(ASSETS + "{name}", methods=["GET", "HEAD"])
def send_asset(request: Request, name: str) -> Response:
    """A script, style or picture of the web app, compressed if the browser takes that."""
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    folder = BUNDLE / "assets"
    names = _list_names(folder, folder.stat().st_mtime_ns if folder.is_dir() else 0)
    if name not in names:
        raise HTTPException(404, f"The web app has no asset {name!r}; reload the page if it was updated.")
    return _send(folder / name, _ASSET_HEADERS, is_compressed=takes_gzip and f"{name}.gz" in names)


@router.api_route(ICON, methods=["GET", "HEAD"])
def send_icon() -> Response:
    """The picture of the browser's tab."""
    icon = BUNDLE / "icon.svg"
    if not icon.is_file():
        raise HTTPException(404, explain_missing())
    return _send(icon, {"Cache-Control": "max-age=3600"}, is_compressed=False)


@cache
def _list_names(folder: Path, changed_ns: int) -> frozenset[str]:
    """What may be asked for: nothing outside can be, whatever the name says."""
    return frozenset(path.name for path in folder.iterdir()) if changed_ns else frozenset()


def _send(path: Path, headers: dict[str, str], *, is_compressed: bool) -> Response:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if is_compressed:
        path, headers = path.with_name(f"{path.name}.gz"), {**headers, "Content-Encoding": "gzip"}
    return Response(path.read_bytes(), media_type=media_type, headers=headers)
