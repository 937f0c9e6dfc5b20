"""Routes of `/api/modellab/trash`."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["trash"])
