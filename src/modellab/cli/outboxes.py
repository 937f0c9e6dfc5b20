"""What is recorded here for servers: how much of it waits, and whether the server of the settings answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modellab.errors import ModelLabError
from modellab.journal.lock import is_alive
from modellab.journal.place import list_all, list_open
from modellab.journal.reader import journal_size
from modellab.settings import Settings

ANSWER_TIMEOUT_S = 2.0
"""How long a server may take to say that it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxState:
    """What was recorded for a server, and what of it that server does not have wholly.

    `n_live` of the `n_waiting` runs are still being recorded, by processes that send them themselves.
    `n_bytes` is the size of journals and files that wait; part of the journals may be sent.
    """

    address: str
    n_runs: int
    n_waiting: int
    n_live: int
    n_files: int
    n_bytes: int

    @property
    def is_stuck(self) -> bool:
        """Whether something waits that no process is about to send."""
        return self.n_waiting > self.n_live or (self.n_files > 0 and not self.n_live)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """The server of the settings; `error` is why it cannot be used."""

    address: str
    error: str | None


def look_at_outboxes(settings: Settings) -> Sequence[OutboxState]:
    """The outboxes of a project, in order of their folders."""
    from modellab.client.outbox import Outbox, list_outboxes

    found = []
    for address, folder in list_outboxes(settings).items():
        outbox = Outbox(folder, address, None)
        waiting = list_open(outbox.journals)
        files = outbox.list_files()
        paths = [ref.path for ref in waiting] + [outbox.spool / name for name in files]
        state = OutboxState(
            address=address,
            n_runs=len({ref.run_id for ref in list_all(outbox.journals)}),
            n_waiting=len({ref.run_id for ref in waiting}),
            n_live=len({ref.run_id for ref in waiting if is_alive(ref.path)}),
            n_files=len(files),
            n_bytes=sum(map(journal_size, paths)),
        )
        if state.n_runs or state.n_files:
            found.append(state)
    return found


def look_at_server(settings: Settings) -> ServerState | None:
    """Whether the server of the settings answers, and takes in the key; `None` if there is none."""
    from modellab.client.connection import Connection

    if settings.api_url is None:
        return None
    connection = Connection(settings.api_url, settings.api_key, timeout_s=ANSWER_TIMEOUT_S)
    try:
        connection.read_json(connection.ask("GET", "/api/modellab/runs", query={"limit": 1}))
    except ModelLabError as problem:
        return ServerState(address=settings.api_url, error=problem.message)
    finally:
        connection.close()
    return ServerState(address=settings.api_url, error=None)


def describe_waiting(outbox: OutboxState) -> str:
    """What waits in an outbox, as in `2 runs and 1 file (3.4 kB)`."""
    from modellab.cli.formats import format_size, plural

    counts = ((outbox.n_waiting, "run"), (outbox.n_files, "file"))
    what = " and ".join(plural(n, noun) for n, noun in counts if n)
    return f"{what} ({format_size(outbox.n_bytes)})"
