"""What requests and answers about datasets hold."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from modellab.datasets.description import PART_ROWS
from modellab.records import MAX_NAME_LENGTH
from modellab.records.datasets import PREVIEW_ROWS, ColumnChange
from modellab.records.projects import MAX_DESCRIPTION_LENGTH, MAX_TAGS
from modellab.server.bodies.artifacts import SUM_PATTERN
from modellab.server.bodies.values import Body, Number, PageQuery, Query, TagValue, Text

ColumnType = Literal["integer", "number", "boolean", "text", "date", "datetime", "list", "object"]
Format = Literal["csv", "json", "jsonl", "parquet", "other"]

_SUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ID = "0c4f1e29b7d358618b2f6c3a1d40e57a"
_PROJECT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
_COLUMN: dict[str, Any] = {
    "name": "sepal_length",
    "type": "number",
    "n_missing": 0,
    "n_unique": 35,
    "min": 4.3,
    "max": 7.9,
    "mean": 5.84,
    "top": [],
    "examples": [5.1, 4.9, 4.7, 4.6, 5.0],
    "histogram": {"edges": [4.3, 6.1, 7.9], "counts": [89, 61]},
}
_DATASET: dict[str, Any] = {
    "dataset_id": _ID,
    "name": "iris",
    "version": 2,
    "parent_id": "f872c7d9034a6be118b2f6c3b5e81f20",
    "project_id": "iris-study",
    "description": "Fisher's irises.",
    "tags": {"source": "uci"},
    "filename": "iris.csv",
    "format": "csv",
    "sha256": _SUM,
    "size": 4551,
    "is_stored": True,
    "n_rows": 150,
    "n_columns": 1,
    "columns": [_COLUMN],
    "unread": None,
    "changes": {
        "n_rows": 10,
        "n_columns": 0,
        "added_columns": [],
        "removed_columns": [],
        "retyped_columns": [],
    },
    "n_runs": 3,
    "n_runs_of_all_versions": 11,
    "created_at": "2026-11-20T09:30:00.000000+00:00",
    "updated_at": "2026-11-20T09:30:00.000000+00:00",
    "deleted_at": None,
}


class ProjectDatasetQuery(PageQuery):
    """Which datasets of a project to list."""

    name: Text | None = Field(None, description="Of exactly this name.", examples=["iris"])
    search: Text | None = Field(
        None, description="Found in the name or the id, in any letter case.", examples=["iris"]
    )
    all_versions: bool = Field(
        False, description="Every version, rather than the newest one of each name.", examples=[True]
    )


class DatasetQuery(ProjectDatasetQuery):
    """Which datasets to list."""

    project_id: Text | None = Field(None, description="In exactly this project.", examples=["iris-study"])


class DatasetUploadQuery(Query):
    """What a form would say besides the file, for a file that is the whole body."""

    name: Text | None = Field(
        None,
        max_length=MAX_NAME_LENGTH,
        description="The dataset's name; without one, that of the file without its ending.",
        examples=["iris"],
    )
    project_id: str | None = Field(
        None, pattern=_PROJECT_PATTERN, description="The project it belongs to.", examples=["iris-study"]
    )
    filename: Text | None = Field(
        None,
        max_length=MAX_NAME_LENGTH,
        description="The file's name, whose ending tells its format.",
        examples=["iris.csv"],
    )
    sha256: str | None = Field(
        None,
        pattern=SUM_PATTERN,
        description="The SHA-256 that the bytes must have; else nothing is kept.",
        examples=[_SUM],
    )


class DatasetChangeBody(Body):
    """What to change of a dataset; what is not given stays."""

    name: Text | None = Field(
        None,
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        description="The new name, for all versions.",
        examples=["iris"],
    )
    description: Text | None = Field(
        None,
        max_length=MAX_DESCRIPTION_LENGTH,
        description="The new description; null removes it.",
        examples=["Fisher's irises."],
    )
    tags: dict[str, TagValue | None] | None = Field(
        None,
        max_length=MAX_TAGS,
        description="Added to the tags that are there; one that is null is removed.",
        examples=[{"source": "uci", "old": None}],
    )


class PreviewQuery(Query):
    """How much of a dataset to show."""

    n: int = Field(PREVIEW_ROWS, ge=1, le=PREVIEW_ROWS, description="The most rows.", examples=[10])


class ValueCountBody(BaseModel):
    """How often a value occurs."""

    value: Any = Field(description="The value, cut to 200 characters.", examples=["setosa"])
    count: int = Field(description="How many rows have it.", examples=[50])


class HistogramBody(BaseModel):
    """How numbers are spread."""

    edges: list[float] = Field(description="From the least number to the greatest, one more than `counts`.")
    counts: list[int] = Field(description="How many numbers lie between neighbouring edges.")

    model_config = ConfigDict(json_schema_extra={"examples": [_COLUMN["histogram"]]})


class ColumnBody(BaseModel):
    """One column. NaN counts as missing; a value that is not finite is a string, such as `"inf"`."""

    name: str = Field(description="Its name; different from all others.")
    type: ColumnType = Field(description="What its values are.")
    n_missing: int = Field(description="Rows without a value.")
    n_unique: int | None = Field(
        description="Different values: exact of files up to 512 MiB, else an estimate; "
        "null for lists and objects."
    )
    min: Any = Field(description="The least number or time.")
    max: Any = Field(description="The greatest number or time.")
    mean: Number | None = Field(description="The mean of numbers, as a float.")
    top: list[ValueCountBody] = Field(
        description="The most frequent values of text and booleans, at most 10."
    )
    examples: list[Any] = Field(description="Up to 5 different values from the first rows.")
    histogram: HistogramBody | None = Field(
        description="Up to 20 bins of numbers; null where they are not all finite, of tables with more than "
        "500 columns, and of what an older ModelLab described."
    )

    model_config = ConfigDict(json_schema_extra={"examples": [_COLUMN]})


class DatasetChangesBody(BaseModel):
    """What is different from the version before."""

    n_rows: int = Field(description="Rows more, or fewer if negative.")
    n_columns: int = Field(description="Columns more, or fewer if negative.")
    added_columns: list[str] = Field(description="Names that are new.")
    removed_columns: list[str] = Field(description="Names that are gone.")
    retyped_columns: list[str] = Field(description="Names whose columns have another type.")


class DatasetBody(BaseModel):
    """One version of a dataset."""

    dataset_id: str = Field(description="Its id; it follows from project, name and content.")
    name: str = Field(description="Its name, which all versions share.")
    version: int = Field(description="1 for the first of its name, and so on.")
    parent_id: str | None = Field(description="The version before.")
    project_id: str | None = Field(description="The project it belongs to.")
    description: str | None = Field(description="What it is.")
    tags: dict[str, str] = Field(description="Text by name.")
    filename: str | None = Field(description="What the file was called.")
    format: Format = Field(description="What it was read as.")
    sha256: str = Field(description="The SHA-256 of all its bytes, in hex.")
    size: int = Field(description="Its bytes.")
    is_stored: bool = Field(description="Whether the bytes are here.")
    n_rows: int | None = Field(description="Rows; null while they are not counted.")
    n_columns: int | None = Field(description="Columns; null while they are not read.")
    columns: list[ColumnBody] | None = Field(
        description="The columns; null in lists, and while they are not read."
    )
    unread: str | None = Field(
        description="Why the columns are not read, or what was not read as it stands in the file."
    )
    changes: DatasetChangesBody | None = Field(description="What is different from the version before.")
    n_runs: int = Field(description="Runs that used this version.")
    n_runs_of_all_versions: int = Field(description="Runs that used any version of its name.")
    created_at: str = Field(description="When it was added.")
    updated_at: str = Field(description="When its metadata was last changed.")
    deleted_at: str | None = Field(description="When it was put into the trash.")

    model_config = ConfigDict(json_schema_extra={"examples": [_DATASET]})


class DifferenceQuery(Query):
    """What to compare with."""

    other: Text | None = Field(
        None, description="The other dataset; if it is not given, the version before.", examples=[_ID]
    )


class ColumnDifferenceBody(BaseModel):
    """A column that is not the same."""

    name: str = Field(description="Its name.", examples=["sepal_length"])
    change: ColumnChange = Field(
        description="`retyped` has another type, `changed` other values.", examples=["changed"]
    )
    before: ColumnBody | None = Field(description="As it was; null where it is new.")
    after: ColumnBody | None = Field(description="As it is; null where it is gone.")


class DatasetDifferenceBody(BaseModel):
    """What is different from the other dataset to this one."""

    dataset_id: str = Field(description="This one.", examples=[_ID])
    other_id: str = Field(description="The other one.", examples=["f872c7d9034a6be118b2f6c3b5e81f20"])
    is_same_content: bool = Field(description="Whether both have the very same bytes.", examples=[False])
    size: int = Field(description="Bytes more, or fewer if negative.", examples=[310])
    n_rows: int | None = Field(description="Rows more; null where rows are not counted.", examples=[10])
    n_unchanged: int | None = Field(description="Columns of which nothing is different.", examples=[3])
    columns: list[ColumnDifferenceBody] | None = Field(
        description="The other columns, those that are gone at the end; null while columns are not read."
    )


class AddedDatasetBody(DatasetBody):
    """A dataset, and whether it is new."""

    is_new: bool = Field(description="False if the very same bytes were there under that name.")

    model_config = ConfigDict(json_schema_extra={"examples": [{**_DATASET, "is_new": True}]})


class DatasetPageBody(BaseModel):
    """A page of datasets."""

    items: list[DatasetBody] = Field(description="Datasets, newest first, without their columns.")
    next_cursor: str | None = Field(description="Asks for the next page; null on the last.", examples=[None])


class VersionListBody(BaseModel):
    """The versions of a name."""

    items: list[DatasetBody] = Field(description="Versions, newest first, without their columns.")


class DatasetUseBody(BaseModel):
    """That a run used a dataset."""

    run_id: str = Field(description="The run.", examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"])
    dataset_id: str = Field(description="The dataset.", examples=[_ID])
    name: str = Field(description="The dataset's name.", examples=["iris"])
    version: int = Field(description="The dataset's version.", examples=[2])
    split: str | None = Field(description="What the run used it for.", examples=["test"])
    sha256: str = Field(description="The SHA-256 of the dataset.", examples=[_SUM])


class UsePageBody(BaseModel):
    """A page of uses."""

    items: list[DatasetUseBody] = Field(description="Uses, those by the newest runs first.")
    next_cursor: str | None = Field(description="Asks for the next page; null on the last.", examples=[None])


class PreviewBody(BaseModel):
    """The first rows of a dataset."""

    columns: list[str] = Field(description="Names of columns, at most 1000.", examples=[["a", "b"]])
    types: list[ColumnType] = Field(description="Their types.", examples=[["integer", "text"]])
    rows: list[list[Any]] = Field(
        description="Rows of values, each cut to 200 characters; a missing one is null.",
        examples=[[[1, "x"], [2, None]]],
    )
    n_rows: int | None = Field(description="Rows of the whole dataset.", examples=[150])


class TablePartQuery(Query):
    """Which rows of a table."""

    limit: int = Field(200, ge=1, le=PART_ROWS, description="The most rows.", examples=[200])
    offset: int = Field(0, ge=0, le=2**53, description="How many rows come before them.", examples=[0])


class PartColumnBody(BaseModel):
    """A column of a table."""

    name: str = Field(description="Its name.", examples=["loss"])
    type: ColumnType = Field(description="What its values are.", examples=["number"])


class TablePartBody(BaseModel):
    """Some rows of a table."""

    columns: list[PartColumnBody] = Field(description="Its columns, the first 1000.")
    rows: list[list[Any]] = Field(
        description="Rows of values, each cut to 1000 characters or fewer; a missing one is null.",
        examples=[[[1, "x"], [2, None]]],
    )
    n_rows: int = Field(description="Rows of the whole table.", examples=[150])
    n_columns: int = Field(description="Columns of the whole table.", examples=[2])
    truncated: bool = Field(
        description="Whether there are rows after these, or columns beside them.", examples=[True]
    )


DATASET_UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file, as a form's part `file` or as the whole body.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "The file."},
                        "name": {"type": "string", "description": "The dataset's name."},
                        "project_id": {"type": "string", "description": "The project it belongs to."},
                        "description": {"type": "string", "description": "What it is."},
                        "tags": {
                            "type": "string",
                            "description": "A JSON object of text by name.",
                            "examples": ['{"source": "uci"}'],
                        },
                        "sha256": {
                            "type": "string",
                            "pattern": SUM_PATTERN,
                            "description": "The SHA-256 that the bytes must have.",
                        },
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
"""The body of an upload, for the OpenAPI document: it is read while it arrives, so no model reads it."""
