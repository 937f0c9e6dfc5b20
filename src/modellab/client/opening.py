"""Which store a call of a process means, the project's own or a server, and keeping it open.

Opening a store costs more than a short run does, and SQLAlchemy is not needed while training.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.errors import InvalidInput, ModelLabError
from modellab.notice import tell

if TYPE_CHECKING:
    from modellab.client.runs import RemoteStore
    from modellab.settings import Settings
    from modellab.store import Store

_configured: dict[str, Any] = {}


def configure(
    *,
    api_url: str | None = None,
    api_key: str | None = None,
    db_path: str | os.PathLike[str] | None = None,
) -> None:
    """Say where all further calls record and read, instead of what the environment says.

    `api_url` is a server's address, such as `https://lab.example.org`, and `api_key` a key for it;
    `db_path` is a database file. Each call replaces what the one before said, and one without arguments
    goes back to the environment. Runs that have begun stay where they are. Raises `InvalidSetting`.
    """
    from modellab.settings import load_settings

    if api_url is not None and db_path is not None:
        raise InvalidInput("Runs are recorded on a server or in a file; give api_url or db_path.")
    given = {"api_url": api_url, "api_key": api_key, "db_path": db_path}
    wanted: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    load_settings(**wanted)  # what is wrong raises here, and nothing has changed
    if os.environ.get("MODELLAB_REPLAY"):  # a run of a pack stays in the store that was made for it
        return
    _configured.clear()
    _configured.update(wanted)


def settle(settings: Settings | None) -> Settings:
    """The settings given, or those of the current folder with what `configure` said."""
    from modellab.settings import load_settings

    if settings is not None:
        return settings
    found = load_settings(**_configured)
    if "db_path" in _configured:
        from dataclasses import replace

        return replace(found, api_url=None, database_url=None)
    return found


class _OpenStore:
    """A store that stays open for the process."""

    def __init__(self, settings: Settings) -> None:
        from modellab.store import open_store  # late: brings SQLAlchemy

        self.store: Store = open_store(settings)
        self._path = settings.db_path if settings.database_url is None else None
        self._identity = self._look()

    def is_good(self) -> bool:
        """Whether the file is still the one that was opened."""
        return self._look() == self._identity

    def _look(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = os.stat(self._path)
        except OSError:
            return (0, 0)
        return (found.st_dev, found.st_ino)


_open: dict[tuple[Path, str | None, Path], _OpenStore] = {}
_remote: dict[tuple[str, str | None], RemoteStore] = {}
_lock = threading.Lock()
_inherited: list[object] = []


def open_local(settings: Settings) -> Store:
    """The project's own store."""
    key = (settings.db_path, settings.database_url, settings.home)
    with _lock:
        known = _open.get(key)
        if known is not None and not known.is_good():
            _open.pop(key).store.close()
            known = None
        if known is None:
            known = _open[key] = _OpenStore(settings)
        return known.store


def open_to_read(settings: Settings | None) -> Store | RemoteStore:
    """What a call reads from: the server of the settings, or the store, after it took in the journals."""
    settings = settle(settings)
    if settings.api_url is None:
        store = open_local(settings)
        store.collector.collect_open()
        _take_in_files(store)
        return store
    from modellab.client.runs import RemoteStore

    key = (settings.api_url, settings.api_key)
    with _lock:
        if key not in _remote:
            _remote[key] = RemoteStore(*key)
        return _remote[key]


def deliver(settings: Settings, run_id: str, writer_id: str) -> None:
    """Bring the journal of a run's writer that has ended to where its settings say."""
    if settings.api_url is None:
        store = open_local(settings)
        store.collector.collect_ended(run_id, writer_id)
        _take_in_files(store)
        return
    from modellab.client.shipping import flush

    flush(settings, run_id)


def _take_in_files(store: Store) -> None:
    """Keep the files that runs have logged; where that fails they wait, and what was asked for goes on."""
    try:
        store.take_in_files()
    except (ModelLabError, OSError) as problem:
        reason = str(problem).splitlines()[0]
        tell(
            f"Files that runs have logged are not kept yet; the next `modellab` command tries again. {reason}"
        )


def close_all() -> None:
    """Close what is open."""
    for known in _open.values():
        known.store.close()
    for remote in _remote.values():
        remote.close()
    _open.clear()
    _remote.clear()


def _forget() -> None:
    # Connections must not be shared with the parent, nor closed here: kept, and not used again.
    global _lock
    _lock = threading.Lock()
    _inherited.extend((*_open.values(), *_remote.values()))
    _open.clear()
    _remote.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
