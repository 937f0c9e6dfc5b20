"""One line on a terminal that says how far something long has come; nothing elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

DELAY_S = 1.0
"""What is over within so many seconds shows nothing."""


class ProgressLine:
    """A callback for progress: called with how much is done, of how much, and what comes next.

    The line is rewritten in place, and taken away when all is done. It goes past the recorder of the console.
    """

    def __init__(
        self, title: str, *, file: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._title = title
        self._file = sys.__stderr__ if file is None else file
        self._clock = clock
        self._started = clock()
        self._width = 0

    def __call__(self, done: int, total: int, what: str) -> None:
        """Say what comes next, if it has taken long enough already."""
        if done >= total:
            self.close()
        elif self._clock() - self._started >= DELAY_S:
            self._show(f"{self._title}: {what} [{done + 1}/{total}]")

    def close(self) -> None:
        """Take the line away."""
        if self._width:
            self._show("")

    def _show(self, text: str) -> None:
        if self._file is None or not self._file.isatty():
            return
        self._file.write(f"\r{text.ljust(self._width)}\r{text}")
        self._file.flush()
        self._width = len(text)
