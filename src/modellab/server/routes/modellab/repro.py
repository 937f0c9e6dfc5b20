"""Routes of `/api/modellab/repro`."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["repro"])
