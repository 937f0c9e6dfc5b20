"""ModelLab: one line records a run, one command shows everything, comparisons are honest.

    from modellab import log_run

    @log_run()
    def train(learning_rate=0.1, epochs=10): ...

The names below are loaded on first use, so that importing the package costs a training script nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "modellab.sdk": (
        "configure current_run get_metric_history get_run list_runs log_artifact "
        "log_dataset log_evaluation log_latency log_metric log_metrics log_params log_run set_note set_tags "
        "start_run"
    ),
    "modellab.ids": "new_run_id",
    "modellab.settings": "Settings load_settings",
    "modellab.records": "MetricPoint MetricSummary Run RunFilter RunSummary",
    "modellab.client.comparisons": "compare leaderboard",
    "modellab.tracking.evaluations": "evaluate profile_latency",
    "modellab.tracking.run": "ActiveRun",
    "modellab.errors": "InvalidInput InvalidMetric ModelLabError NotFound StoreError Unreachable",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "ActiveRun",
    "InvalidInput",
    "InvalidMetric",
    "MetricPoint",
    "MetricSummary",
    "ModelLabError",
    "NotFound",
    "Run",
    "RunFilter",
    "RunSummary",
    "Settings",
    "StoreError",
    "Unreachable",
    "compare",
    "configure",
    "current_run",
    "evaluate",
    "get_metric_history",
    "get_run",
    "leaderboard",
    "list_runs",
    "load_settings",
    "log_artifact",
    "log_dataset",
    "log_evaluation",
    "log_latency",
    "log_metric",
    "log_metrics",
    "log_params",
    "log_run",
    "new_run_id",
    "profile_latency",
    "set_note",
    "set_tags",
    "start_run",
]

if TYPE_CHECKING:
    from modellab.client.comparisons import compare, leaderboard
    from modellab.errors import InvalidInput, InvalidMetric, ModelLabError, NotFound, StoreError, Unreachable
    from modellab.ids import new_run_id
    from modellab.records import MetricPoint, MetricSummary, Run, RunFilter, RunSummary
    from modellab.sdk import (
        configure,
        current_run,
        get_metric_history,
        get_run,
        list_runs,
        log_artifact,
        log_dataset,
        log_evaluation,
        log_latency,
        log_metric,
        log_metrics,
        log_params,
        log_run,
        set_note,
        set_tags,
        start_run,
    )
    from modellab.settings import Settings, load_settings
    from modellab.tracking.evaluations import evaluate, profile_latency
    from modellab.tracking.run import ActiveRun


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'modellab' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
