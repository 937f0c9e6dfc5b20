"""What a browser must load before a page of the web app can be used: scripts, as they are sent."""

from __future__ import annotations

import re

import pytest

from modellab.server.web_app import BUNDLE

MAX_BYTES = 350_000
_ASSETS = BUNDLE / "assets"
_IMPORT = re.compile(r'(?:from|import)\s*"\./([^"]+\.js)"')


def _find_needed(names: set[str]) -> set[str]:
    """Scripts, and all that they import at once."""
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        names |= set(_IMPORT.findall((_ASSETS / name).read_text())) - found
    return found


def _weigh(name: str) -> int:
    compressed = _ASSETS / f"{name}.gz"
    return (compressed if compressed.is_file() else _ASSETS / name).stat().st_size


@pytest.mark.skipif(not (BUNDLE / "index.html").is_file(), reason="the web app is not built")
def test_no_page_needs_more_than_350_kb_of_script_to_begin() -> None:
    always = set(re.findall(r'assets/([^"]+\.js)', (BUNDLE / "index.html").read_text()))
    pages = {path.name for path in _ASSETS.glob("*Page-*.js")}
    assert len(always) >= 2
    assert len(pages) >= 10
    weights = {page: sum(map(_weigh, _find_needed(always | {page}))) for page in pages}
    assert max(weights.values()) <= MAX_BYTES, weights
