"""Bytes of artifacts and datasets, by their SHA-256: in a local folder or in S3. Knows no database."""

from __future__ import annotations

from modellab.blobs.incoming import Incoming
from modellab.blobs.local import FolderBlobs
from modellab.blobs.port import BlobStore
from modellab.settings import Settings

__all__ = ["BlobStore", "FolderBlobs", "Incoming", "open_blobs"]


def open_blobs(settings: Settings) -> BlobStore:
    """The place where a project's bytes are kept: `MODELLAB_ARTIFACTS`, or `artifacts/` beside the database.

    Makes nothing and asks nobody: a folder is made by the first file, and a bucket is asked for when it is
    needed. Raises `InvalidSetting` if S3 is named and its library is not installed.
    """
    place = settings.artifacts_url
    if place is not None and place.startswith("s3://"):
        from modellab.blobs.s3 import S3Blobs

        return S3Blobs(place, settings.home / "incoming")
    from pathlib import Path

    return FolderBlobs(Path(place) if place else settings.home / "artifacts")
