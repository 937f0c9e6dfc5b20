"""The second family of routes, under `/api/modellab`: one module a noun."""

from __future__ import annotations

from fastapi import APIRouter

from modellab.server.routes.modellab import (
    accounts,
    artifacts,
    comparisons,
    curves,
    datasets,
    evaluations,
    files,
    journals,
    live,
    projects,
    repro,
    run_table,
    runs,
    trash,
)

router = APIRouter(prefix="/api/modellab")
for _module in (
    projects,
    datasets,
    runs,
    run_table,
    curves,
    evaluations,
    comparisons,
    artifacts,
    repro,
    live,
    journals,
    files,
    trash,
    accounts,
):
    router.include_router(_module.router)
