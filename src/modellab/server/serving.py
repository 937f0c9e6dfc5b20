"""Runs the server in this process until it is told to stop."""

from __future__ import annotations

import errno
import gc
import ipaddress
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

import uvicorn

from modellab.errors import InvalidInput
from modellab.server.application import create_app
from modellab.server.logs import LogFormat, write_json_logs
from modellab.server.patience import PatientProtocol
from modellab.settings import Settings
from modellab.store import Store, open_store

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SHUTDOWN_TIMEOUT_S = 5
"""How long requests in progress are waited for at the end."""
KEEP_ALIVE_S = 75
"""How long an idle connection is kept; longer than clients keep theirs, so that they end it first."""
MAX_CONNECTIONS = 1000
"""Connections at one time; requests on more are answered with a plain 503."""

_SWITCH_S = 0.001  # a request gets its turn sooner beside a thread that is busy collecting


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    on_ready: Callable[[str, bool], None] | None = None,
    log_format: LogFormat = "text",
) -> None:
    """Serve a project until SIGINT or SIGTERM, then finish what is in progress and return.

    Port 0 takes any free one; `on_ready` is called once requests are answered, with the address, and
    whether a login is asked for. An
    address that other machines can reach needs a user who is an admin, and every caller must then say who
    it is. Raises `InvalidInput` for an address that cannot or must not be used, and what `open_store`
    raises.
    """
    address = _read_host(host)
    with _listen(address, port) as listener:
        store = open_store(settings)
        try:
            if address.is_loopback:
                login = _asks_for_login(store, settings)
            else:
                login = _check_login(store, settings, host)
            app = create_app(settings, store=store, login=login)
        except BaseException:
            store.close()
            raise
        if log_format == "json":
            write_json_logs()
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        )
        # The app's thousands of objects stay for good: searching them for garbage only costs pauses.
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(_SWITCH_S)
        announce = None if on_ready is None else partial(on_ready, _address(listener), login)
        _Server(config, announce).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it is ready, and counts being told to stop as success."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_ready is not None:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # Unlike uvicorn's own, this does not raise the signal again when all is done.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        wanted = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _asks_for_login(store: Store, settings: Settings) -> bool:
    """Whether a server that listens on this machine alone asks for a login.

    By itself only if it also answers to other names, as behind a proxy, and somebody could log in.
    """
    if settings.login is not None:
        return settings.login
    return bool(settings.allowed_hosts) and store.accounts.has_enabled_user()


def _check_login(store: Store, settings: Settings, host: str) -> bool:
    """True: other machines are asked for a login. Raises `InvalidInput` where nobody could log in."""
    if settings.login is False:
        raise InvalidInput(
            f"MODELLAB_LOGIN is 0, and the host {host!r} can be reached from other machines.",
            hint="Take the setting away, or listen on 127.0.0.1.",
        )
    if not store.accounts.has_enabled_user(admin=True):
        raise InvalidInput(
            f"The host {host!r} can be reached from other machines, and no admin is there yet to log in.",
            hint="modellab users add NAME --role admin",
        )
    return True


def _listen(address: Address, port: int) -> socket.socket:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    both = address == ipaddress.IPv6Address("::") and socket.has_dualstack_ipv6()
    if not 0 <= port <= 65535:
        raise InvalidInput(f"The port is {port}; it may be 1 to 65535, or 0 for any free one.")
    try:
        return socket.create_server((str(address), port), family=family, backlog=2048, dualstack_ipv6=both)
    except OSError as error:
        raise _refuse(str(address), port, error) from error


def _read_host(host: str) -> Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        raise InvalidInput(
            f"The host is {host!r}; it may be localhost or an address of this machine in numbers.",
            hint="127.0.0.1 is for this machine alone, 0.0.0.0 for all that can reach it.",
        ) from None


def _refuse(host: str, port: int, error: OSError) -> InvalidInput:
    if error.errno == errno.EADDRINUSE:
        return InvalidInput(
            f"Port {port} is in use by another program.",
            hint="Choose another with --port, or --port 0 for any.",
        )
    if error.errno == errno.EACCES:
        return InvalidInput(
            f"Port {port} is kept for the system's administrator.", hint="Choose one above 1023 with --port."
        )
    return InvalidInput(f"The server cannot listen on {host}, port {port}: {error.strerror or error}.")


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
