"""Run and writer ids, and content digests."""

from __future__ import annotations

import os
import re
import threading
import time

RUN_ID_PATTERN = re.compile(r"[0-9a-f]{32}")

# Ids of projects, and of runs that other tools made, are within these bounds: one path segment, so that
# an id is safe as a folder name and in a URL.
FOREIGN_ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")

_lock = threading.Lock()
_last_ns = 0


def new_run_id() -> str:
    """A fresh run id: 32 lowercase hex characters whose order is the order of creation.

    16 characters of the time in nanoseconds, then 16 random ones. Strictly increasing within a
    process, also when the clock is set back; between processes the order is that of their clocks.
    """
    global _last_ns
    with _lock:
        _last_ns = max(time.time_ns(), _last_ns + 1)
        return f"{_last_ns:016x}{os.urandom(8).hex()}"


def new_writer_id() -> str:
    """A fresh id for one writer (process) of a run: 16 lowercase hex characters."""
    return os.urandom(8).hex()


def digest_text(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, as 64 hex characters."""
    import hashlib  # late: a training script does not wait for it when it starts

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def derive_dataset_id(project_id: str | None, name: str, sha256: str) -> str:
    """The id of a dataset: 32 hex characters that follow from its project, name and content.

    Whoever knows these knows the id, without asking anyone: a run on another machine, or a store that is
    filled again from journals.
    """
    return digest_text(f"{project_id or ''}\0{name}\0{sha256}")[:32]


def derive_project_id(text: str) -> str:
    """An id that can name a project, made from any text: the same each time, and `text` itself if it can.

    Of a text that says more than such an id can, some characters of its digest are in the id.
    """
    import unicodedata  # late: most projects have an id that needs no change

    if FOREIGN_ID_PATTERN.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKD", text)
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", plain.encode("ascii", "ignore").decode())
    slug = slug.lstrip("._-").rstrip("-")
    is_whole = slug and len(slug) <= 128 and not any(c.isalnum() and not c.isascii() for c in plain)
    return slug if is_whole else f"{slug[:100] or 'project'}-{digest_text(text)[:8]}"


# A fork copies the lock as it is; a child made while another thread held it would wait for ever.
def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
