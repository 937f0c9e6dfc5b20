"""From which web pages the server takes changes: its own, and those of an allow-list."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from modellab.errors import Forbidden, InvalidSetting

CUSTOM_HEADER = ("x-requested-with", "modellab")
"""What a program that is no browser sends with a session; no other site's page can have a browser send it."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ORIGIN = re.compile(r"https?://[^/?#@\s*]+")


def check_allowed_origins(origins: Collection[str]) -> None:
    """Raise `InvalidSetting` for what is no origin of a page, and for `*`."""
    for origin in origins:
        if _ORIGIN.fullmatch(origin) is None:
            raise InvalidSetting(
                f"MODELLAB_ALLOWED_ORIGINS names {origin[:100]!r}; it may have addresses without a path, "
                "such as https://notebook.example.org, and never `*`: any page could then write here.",
            )


def check_origin(
    method: str, headers: Mapping[str, str], allowed: Collection[str], *, in_session: bool
) -> None:
    """Raise `Forbidden` for a change that a page of another site makes a browser send.

    In a session, which a browser adds by itself, the request must also show that it is no such page's.
    """
    if method in _SAFE_METHODS:
        return
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None:
        if origin in allowed or site == "same-origin" or _find_host(origin) == headers.get("host"):
            return
        raise _refuse(f"pages of {origin[:100]}")
    if site is not None:
        if site in ("same-origin", "none"):
            return
        raise _refuse("pages of other sites")
    name, value = CUSTOM_HEADER
    if in_session and headers.get(name, "").lower() != value:
        raise Forbidden(
            "A change in a session needs the header Origin, as browsers send it, or X-Requested-With: "
            "modellab.",
            hint="Programs use an API key instead: Authorization: Bearer mlk_…",
        )


def _find_host(origin: str) -> str:
    """Host and port of an origin; empty for what is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:  # such as a bracket without its other half
        return ""


def _refuse(whom: str) -> Forbidden:
    return Forbidden(
        f"This server takes no changes from {whom}.",
        hint="Pages to allow are named in MODELLAB_ALLOWED_ORIGINS; with a login they also need an API key.",
    )
