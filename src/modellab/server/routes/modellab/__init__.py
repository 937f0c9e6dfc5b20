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
    overview,
    projects,
    reports,
    repro,
    run_groups,
    run_table,
    runs,
    search,
    storage,
    suggestions,
    trash,
    views,
)

router = APIRouter(prefix="/api/modellab")
for _module in (
    projects,
    datasets,
    runs,
    run_table,
    run_groups,
    curves,
    evaluations,
    comparisons,
    reports,
    artifacts,
    repro,
    live,
    journals,
    files,
    overview,
    search,
    suggestions,
    storage,
    views,
    trash,
    accounts,
):
    router.include_router(_module.router)
