"""What a program prints, handed on line by line while it is printed as ever.

Seen is what goes through `sys.stdout` and `sys.stderr`; not what compiled code or child processes write
to the file descriptors, nor what log handlers write that took hold of the streams before.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from modellab.capture.redaction import mask_tokens
from modellab.capture.text import make_storable

_MAX_UNFINISHED = 16_384  # characters of a line without an end; then what there is counts as a line
_LOCK_TIMEOUT_S = 1.0

_active: list[ConsoleCapture] = []  # those that are on; the last one receives


class _Busy(threading.local):
    on = False  # this thread is inside a tee: what it prints from there is passed on and not recorded


_busy = _Busy()


class ConsoleCapture:
    """Hands every complete line of `sys.stdout` and `sys.stderr` to `write(stream, line)` while it is on.

    `stream` is `stdout` or `stderr`; the line comes without its end, and with tokens masked. Of a progress
    bar only the last state of its line is kept. After `limit` characters one line says that the rest is not
    recorded. Of nested captures the innermost receives. Text reaches its stream first and unchanged; a
    failing `write` costs the line and nothing else. A forked child goes on with a fresh line and the same
    `write`.
    """

    def __init__(self, write: Callable[[str, str], None], *, limit: int = 1_000_000) -> None:
        self._write = write
        self._limit = limit
        self._room = limit
        self._is_full = False
        self._tees: list[_Tee] = []
        self._forget_lines()

    @property
    def is_on(self) -> bool:
        """Whether it was started and not stopped."""
        return self in _active

    def start(self) -> None:
        """Puts itself between the program and its streams; does nothing if it is on."""
        if self.is_on:
            return
        _active.append(self)
        for name in ("stdout", "stderr"):
            previous = getattr(sys, name, None)
            if previous is not None:  # pythonw and some services have none
                tee = _Tee(previous, name, self)
                self._tees.append(tee)
                setattr(sys, name, tee)

    def stop(self) -> None:
        """Hands over an unfinished line and gives the streams back; does nothing if it is off.

        A stream that someone else replaced in the meantime is left as it is; what they kept of ours
        only passes on from now.
        """
        if not self.is_on:
            return
        _active.remove(self)
        for tee in self._tees:
            tee._uninstall()
        self._tees.clear()
        was_busy, _busy.on = _busy.on, True
        try:
            self._finish_lines()
        finally:
            _busy.on = was_busy

    def _record(self, stream: str, text: str) -> None:
        if self._is_full:
            return
        if self._pid != os.getpid():
            self._forget_lines()
        if not self._lock.acquire(timeout=_LOCK_TIMEOUT_S):
            return  # `write` hangs in another thread; printing must go on
        try:
            *lines, rest = (self._rests.get(stream, "") + text).split("\n")
            for line in lines:
                self._hand_over(stream, _find_last_state(line))
            if "\r" in rest:
                rest = _find_last_state(rest) + ("\r" if rest.endswith("\r") else "")
            if len(rest) > _MAX_UNFINISHED:
                self._hand_over(stream, rest)
                rest = ""
            self._rests[stream] = rest
        finally:
            self._lock.release()

    def _finish_lines(self) -> None:
        if self._pid != os.getpid() or not self._lock.acquire(timeout=_LOCK_TIMEOUT_S):
            return
        try:
            for stream, rest in self._rests.items():
                if rest.strip("\r"):
                    self._hand_over(stream, _find_last_state(rest))
            self._rests.clear()
        finally:
            self._lock.release()

    def _hand_over(self, stream: str, line: str) -> None:
        if self._is_full:
            return
        line = mask_tokens(line)
        if len(line) >= self._room:  # one for the line's end, so that empty lines count too
            self._is_full = True
            line = f"(the rest is not recorded: the limit of {self._limit} characters was reached)"
        self._room -= len(line) + 1
        try:
            self._write(stream, make_storable(line))
        except Exception:
            return  # the program that prints cannot help it

    def _forget_lines(self) -> None:
        # Also for a forked child: its lock may have been held, its unfinished line is its parent's.
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._rests: dict[str, str] = {}


def _find_last_state(line: str) -> str:
    """What a terminal would show at last of a line that was drawn over and over."""
    if "\r" not in line:
        return line
    return next((state for state in reversed(line.split("\r")) if state), "")


class _Tee:
    """A text stream that passes everything to another one and shows it to the capture that is on.

    It looks like that stream in every other way, so that `isinstance`, `reconfigure`, `isatty` and the
    like say and do what they did before.
    """

    __slots__ = ("_capture", "_name", "_previous", "_stream")

    def __init__(self, previous: Any, name: str, capture: ConsoleCapture) -> None:
        stream = previous._stream if type(previous) is _Tee else previous
        for attribute, value in zip(self.__slots__, (capture, name, previous, stream), strict=True):
            object.__setattr__(self, attribute, value)

    def write(self, text: str) -> Any:
        """Writes to the stream as if there were no tee, then shows the text to the capture."""
        if _busy.on:
            return self._stream.write(text)
        _busy.on = True
        try:
            written = self._stream.write(text)
            _show(self._name, text)
            return written
        finally:
            _busy.on = False

    def writelines(self, lines: Iterable[str]) -> None:
        """Writes one text after the other."""
        for line in lines:
            self.write(line)

    def _uninstall(self) -> None:
        if getattr(sys, self._name, None) is not self:
            return
        previous = self._previous
        while type(previous) is _Tee and not previous._capture.is_on:
            previous = previous._previous
        setattr(sys, self._name, previous)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._stream)

    def __getattr__(self, name: str) -> Any:
        if name in _Tee.__slots__:
            raise AttributeError(name)  # not there yet; asking the stream would go round in circles
        return getattr(self._stream, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._stream, name, value)

    def __repr__(self) -> str:
        return repr(self._stream)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._stream.__reduce_ex__(protocol)

    def __enter__(self) -> _Tee:
        self._stream.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stream.__exit__(*error)

    def __iter__(self) -> Any:
        return iter(self._stream)


def _show(name: str, text: str) -> None:
    try:
        _active[-1]._record(name, text)
    except Exception:
        return  # no capture is on, or it failed: never a reason for `print` to raise
