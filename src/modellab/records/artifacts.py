"""What an artifact is: a file that a run made, kept by its content."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PATH_LENGTH = 1000
"""Characters in the path of an artifact; each part has at most 255 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file of a run under a path such as `checkpoints/best.pt`.

    `is_stored` is false while its bytes are still on the way from the machine that made it.
    """

    run_id: str
    path: str
    sha256: str
    size: int
    media_type: str
    is_stored: bool
    created_at: str
