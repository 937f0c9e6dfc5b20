"""Routes of `/api/modellab/projects`."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["projects"])
