"""The command line `modellab`: tables for people, `--json` for programs.

One file a noun; `commands.py` puts them together. Rich, SQLAlchemy and the store are imported inside
the commands that need them, so that `modellab --help` answers at once.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit code: 0 fine, 1 not there or not usable, 2 wrong input."""
    import sys

    from modellab.cli.commands import modellab
    from modellab.cli.errors import run_command

    sys.exit(run_command(modellab))
