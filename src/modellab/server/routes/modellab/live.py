"""Routes of `/api/modellab/live`."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["live"])
