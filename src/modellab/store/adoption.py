"""Takes over the rows of a table `manifests` that AI-Lab's own logger, or other hands, have written.

Nothing is refused: text that is no UTF-8 and JSON that is none are kept as far as they can be read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, inspect, text, update
from sqlalchemy.exc import DBAPIError

from modellab.journal.line import clean_unicode, encode_value
from modellab.records import MANIFEST_COLUMNS
from modellab.store.engine import Database
from modellab.store.tables import runs

_JSON_COLUMNS = ("params_json", "final_metrics_json", "artifacts_json")
_INSERT = text(
    f"INSERT INTO manifests ({', '.join(MANIFEST_COLUMNS)}) "
    f"VALUES ({', '.join(f':{name}' for name in MANIFEST_COLUMNS)})"
)


def adopt_rows(connection: Connection, database: Database) -> None:
    """Put the rows of `manifests_adopted` into the new tables, through the same trigger as any INSERT."""
    there = {column["name"] for column in inspect(connection).get_columns("manifests_adopted")}
    columns = [name for name in MANIFEST_COLUMNS if name in there]
    selected = ", ".join(f"{database.as_bytes(name)} AS {name}" for name in columns)
    found = connection.execute(text(f"SELECT {selected} FROM manifests_adopted")).mappings()
    originals = [{name: _as_text(row.get(name)) for name in MANIFEST_COLUMNS} for row in found]
    if not originals:
        return
    rows = [_as_readable(row) for row in originals]
    try:
        with connection.begin_nested():
            connection.execute(_INSERT, rows)
    except DBAPIError:
        for row in rows:
            _adopt_row(connection, row)
    for row, original in zip(rows, originals, strict=True):
        _restore(connection, row, original)


def _adopt_row(connection: Connection, row: Mapping[str, Any]) -> None:
    try:
        with connection.begin_nested():
            connection.execute(_INSERT, row)
    except DBAPIError:
        # Something in its JSON: the run is kept, and the JSON as text, which filters do not see.
        connection.execute(_INSERT, {**row, **dict.fromkeys(_JSON_COLUMNS)})
        unread = {name: row[name] for name in _JSON_COLUMNS}
        connection.execute(update(runs).where(runs.c.run_id == row["run_id"]).values(unread))


def _restore(connection: Connection, row: Mapping[str, Any], original: Mapping[str, Any]) -> None:
    """Put back the JSON as it was written: the scripts that wrote it read it."""
    changed = {name: original[name] for name in _JSON_COLUMNS if row[name] != original[name]}
    kept = {name: body for name, body in changed.items() if "\\ud" not in body.lower()}
    if kept and row["run_id"] is not None:
        connection.execute(update(runs).where(runs.c.run_id == row["run_id"]).values(kept))


def _as_readable(row: Mapping[str, Any]) -> dict[str, Any]:
    # No time is not now: such a run comes last in a list.
    return {
        **row,
        "timestamp": row["timestamp"] or "",
        **{name: read_json(row[name]) for name in _JSON_COLUMNS},
    }


def _as_text(value: Any) -> str | None:
    if isinstance(value, (bytes, memoryview)):
        value = bytes(value).decode("utf-8", "replace")
    return None if value is None else str(value).replace("\x00", "\N{REPLACEMENT CHARACTER}")


def read_json(body: str | None) -> str | None:
    """`body` as JSON that every reader takes; as it is if it already is that, or is no JSON at all.

    Python writes NaN and ±inf as words of its own, and reads lone surrogates and names that stand twice.
    """
    if body is None:
        return None
    repeated = False

    def collect(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        repeated = repeated or len(dict(pairs)) < len(pairs)
        return dict(pairs)

    try:
        value = json.loads(body, object_pairs_hook=collect)
        if not repeated and _is_sound(body):
            return body
        return orjson.dumps(_plain(value)).decode()
    except (ValueError, TypeError, RecursionError):
        return body


def _is_sound(body: str) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return encode_value(value)
    if isinstance(value, str):
        return clean_unicode(value)
    if isinstance(value, dict):
        return {clean_unicode(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
