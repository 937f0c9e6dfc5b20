"""`modellab serve`: the server, in this process."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from modellab.cli.access import current_settings, db_option
from modellab.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modellab.server.logs import LogFormat
    from modellab.settings import Settings

DEFAULT_PORT = 8000

_OWN_ADDRESSES = ("http://127.", "http://[::1]")

port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=DEFAULT_PORT,
    show_default=True,
    help="The port; 0 is any free one.",
)


@click.command("serve", short_help="Start the server.")
@db_option(hidden=True)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on. Any but this machine's own needs an admin, and asks for a login.",
)
@port_option
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Warnings as text, or every request as a line of JSON, on stderr.",
)
def serve_project(host: str, port: int, log_format: LogFormat) -> None:
    """Serve the project's runs over HTTP until Ctrl-C, taking in live runs as they log.

    \b
    Examples:
      modellab serve
      modellab serve --port 8080
      modellab serve --host 0.0.0.0 --log-format json
    """
    start_server(
        current_settings(),
        host=host,
        port=port,
        tries=["/runs?limit=5", "/runs/leaderboard?metric_name=accuracy"],
        log_format=log_format,
    )


def check_server_extra() -> None:
    """Raise `NotFound`, saying what to install, if the server's packages are not there."""
    missing = [name for name in ("fastapi", "uvicorn") if find_spec(name) is None]
    if missing:
        raise NotFound(
            f"The server needs packages that are not installed: {', '.join(missing)}.",
            hint="pip install 'modellab[server]'",
        )


def check_port(port: int) -> None:
    """Raise `InvalidInput` now if the server could not use the port later."""
    import socket

    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise InvalidInput(
            f"Port {port} cannot be used: {error.strerror}.",
            hint="Choose another with --port, or --port 0 for any.",
        ) from error


def start_server(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int,
    tries: Sequence[str],
    more: Sequence[str] = (),
    log_format: LogFormat = "text",
) -> None:
    """Serve until interrupted; prints the address, curl lines for the paths in `tries`, and `more` lines."""
    check_server_extra()
    from modellab.server.serving import serve  # late: FastAPI

    announce = _announce(settings, tries, more)
    serve(settings, host=host, port=port, on_ready=announce, log_format=log_format)


def _announce(settings: Settings, tries: Sequence[str], more: Sequence[str]) -> Callable[[str, bool], None]:
    def announce(address: str, login: bool) -> None:
        lines = [
            f"ModelLab serves {settings.project_name} at {address}",
            "",
            "Try, in another terminal:",
            f"  open {address}/ in a browser",
        ]
        if login:
            lines += _explain_login(is_own=address.startswith(_OWN_ADDRESSES))
        else:
            lines += [f"  curl '{address}{path}'" for path in tries]
        lines += [*(f"  {line}" for line in more), "", "Ctrl-C stops the server."]
        click.echo("\n".join(lines))
        sys.stdout.flush()

    return announce


def _explain_login(*, is_own: bool) -> list[str]:
    lines = ["  modellab keys add USER  makes a key, which programs send as 'Authorization: Bearer KEY'"]
    if is_own:
        return lines
    return [
        *lines,
        "",
        "Passwords and keys travel as they are: put TLS before this server (docs/guides/serve-a-team.md).",
    ]
