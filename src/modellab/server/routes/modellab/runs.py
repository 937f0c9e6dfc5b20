"""Routes of `/api/modellab/runs`."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["runs"])
