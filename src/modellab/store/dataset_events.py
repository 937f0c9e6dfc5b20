"""What a journal's `dataset` event says of a dataset; its rows are `dataset_rows.py`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modellab.datasets.description import Description
from modellab.datasets.formats import FORMATS
from modellab.ids import derive_dataset_id
from modellab.records.artifacts import SHA256_PATTERN
from modellab.records.datasets import MAX_COLUMNS, Column, Histogram, ValueCount

_LIMIT = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDataset:
    """A version of a dataset that is to be there; `text` is its description in words."""

    name: str
    sha256: str
    size: int
    description: Description
    project_id: str | None = None
    filename: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    split: str | None = None
    """As which split a run uses it; only journals say so."""

    @property
    def dataset_id(self) -> str:
        """The id that follows from project, name and content."""
        return derive_dataset_id(self.project_id, self.name, self.sha256)


def read_event(event: Mapping[str, Any]) -> NewDataset:
    """What a journal's `dataset` event says; raises `TypeError`, `ValueError` or `KeyError` if too little."""
    sha256, size, format = event["sha256"], event["size"], event["format"]
    if not SHA256_PATTERN.fullmatch(sha256) or format not in FORMATS or not event["name"]:
        raise ValueError(event["name"])
    if size.__class__ is not int or not 0 <= size < _LIMIT:
        raise ValueError(size)
    columns = event.get("columns")
    if columns is not None and len(columns) > MAX_COLUMNS:
        raise ValueError(len(columns))
    return NewDataset(
        name=_text(event["name"]) or "",
        sha256=sha256,
        size=size,
        project_id=_text(event.get("project_id")),
        filename=_text(event.get("filename")),
        split=_text(event.get("split")),
        description=Description(
            format=format,
            n_rows=_count(event.get("n_rows")),
            n_columns=None if columns is None else len(columns),
            columns=None if columns is None else [as_column(column) for column in columns],
            unread=_text(event.get("unread")),
        ),
    )


def as_column(item: Mapping[str, Any]) -> Column:
    """A column as JSON says it; what a newer ModelLab says besides is left out."""
    known = {name: item[name] for name in Column.__dataclass_fields__ if name in item}
    known["top"] = [ValueCount(value=one["value"], count=one["count"]) for one in known.get("top", ())]
    if known.get("histogram") is not None:
        known["histogram"] = Histogram(**{name: known["histogram"][name] for name in ("edges", "counts")})
    return Column(**known)


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(value)
    return value or None


def _count(value: Any) -> int | None:
    if value is not None and (value.__class__ is not int or not 0 <= value < _LIMIT):
        raise ValueError(value)
    return value
