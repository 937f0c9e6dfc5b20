"""Routes of `/api/modellab/journals`."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["journals"])
