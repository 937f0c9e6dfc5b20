"""Params, tags and returned values as plain JSON: what cannot be JSON is recorded by its `repr`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import orjson

from modellab.capture.redaction import MASK, is_secret_name, mask_tokens
from modellab.errors import InvalidInput, InvalidMetric
from modellab.ids import FOREIGN_ID_PATTERN, derive_project_id, digest_text
from modellab.journal.line import check_name, clean_unicode, encode_value, to_number
from modellab.records import MAX_NOTE_LENGTH, MAX_PARAM_LENGTH
from modellab.records.projects import MAX_DESCRIPTION_LENGTH

_KEPT_LENGTH = 1000
_MAX_DEPTH = 20
_MAX_ITEMS = 10_000


class PlainParams:
    """Params as JSON values, and the names of those that are not recorded as they were."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.values: dict[str, Any] = {}
        self.by_repr: list[str] = []
        self.shortened: list[str] = []
        for name, value in params.items():
            hidden = isinstance(value, str) and value and is_secret_name(check_label(name, "param"))
            self.values[check_label(name, "param")] = MASK if hidden else self._plain(name, value)

    def notice(self) -> str | None:
        """A sentence about what is not recorded as it was, if anything."""
        parts = []
        if self.by_repr:
            parts.append(f"{', '.join(self.by_repr)}: no JSON value or too large for one, recorded by repr")
        if self.shortened:
            parts.append(
                f"{', '.join(self.shortened)}: longer than {MAX_PARAM_LENGTH} characters, recorded shortened"
            )
        return f"Params {'; '.join(parts)}." if parts else None

    def _plain(self, name: str, value: Any) -> Any:
        counter = [0]
        try:
            plain = _to_json(value, 0, counter)
            text = orjson.dumps(plain)
        except Exception:  # also what the value itself raises when it is looked into
            self.by_repr.append(name)
            plain = _repr(value)
            text = plain.encode("utf-8", "replace")
        if len(text) <= MAX_PARAM_LENGTH:
            return plain
        self.shortened.append(name)
        whole = plain if isinstance(plain, str) else text.decode("utf-8", "replace")
        return f"{whole[:_KEPT_LENGTH]}… ({len(whole)} characters, SHA-256 {digest_text(whole)})"


class _NotJson(Exception):
    pass


def _to_json(value: Any, depth: int, counter: list[int]) -> Any:
    counter[0] += 1
    if depth > _MAX_DEPTH or counter[0] > _MAX_ITEMS:
        raise _NotJson
    if value is None or isinstance(value, (bool, str)):
        return clean_unicode(mask_tokens(str.__str__(value))) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value) if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, float):
        return encode_value(float(value))
    if isinstance(value, os.PathLike):
        return clean_unicode(os.fsdecode(value))
    if isinstance(value, Mapping):
        return {clean_unicode(str(key)): _to_item(key, item, depth, counter) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_json(item, depth + 1, counter) for item in value]
    if isinstance(value, (set, frozenset)):
        return [_to_json(item, depth + 1, counter) for item in sorted(value, key=repr)]
    return _scalar_or_fields(value, depth, counter)


def _to_item(key: Any, item: Any, depth: int, counter: list[int]) -> Any:
    if isinstance(item, str) and item and is_secret_name(str(key)):
        return MASK
    return _to_json(item, depth + 1, counter)


def _scalar_or_fields(value: Any, depth: int, counter: list[int]) -> Any:
    """Scalars of NumPy and others, members of enums, and dataclasses."""
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        return _to_json(value.item(), depth + 1, counter)
    names = getattr(type(value), "__dataclass_fields__", None)
    if names is not None:
        return {name: _to_json(getattr(value, name), depth + 1, counter) for name in names}
    if hasattr(type(value), "__members__") and hasattr(value, "value"):
        return _to_json(value.value, depth + 1, counter)
    raise _NotJson


def _repr(value: Any) -> str:
    try:
        return clean_unicode(mask_tokens(repr(value)))
    except Exception as error:
        return f"<{type(value).__qualname__}: its repr raised {type(error).__name__}>"


def check_label(name: Any, what: str) -> str:
    """`name`, if it can name a run, param or tag: 1 to 250 printable characters; else `InvalidInput`."""
    try:
        return str.__str__(check_name(name, what))
    except InvalidMetric as error:
        raise InvalidInput(error.message, hint=error.hint) from None


def check_project_id(project_id: Any) -> str:
    """`project_id`, if it can name a project: 1 to 128 letters, digits, dots, hyphens, underscores."""
    if not isinstance(project_id, str):
        raise InvalidInput(f"A project id must be text, not {type(project_id).__name__}.")
    if not FOREIGN_ID_PATTERN.fullmatch(project_id):
        raise InvalidInput(
            f"A project id may not be {project_id[:60]!r}: it has 1 to 128 letters (a-z, A-Z), digits, dots, "
            "hyphens and underscores, a letter or digit first.",
            hint=f"For example {derive_project_id(str.__str__(project_id))}.",
        )
    return str.__str__(project_id)  # also of numpy.str_ and (str, Enum), which JSON does not take


def check_note(note: Any) -> str:
    """`note`, if it is text of at most 100 000 characters; else `InvalidInput`."""
    if not isinstance(note, str):
        raise InvalidInput(f"A note is text, not {type(note).__name__}.")
    if len(note) > MAX_NOTE_LENGTH:
        raise InvalidInput(f"The note has {len(note)} characters; at most {MAX_NOTE_LENGTH} are allowed.")
    return clean_unicode(note)


def check_description(description: Any) -> str | None:
    """`description`, if it is text of at most 20 000 characters, or nothing; else `InvalidInput`."""
    if description is not None and not isinstance(description, str):
        raise InvalidInput(f"A description is text, not {type(description).__name__}.")
    if description and len(description) > MAX_DESCRIPTION_LENGTH:
        raise InvalidInput(
            f"The description has {len(description)} characters; "
            f"at most {MAX_DESCRIPTION_LENGTH} are allowed."
        )
    return clean_unicode(description) if description else None


def plain_config(config: Any) -> dict[str, Any]:
    """A config as JSON, secrets hidden; raises `InvalidInput` if it is no dict or too large to be a param."""
    if not isinstance(config, Mapping):
        raise InvalidInput(f"A config must be a dict of names and values, not {type(config).__name__}.")
    found = PlainParams({"config": config})
    if found.shortened or found.by_repr:
        raise InvalidInput(
            "The config is too large or no JSON: it may have "
            f"{MAX_PARAM_LENGTH} characters, 10 000 values and 20 levels.",
            hint="Keep a larger one as an artifact.",
        )
    plain: dict[str, Any] = found.values["config"]
    return plain


def plain_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    """Tags as text by name; raises `InvalidInput` for what is no mapping or has no name."""
    if not isinstance(tags, Mapping):
        raise InvalidInput(f"Tags must be a dict of names and text, not {type(tags).__name__}.")
    return {
        check_label(name, "tag"): clean_unicode(mask_tokens(str(value)))[:MAX_PARAM_LENGTH]
        for name, value in tags.items()
    }


class Returned:
    """What a training function returned, read as final metrics and artifacts.

    Understood are `{"final_metrics": …, "artifacts": …}`, the same with `"metrics"`, a tuple of metrics
    and artifacts, and a flat dict of numbers. Anything else is no result and says nothing.
    """

    def __init__(self, value: Any) -> None:
        self.metrics: dict[str, float | str] = {}
        self.artifacts: list[str] = []
        self.ignored: list[str] = []
        metrics, artifacts = _split(value)
        for name, number in metrics.items():
            try:
                self.metrics[check_name(name, "metric")] = encode_value(to_number(str(name), number))
            except Exception:  # no number, or an object that raises when it is asked
                self.ignored.append(str(name)[:80])
        for path in artifacts:
            if isinstance(path, (str, os.PathLike)):
                self.artifacts.append(os.fsdecode(path))
            else:
                self.ignored.append(_repr(path)[:80])


def _split(value: Any) -> tuple[Mapping[Any, Any], list[Any]]:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Mapping):
        return (value[0], _as_list(value[1])) if _are_paths(value[1]) else ({}, [])
    if not isinstance(value, Mapping):
        return {}, []
    for name in ("final_metrics", "metrics"):
        if isinstance(value.get(name), Mapping):
            return value[name], _as_list(value.get("artifacts"))
    if "artifacts" in value and _are_paths(value["artifacts"]):
        rest = {name: item for name, item in value.items() if name != "artifacts"}
        return rest, _as_list(value["artifacts"])
    # A flat dict is a result if it has numbers; a dict of other things is not meant for us.
    return (value, []) if any(_is_number(item) for item in value.values()) else ({}, [])


def _are_paths(value: Any) -> bool:
    return value is None or isinstance(value, (str, os.PathLike, list, tuple, Mapping))


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, (str, os.PathLike)):
        return [value]
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _is_number(value: Any) -> bool:
    try:
        to_number("", value)
    except Exception:
        return False
    return True
