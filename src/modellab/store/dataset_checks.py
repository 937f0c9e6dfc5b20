"""What people may say of a dataset: checked before anything of it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modellab.errors import InvalidInput
from modellab.records.projects import MAX_TAGS
from modellab.store.json_columns import decode_json, encode_json
from modellab.store.projects import check_description
from modellab.tracking.values import check_label, check_project_id, plain_tags

_CHANGEABLE = frozenset({"name", "description", "tags"})


def check_upload(
    name: str, project_id: str | None, tags: Mapping[str, Any] | None, text: str | None
) -> dict[str, Any]:
    """What is said of a dataset that is to be added, if all of it can be recorded; else `InvalidInput`."""
    return {
        "name": check_label(name, "dataset"),
        "project_id": None if project_id is None else check_project_id(project_id),
        "tags": _check_tags(plain_tags(tags or {})),
        "text": check_description(text),
    }


def check_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a change of a dataset sets, besides its name and tags; else `InvalidInput`."""
    unknown = sorted(set(changes) - _CHANGEABLE)
    if unknown:
        raise InvalidInput(f"A dataset has no {', '.join(unknown)} that can be changed.")
    if "description" not in changes:
        return {}
    return {"description": check_description(changes["description"])}


def merge_tags(before: str | None, changes: Mapping[str, Any]) -> str:
    """The `tags_json` after a change: tags are added, and one whose value is `None` is taken away."""
    gone = {check_label(name, "tag") for name, value in changes.items() if value is None}
    merged = decode_json(before, dict) | plain_tags({k: v for k, v in changes.items() if v is not None})
    return encode_json(_check_tags({name: value for name, value in merged.items() if name not in gone}))


def _check_tags(tags: Mapping[str, str]) -> dict[str, str]:
    if len(tags) > MAX_TAGS:
        raise InvalidInput(f"The dataset would have {len(tags)} tags; at most {MAX_TAGS} are allowed.")
    return dict(tags)
