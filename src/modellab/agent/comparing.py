"""Compares runs through the API: verdicts where the server can give them, values side by side anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modellab.agent.api import LabAPI
from modellab.agent.brief import shorten_metrics
from modellab.errors import Unreachable

MAX_DIFFERENCES = 30
"""Differing params, or metrics, in one answer."""

_NOT_IMPLEMENTED = 501
_VERDICT = (
    *("a", "b", "metric", "verdict", "sentence", "basis", "a_value", "b_value", "difference", "p_value"),
    *("adjusted_p", "n", "test", "needed"),
)


def compare(
    api: LabAPI,
    run_ids: Sequence[str],
    *,
    metric: str | None = None,
    baseline: str | None = None,
    min_effect: float | None = None,
) -> dict[str, Any]:
    """What `POST /api/modellab/compare` finds, without what a reader does not need."""
    more = {"metric": metric, "baseline": baseline, "min_effect": min_effect, "n_examples": 0}
    try:
        found = api.judge(run_ids, **{name: value for name, value in more.items() if value is not None})
    except Unreachable as error:
        if error.status != _NOT_IMPLEMENTED:
            raise
        return _put_side_by_side(api, run_ids, error.hint)
    shown = ("run_id", "label", "name", "status", "seed", "group", "primary")
    return {
        "runs": [{name: run[name] for name in shown} for run in found["runs"]],
        "baseline": found["baseline"],
        "primary_metric": found["primary_metric"],
        "higher_is_better": found["higher_is_better"],
        "verdicts": [_shorten_verdict(one) for one in found["verdicts"]],
        "secondary": [_shorten_verdict(one) for one in found["secondary"]][:MAX_DIFFERENCES],
        "metrics": [
            {
                "metric": row["metric"],
                "higher_is_better": row["higher_is_better"],
                "values": {run_id: interval["estimate"] for run_id, interval in row["values"].items()},
            }
            for row in found["metrics"][:MAX_DIFFERENCES]
        ],
        "differences": {
            "params": found["differences"]["params"][:MAX_DIFFERENCES],
            "environment": found["differences"]["environment"][:MAX_DIFFERENCES],
            "code": [one["note"] for one in found["differences"]["code"]][:MAX_DIFFERENCES],
        },
        "warnings": found["warnings"],
        "sentences": found["sentences"],
    }


def _shorten_verdict(verdict: dict[str, Any]) -> dict[str, Any]:
    interval = verdict["interval"] or {}
    return {
        **{name: verdict[name] for name in _VERDICT},
        "low": interval.get("low"),
        "high": interval.get("high"),
    }


def _put_side_by_side(api: LabAPI, run_ids: Sequence[str], hint: str | None) -> dict[str, Any]:
    found = api.side_by_side(run_ids)
    values = {run["run_id"]: shorten_metrics(run["final_metrics"]) for run in found["runs"]}
    params = {run["run_id"]: run["params"] for run in found["runs"]}
    differing = [
        {"name": name, "values": {run_id: own[name] for run_id, own in params.items() if name in own}}
        for name in found["param_keys"]
        if len({repr(own.get(name)) for own in params.values()}) > 1
    ]
    return {
        "runs": [{"run_id": run["run_id"], "label": run["run_id"][-8:]} for run in found["runs"]],
        "primary_metric": None,
        "verdicts": [],
        "metrics": [
            {"metric": name, "values": {run_id: own[name] for run_id, own in values.items() if name in own}}
            for name in found["metric_keys"][:MAX_DIFFERENCES]
        ],
        "differences": {"params": differing[:MAX_DIFFERENCES]},
        "warnings": found["warnings"],
        "sentences": [f"This server cannot say whether runs really differ. {hint or ''}".strip()],
    }
