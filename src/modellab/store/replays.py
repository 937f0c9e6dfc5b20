"""How runs can be started again, among the texts: facts and a pointer to the code under the run's id.

The code itself is there once by content, as many runs have the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, bindparam, literal, select

from modellab.ids import digest_text
from modellab.records.repro import Replay, is_safe_path
from modellab.store.json_columns import decode_json
from modellab.store.tables import runs, texts

_FACTS, _CODE = "replay:", "code:"

_TEXT = select(texts.c.body).where(texts.c.digest == bindparam("digest_"))


def select_used_texts() -> list[Select[Any]]:
    """The names of the texts that runs have here, for whoever removes those that no run has any more."""
    facts, pointers = (select(literal(prefix) + runs.c.run_id) for prefix in (_FACTS, _CODE))
    return [facts, pointers, select(texts.c.body).where(texts.c.digest.in_(pointers))]


def list_replay_texts(run_id: str, event: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of texts that a `context` event has for a replay; those that are there already stay."""
    rows = []
    if isinstance(event.get("code"), str):
        code = _clean(event["code"])
        digest = digest_text(code)
        rows += [{"digest": digest, "body": code}, {"digest": f"{_CODE}{run_id}", "body": digest}]
    if isinstance(event.get("replay"), str):
        rows.append({"digest": f"{_FACTS}{run_id}", "body": _clean(event["replay"])})
    return rows


def fetch_replay(connection: Connection, run_id: str) -> Replay | None:
    """What is kept of how a run can be started again. What has another shape than it should is left out."""
    body = _read_text(connection, f"{_FACTS}{run_id}")
    if body is None:
        return None
    facts = decode_json(body, dict)
    code = _read_text(connection, _read_text(connection, f"{_CODE}{run_id}"))
    position = facts.get("script_position")
    origins = facts.get("origins") if isinstance(facts.get("origins"), dict) else {}
    return Replay(
        arguments=_list_texts(facts.get("arguments")),
        script=_as_path(facts.get("script")),
        script_position=position if position.__class__ is int and position > 0 else None,
        folder="." if facts.get("folder") == "." else _as_path(facts.get("folder")),
        root=_as_text(facts.get("root")),
        in_repository=facts.get("in_repository") is True,
        remote=_as_text(facts.get("remote")),
        environment=_map_texts(facts.get("environment")),
        origins={k: v for k, v in origins.items() if isinstance(v, dict)},
        import_roots=[
            path for path in _list_texts(facts.get("import_roots")) if path == "." or is_safe_path(path)
        ],
        code={path: text for path, text in _map_texts(decode_json(code, dict)).items() if is_safe_path(path)},
        code_left_out=_list_texts(facts.get("code_left_out")),
    )


def _read_text(connection: Connection, digest: str | None) -> str | None:
    found: str | None = connection.execute(_TEXT, {"digest_": digest}).scalar_one_or_none()
    return found


def _clean(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL cannot keep it


def _as_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _as_path(value: Any) -> str | None:
    return value if isinstance(value, str) and is_safe_path(value) else None


def _list_texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _map_texts(value: Any) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}
