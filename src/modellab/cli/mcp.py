"""`modellab mcp`: the assistant's tools for programs that speak MCP."""

from __future__ import annotations

from importlib.util import find_spec

import click

from modellab.cli.access import current_settings, db_option, given_db_path, given_settings, is_there
from modellab.cli.serve import check_server_extra
from modellab.errors import NotFound


@click.command("mcp", short_help="Offer the runs to assistants over MCP.")
@db_option(hidden=True)
def serve_mcp() -> None:
    """Offer tools that read runs, and write notes and flags, to a program that speaks MCP over stdio.

    Such a program starts this command itself; its settings name the command. The runs are those of the
    project, or those of the server that MODELLAB_API_URL names. MODELLAB_AGENT_WRITES=0 leaves reading
    alone. A server offers the same tools at /mcp.

    \b
    Examples:
      modellab mcp
      modellab --db /home/me/study/manifests/manifests.db mcp
    """
    check_mcp_extra()
    from modellab.agent.api import LabAPI  # late: pydantic and what speaks MCP
    from modellab.mcp.stdio import serve_stdio

    settings = given_settings()
    if settings.api_url is not None and given_db_path() is None:
        with LabAPI.at(settings.api_url, settings.api_key) as api:
            serve_stdio(api, with_writing=settings.agent_writes)
        return
    settings = current_settings()
    if not is_there(settings):  # such programs start commands in any folder, which is not to become a project
        raise NotFound(
            f"There are no runs yet: {settings.db_path} is not there.",
            hint="Name the project's database with --db, or a server with MODELLAB_API_URL.",
        )
    check_server_extra()
    from modellab.agent.in_process import open_app
    from modellab.server import create_app

    with open_app(create_app(settings, login=False)) as api:
        serve_stdio(api, with_writing=settings.agent_writes)


def check_mcp_extra() -> None:
    """Raise `NotFound`, saying what to install, if the library that speaks MCP is not there."""
    if find_spec("mcp") is None:
        raise NotFound("MCP needs a package that is not installed: mcp.", hint="pip install 'modellab[mcp]'")
