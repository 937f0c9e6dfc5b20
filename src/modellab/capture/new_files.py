"""Files that git does not know yet, as the patch that would add them: bounded, text only, no secrets."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence

MAX_NEW_FILES = 100
"""New files that are written out in a diff."""
MAX_NEW_TEXT = 256 * 1024
"""Bytes of all new files together that are written out in a diff."""
MAX_NEW_FILE = 64 * 1024
"""Bytes of one new file that is written out in a diff: code, rather than data."""

_BINARY_PROBE = 8_000  # where git looks for a zero byte


def build_new_files_patch(top: str, paths: Iterable[str]) -> tuple[str, list[str]]:
    """The patch that adds the files at `paths` under `top`, and the paths that it leaves out.

    Left out are binary files, links, folders and whatever exceeds the bounds. Files near the root come
    first, because that is where code lies more often than output.
    """
    parts: list[str] = []
    left_out: list[str] = []
    room = MAX_NEW_TEXT
    for path in sorted(paths, key=lambda path: (path.count("/"), path)):
        is_over = len(parts) == MAX_NEW_FILES
        content = None if is_over else _read_text(f"{top}/{path}", min(room, MAX_NEW_FILE))
        if content is None:
            left_out.append(path)
            continue
        data, mode = content
        room -= len(data)
        parts.append(_add_file(path, data.decode("utf-8", "replace"), mode))
    return "".join(parts), left_out


def quote_path(path: str) -> str:
    """A path as git writes it: in quotes with octal escapes if it is not plain ASCII."""
    data = os.fsencode(path)
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in data):
        return path
    return '"' + "".join(map(_quote_byte, data)) + '"'


def list_paths(paths: Sequence[str], *, at_most: int = 100) -> str:
    """Paths in one line of text, the first `at_most` of them and the number of the others."""
    shown = ", ".join(quote_path(path) for path in paths[:at_most])
    return f"{shown} and {len(paths) - at_most} more" if len(paths) > at_most else shown


def _quote_byte(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    if 0x20 <= byte < 0x7F:
        return chr(byte)
    return {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}.get(byte, f"\\{byte:03o}")


def _read_text(path: str, room: int) -> tuple[bytes, str] | None:
    """A regular text file's bytes and git mode; `None` for anything else or more than `room` bytes."""
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None  # opening a pipe or a device can have effects
        descriptor = os.open(path, flags)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > room:
                return None
            data = file.read(room + 1)
    except (OSError, ValueError):
        return None
    if len(data) > room or b"\0" in data[:_BINARY_PROBE]:
        return None
    return data, "100755" if status.st_mode & stat.S_IXUSR else "100644"


def _add_file(path: str, text: str, mode: str) -> str:
    old, new = quote_path("a/" + path), quote_path("b/" + path)
    head = f"diff --git {old} {new}\nnew file mode {mode}\nindex 0000000..0000000\n"
    if not text:
        return head
    lines = text.split("\n")
    ending = "\n"
    if lines[-1] == "":
        lines.pop()
    else:
        ending = "\n\\ No newline at end of file\n"
    tab = "\t" if " " in new else ""  # tells where a name with spaces ends
    body = "\n".join("+" + line for line in lines)
    return f"{head}--- /dev/null\n+++ {new}{tab}\n@@ -0,0 +1,{len(lines)} @@\n{body}{ending}"
