"""What a run says of itself when it starts."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modellab.journal.line import FORMAT_VERSION
from modellab.journal.writer import JournalWriter


def describe_start(writer: JournalWriter, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the start event: the process's own, and those that the run was given."""
    own = {
        "version": FORMAT_VERSION,
        "run_id": writer.run_id,
        "started_us": time.time_ns() // 1000,
        "pid": os.getpid(),
        "hostname": socket.gethostname(),
        "locked": writer.locked,
    }
    return {**own, **{name: value for name, value in fields.items() if value is not None}}


def find_code(root: Path) -> Path:
    """Where the running code's repository may be: the project's root, else the script's folder."""
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if script and not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return Path(script).absolute().parent
    return root
