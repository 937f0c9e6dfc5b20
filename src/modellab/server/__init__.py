"""The HTTP server: routes over the store, live collection of journals, and one page for people.

`uvicorn modellab.server:app` serves the project of the current folder. Importing this opens nothing:
the app is made when `app` is first asked for, and the store is opened when the server starts.
"""

from __future__ import annotations

import gc
from typing import Any

# What is imported here stays for good. Searching it for garbage, now and later, takes a fifth of the start.
_gc_was_on = gc.isenabled()
gc.disable()
try:
    from modellab.server.application import create_app
finally:
    gc.freeze()
    if _gc_was_on:
        gc.enable()

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault("app", create_app())
