"""Tells many listeners what the feed says, with one watcher that asks the database for all of them.

What the watcher reads is kept for a while, each run once; a listener that is further behind (it was
away, or reads slowly) asks the database itself. So nothing waits in memory for anybody.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar

import orjson
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from modellab.server.bodies.live import encode_points, encode_run
from modellab.store.feed import Change, FeedShelf, Place, RunChange, find_kinds

POLL_S = 0.15
"""Seconds between two looks at the feed: other processes write to the database too."""
KEEP_ALIVE_S = 15.0
"""A listener hears something at least this often, if only a comment."""
CHECK_S = 30.0
"""How often a listener's right to listen is asked for again."""
RETRY_MS = 2000
"""How long a browser waits before it connects again."""
MAX_KEPT = 1000
"""Runs whose news are kept for listeners that have not read them yet …"""
MAX_KEPT_BYTES = 4 * 1024 * 1024
"""… and what they take together."""

_PAGE = 50  # runs that are read at once for a listener that is behind
_ALL_PAGE = 500  # … and for all; if there are more, all are behind

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What a listener is told of: runs of the projects it may see, of one project, or one run."""

    visible: frozenset[str] | None = None
    project_id: str | None = None
    run_id: str | None = None

    def includes(self, message: Message) -> bool:
        """Whether a message is for this listener."""
        return (
            (self.visible is None or message.project_id in self.visible)
            and self.project_id in (None, message.project_id)
            and self.run_id in (None, message.run_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is told of one run, encoded once for all listeners."""

    seq: int
    seqs: Mapping[Change, int]
    run_id: str
    project_id: str | None
    run: bytes
    points: bytes | None

    @property
    def size(self) -> int:
        """How many bytes it takes, about."""
        return len(self.run) + len(self.points or b"")

    def write_events(self, known: int, place: Place) -> bytes:
        """The events for a listener that knew what came up to `known` and is then at `place`.

        Only the last one has an id: who has it has them all.
        """
        written = [self._write(kind) for kind in find_kinds(self.seqs, known)]
        return b"".join([*written[:-1], b"id: %s\n" % str(place).encode(), *written[-1:]]) if written else b""

    def _write(self, kind: Change) -> bytes:
        data = (self.points or b"{}") if kind == "points" else self.run
        return b"event: run.%s\ndata: %s\n\n" % (kind.encode(), data)


class Broadcast:
    """The listeners of one server, and what they are told."""

    def __init__(
        self,
        feed: FeedShelf,
        is_stopping: Callable[[], bool],
        *,
        keep_alive_s: float = KEEP_ALIVE_S,
        check_s: float = CHECK_S,
    ) -> None:
        self._feed = feed
        self._is_stopping = is_stopping
        self._tick_s = keep_alive_s / 2
        self._check_s = check_s
        self._kept: dict[str, Message] = {}
        self._kept_bytes = 0
        self._floor: int | None = None  # all that came after it is kept; `None`: nobody watches yet
        self._newest = 0
        self._epoch = 0  # changes when the database is another one
        self._news = asyncio.Event()
        self._n_listeners = 0
        self._watcher: asyncio.Task[None] | None = None
        # Of their own: listeners must not wait for requests, nor take their threads.
        self._watching = CapacityLimiter(1)
        self._reading = CapacityLimiter(2)
        self._logged: set[str] = set()

    async def follow(
        self, place: Place, audience: Audience, is_welcome: Callable[[], bool] = lambda: True
    ) -> AsyncGenerator[bytes, None]:
        """What an audience is told from a place on, until the server stops or it is not welcome any more.

        `is_welcome` is asked in a worker thread every `CHECK_S`.
        """
        with self._listening():
            epoch = self._epoch
            sent_at = checked_at = time.monotonic()
            while not self._is_stopping():
                news = self._news  # taken before looking: what comes meanwhile ends the wait at once
                if epoch != self._epoch:
                    epoch, place = self._epoch, Place(self._newest, self._newest)
                    yield write_greeting("reset", place)
                messages, following = await self._look(place, audience)
                for text in _write_all(messages, place, following):
                    sent_at = time.monotonic()
                    yield text
                place = following
                if place.known < place.reached:
                    continue
                await news.wait()
                now = time.monotonic()
                if now - sent_at >= self._tick_s / 2:
                    sent_at = now
                    yield b":\n\n"
                if now - checked_at >= self._check_s:
                    checked_at = now
                    if not await self._ask(is_welcome):
                        return

    async def _look(self, place: Place, audience: Audience) -> tuple[Sequence[Message], Place]:
        """What is new for an audience, and the place to go on from."""
        if self._floor is None or place.known < self._floor:
            return await self._ask(partial(self._read, place, audience))
        found = [message for message in self._newer(place.known) if audience.includes(message)]
        newest = max(place.known, self._newest)
        return found[::-1], Place(newest, newest)

    def _newer(self, known: int) -> Iterator[Message]:
        for message in reversed(self._kept.values()):
            if message.seq <= known:
                return
            yield message

    def _read(self, place: Place, audience: Audience) -> tuple[Sequence[Message], Place]:
        news = self._feed.read(
            place,
            _PAGE,
            visible=audience.visible,
            project_id=audience.project_id,
            run_id=audience.run_id,
        )
        return [_encode(change) for change in news.changes], news.place

    async def _ask(self, question: Callable[[], T]) -> T:
        return await run_sync(question, limiter=self._reading)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        self._n_listeners += 1
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.get_running_loop().create_task(self._watch())
        try:
            yield
        finally:
            self._n_listeners -= 1
            if not self._n_listeners and self._watcher is not None:
                self._watcher.cancel()
                self._watcher = self._floor = None
                self._kept, self._kept_bytes = {}, 0

    async def _watch(self) -> None:
        """Look at the feed again and again while somebody listens."""
        told_at = time.monotonic()
        while not self._is_stopping():
            if await self._look_for_all() or time.monotonic() - told_at >= self._tick_s:
                told_at = time.monotonic()
                self._wake()
            await asyncio.sleep(POLL_S)
        self._wake()

    async def _look_for_all(self) -> bool:
        """Keep what is new for all listeners; whether there is something."""
        after = None if self._floor is None else self._newest
        try:
            newest, messages = await run_sync(self._read_news, after, limiter=self._watching)
        except Exception as error:  # the database may come back
            self._log_once(error)
            return False
        if after is not None and newest < after:
            self._epoch += 1
        if after is None or newest < after or messages is None:
            self._kept, self._kept_bytes = {}, 0
            self._floor = newest
        for message in messages or ():
            self._keep(message)
        self._newest = newest
        return newest != after

    def _read_news(self, after: int | None) -> tuple[int, Sequence[Message] | None]:
        """The newest number, and what came after `after`; `None` for more than is kept."""
        newest = self._feed.newest()
        if after is None or newest <= after:
            return newest, ()
        news = self._feed.read(Place(after, after), _ALL_PAGE)
        if not news.is_all:  # each listener reads for itself, and keeps its place between the pages
            return newest, None
        return news.place.known, [_encode(change) for change in news.changes]

    def _keep(self, message: Message) -> None:
        """Put a run's news in the place of those before, and let go of the oldest if it gets too much."""
        before = self._kept.pop(message.run_id, None)
        if before is not None:
            self._kept_bytes -= before.size
            if message.points is None:  # none came since; those of before may not be read by all yet
                message = replace(message, points=before.points)
        self._kept[message.run_id] = message
        self._kept_bytes += message.size
        while len(self._kept) > MAX_KEPT or self._kept_bytes > MAX_KEPT_BYTES:
            oldest = self._kept.pop(next(iter(self._kept)))
            self._kept_bytes -= oldest.size
            self._floor = oldest.seq

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _log_once(self, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if text not in self._logged:
            self._logged.add(text)
            logger.error("The feed could not be read; trying again. %s", text, exc_info=error)


def write_greeting(kind: Literal["hello", "reset"], place: Place) -> bytes:
    """The first event of a stream, or the one that says that the database is another one."""
    text = str(place)
    return f'retry: {RETRY_MS}\nid: {text}\nevent: {kind}\ndata: {{"cursor":"{text}"}}\n\n'.encode()


def _write_all(messages: Sequence[Message], place: Place, following: Place) -> Iterator[bytes]:
    """Each message's events for a listener that goes from one place to the other."""
    for at, message in enumerate(messages, start=1):
        is_last = at == len(messages)
        text = message.write_events(place.known, following if is_last else Place(place.known, message.seq))
        if text:
            yield text


def _encode(change: RunChange) -> Message:
    return Message(
        seq=change.seq,
        seqs=change.seqs,
        run_id=change.run.run_id,
        project_id=change.run.project_id,
        run=orjson.dumps(encode_run(change)),
        points=None if change.metrics is None else orjson.dumps(encode_points(change)),
    )
