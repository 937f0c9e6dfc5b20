"""What requests and answers about artifacts hold."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from modellab.records.artifacts import MAX_PATH_LENGTH
from modellab.server.bodies.values import PageQuery, Query, Text

_SUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SUM_PATTERN = "^[0-9A-Fa-f]{64}$"


class ArtifactBody(BaseModel):
    """A file of a run."""

    run_id: str = Field(description="The run.", examples=["18b2f6c3a1d40e57a0c4f1e29b7d3586"])
    path: str = Field(description="Its path within the run.", examples=["checkpoints/best.pt"])
    sha256: str = Field(description="The SHA-256 of its bytes, in hex.", examples=[_SUM])
    size: int = Field(description="Its bytes.", examples=[104857600])
    media_type: str = Field(description="What it is.", examples=["application/octet-stream"])
    is_stored: bool = Field(
        description="Whether its bytes are here; false while they are on the way from where it was logged."
    )
    created_at: str = Field(
        description="When it was logged or sent, in UTC.", examples=["2026-11-20T09:30:00.000000+00:00"]
    )


class ArtifactsBody(BaseModel):
    """A page of a run's files."""

    items: list[ArtifactBody] = Field(description="The files, in order of path.")
    next_cursor: str | None = Field(description="Asks for the next page; null on the last one.")


class RemovedBody(BaseModel):
    """What the removal of a file did."""

    path: str = Field(description="The path that was removed.", examples=["checkpoints/best.pt"])
    freed_bytes: int = Field(
        description="The bytes that were freed: 0 if another thing has the same content.",
        examples=[104857600],
    )


class ArtifactsQuery(PageQuery):
    """Which files of a run to list."""

    folder: Text | None = Field(
        None,
        max_length=MAX_PATH_LENGTH,
        description="Only files below this folder.",
        examples=["checkpoints"],
    )


class UploadQuery(Query):
    """Where a file goes, and what it is, if the form does not say so."""

    path: Text | None = Field(
        None,
        max_length=MAX_PATH_LENGTH,
        description="The path within the run; without one, the file's own name.",
        examples=["checkpoints/best.pt"],
    )
    sha256: str | None = Field(
        None,
        pattern=SUM_PATTERN,
        description="The SHA-256 that the bytes must have; else nothing is kept.",
        examples=[_SUM],
    )


class DownloadQuery(Query):
    """How a file is sent."""

    sandbox: bool = Field(
        False,
        description="Show HTML and SVG too, their scripts shut in a sandbox, rather than have them saved.",
        examples=[True],
    )


UPLOAD_BODY: dict[str, Any] = {
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
                        "path": {"type": "string", "description": "The path within the run."},
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
