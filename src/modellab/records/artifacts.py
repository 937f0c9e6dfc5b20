"""What an artifact is: a file that a run made, kept by its content; and which paths it may have."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from modellab.errors import InvalidInput

MAX_PATH_LENGTH = 1000
"""Characters in the path of an artifact; each part has at most 255 bytes."""
MAX_PART_BYTES = 255
"""Bytes (UTF-8) of one part of a path, which is what file systems can hold."""

SHA256_PATTERN = re.compile(r"[0-9a-f]{64}")

UNKNOWN_TYPE = "application/octet-stream"
"""The media type of bytes of which no more is known."""

# Python's own table takes in files of the system, and calls a checkpoint `.pt` a page of a game console.
_TEXTS = ("cfg", "conf", "ini", "log", "md", "py", "sh", "toml", "txt", "yaml", "yml")
_TYPES = {
    **dict.fromkeys(_TEXTS, "text/plain"),
    "aac": "audio/aac",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "csv": "text/csv",
    "flac": "audio/flac",
    "gif": "image/gif",
    "gz": "application/gzip",
    "htm": "text/html",
    "html": "text/html",
    "ipynb": "application/x-ipynb+json",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "tsv": "text/tab-separated-values",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "xml": "application/xml",
    "zip": "application/zip",
}
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # format controls that Persian and emoji are written with
_NOT_ON_WINDOWS = frozenset('<>:"|?*')
_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_RULE = "Such as checkpoints/best.pt: parts of at most 255 bytes between single slashes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file of a run under a path such as `checkpoints/best.pt`.

    `is_stored` is false while its bytes are still on the way from the machine that made it.
    """

    run_id: str
    path: str
    sha256: str
    size: int
    media_type: str
    is_stored: bool
    created_at: str


def check_path(path: str) -> str:
    """`path`, if it is one that an artifact can have; else `InvalidInput`.

    It has 1 to 1000 characters: parts between single slashes, none of them `.`, `..`, empty, or over 255
    bytes. Refused is what means something else somewhere: a leading or trailing slash, backslashes, drive
    letters, control characters (also those that turn the direction of text), names that Windows reserves
    or cannot write (with one of `<>:"|?*`), and a path that becomes one of these when its percent signs
    are decoded, however often.
    """
    problem = _find_problem(path) or _find_decoded_problem(path)
    if problem is not None:
        raise InvalidInput(f"The path {_shorten(path)} {problem}.", hint=_RULE)
    return path


def clean_path(path: str) -> str:
    """The path nearest to a file's own that an artifact can have: what is refused becomes `_`.

    `path` is relative, with slashes, and has no `.` or `..` parts. Raises `InvalidInput` if it is too long.
    """
    parts = [_clean_part(part) for part in path.split("/") if part not in ("", ".", "..")]
    cleaned = "/".join(parts)
    return check_path(cleaned.replace("%", "_") if _find_decoded_problem(cleaned) else cleaned)


def check_sha256(text: str) -> str:
    """A SHA-256 as 64 lowercase hex characters, from what a caller wrote; else `InvalidInput`."""
    lowered = text.strip().lower()
    if not SHA256_PATTERN.fullmatch(lowered):
        raise InvalidInput(f"A SHA-256 has 64 hex characters; {_shorten(text)} is none.")
    return lowered


def choose_media_type(path: str, said: str | None = None) -> str:
    """The media type of a file: as it was `said`, if that says something, else as its name has it."""
    if said and said != UNKNOWN_TYPE and _MEDIA_TYPE.fullmatch(said):
        return said
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    return _TYPES.get(ending, UNKNOWN_TYPE)


def _find_problem(path: str) -> str | None:
    if not path:
        return "is empty"
    if len(path) > MAX_PATH_LENGTH:
        return f"has {len(path)} characters; at most {MAX_PATH_LENGTH} are allowed"
    if path[0] == "/" or path[-1] == "/":
        return "begins or ends with a slash"
    if "\\" in path or _DRIVE.match(path):
        return "is one of Windows; its parts are separated by slashes, and it has no drive"
    if any(map(_is_control, path)):
        return "has control characters in it"
    if not _NOT_ON_WINDOWS.isdisjoint(path):
        return 'has one of <>:"|?* in it, which Windows cannot write'
    return next(filter(None, map(_find_part_problem, path.split("/"))), None)


def _find_part_problem(part: str) -> str | None:
    if not part:
        return "has an empty part"
    if part in (".", ".."):
        return f"has the part {part!r}, which leads elsewhere"
    if len(part.encode()) > MAX_PART_BYTES:
        return f"has a part of {len(part.encode())} bytes; at most {MAX_PART_BYTES} are allowed"
    if part[-1] in ". ":
        return "has a part that ends with a dot or a blank, which Windows cannot write"
    if _RESERVED.fullmatch(part.partition(".")[0].rstrip(" ")):
        return f"has the part {part!r}, a name that Windows keeps for a device"
    return None


def _clean_part(part: str) -> str:
    text = "".join("_" if c == "\\" or c in _NOT_ON_WINDOWS or _is_control(c) else c for c in part)
    if text[-1] in ". ":
        text = f"{text[:-1]}_"
    if _RESERVED.fullmatch(text.partition(".")[0].rstrip(" ")):
        text = f"_{text}"
    return text


def _find_decoded_problem(path: str) -> str | None:
    """What is wrong with a path when its percent signs are decoded once, twice, and so on."""
    while (decoded := unquote(path)) != path:
        path = decoded
        problem = _find_problem(path)
        if problem is not None:
            return problem
    return None


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in _CONTROLS and character not in _JOINERS


def _shorten(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")
