"""Which runs a filter finds: each condition, and all of them together, against a plain Python check."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modellab.errors import InvalidInput
from modellab.records import RunFilter
from modellab.store import Store

AddRun = Callable[..., str]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def invent_run(rng: random.Random, number: int) -> dict[str, Any]:
    started = START + timedelta(hours=number // 3)  # some start at the same moment
    params: dict[str, Any] = {
        "lr": rng.choice([0.1, 0.01, 1e-05, 1, 2]),
        "model": rng.choice(["svm", "Forest", "7"]),
    }
    if rng.random() < 0.5:
        params["deep"] = rng.choice([True, False, None, [1, 2], {"a": 1}, "true", "x" * 400, 1.0])
    metrics: dict[str, Any] = {"acc": rng.choice([0.5, 0.75, 0.9, math.nan, math.inf, rng.random()])}
    if rng.random() < 0.3:
        metrics["f1"] = rng.random()
    if number == 17:
        metrics["rare"] = 1.0
    return {
        "started_us": (started - EPOCH) // timedelta(microseconds=1),
        "dataset_id": rng.choice(["iris", "wine", None]),
        "project_id": rng.choice(["p1", "p2", None]),
        "parent_id": rng.choice(["parent", None, None]),
        "note": rng.choice([None, "PUBLISH: best", "50% done_now", "publish later", "a/b\\c"]),
        "context": {"command": rng.choice(["python train.py --lr 0.1", "PYTHON sweep.py", "python -m x_y"])},
        "artifacts": rng.choice([[], ["model.bin"], ["a", "b"]]),
        "params": params,
        "final": {name: value if math.isfinite(value) else str(value) for name, value in metrics.items()},
        "end": rng.choice(["completed", "completed", "failed", None]),
    }


def as_text(value: Any) -> str:
    import orjson

    return (value if isinstance(value, str) else orjson.dumps(value).decode())[:300]


def has_param(params: dict[str, Any], name: str, wanted: str | None) -> bool:
    if name not in params or wanted is None:
        return name in params
    value = params[name]
    if as_text(value) == wanted[:300]:
        return True
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value == float(wanted)
    except ValueError:
        return False


def matches(run: dict[str, Any], wanted: RunFilter) -> bool:
    status = {"completed": "completed", "failed": "failed", None: "running"}[run["end"]]
    for name in ("dataset_id", "project_id", "parent_id"):
        if getattr(wanted, name) not in (None, run[name]):
            return False
    value = float(run["final"].get(wanted.metric_name, math.nan)) if wanted.metric_name else math.nan
    started = EPOCH + timedelta(microseconds=run["started_us"])
    return all(
        (
            wanted.status in (None, status),
            (wanted.command_substring or "").lower() in run["context"]["command"].lower(),
            not wanted.note_substring or wanted.note_substring.lower() in (run["note"] or "").lower(),
            wanted.has_artifacts in (None, bool(run["artifacts"])),
            wanted.metric_name is None or wanted.metric_name in run["final"],
            wanted.metric_min is None or value >= wanted.metric_min,
            wanted.metric_max is None or value <= wanted.metric_max,
            wanted.param_name is None or has_param(run["params"], wanted.param_name, wanted.param_value),
            wanted.from_timestamp is None or started >= in_utc(wanted.from_timestamp),
            wanted.to_timestamp is None or started <= in_utc(wanted.to_timestamp, at_end=True),
        )
    )


def in_utc(text: str, *, at_end: bool = False) -> datetime:
    moment = datetime.fromisoformat(text)
    if at_end and len(text) == 10:
        moment += timedelta(days=1, microseconds=-1)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


FILTERS = [
    RunFilter(),
    RunFilter(dataset_id="iris"),
    RunFilter(dataset_id=""),
    RunFilter(project_id="p2"),
    RunFilter(parent_id="parent"),
    RunFilter(command_substring="SWEEP"),
    RunFilter(command_substring="x_y"),
    RunFilter(command_substring="-%-"),
    RunFilter(note_substring="publish"),
    RunFilter(note_substring="%"),
    RunFilter(note_substring="_"),
    RunFilter(note_substring="/"),
    RunFilter(note_substring="\\"),
    RunFilter(note_substring="'; DROP TABLE runs --"),
    RunFilter(from_timestamp="2026-03-01T18:00:00"),
    RunFilter(to_timestamp="2026-03-01T18:00:00Z"),
    RunFilter(to_timestamp="2026-03-01"),
    RunFilter(from_timestamp="2026-03-02"),
    RunFilter(from_timestamp="2026-03-01T20:00:00+02:00", to_timestamp="2026-03-01T20:00:00+02:00"),
    RunFilter(from_timestamp="2026-03-01 18:00", to_timestamp="2026-03-01 21:00"),
    RunFilter(from_timestamp="0001-01-01", to_timestamp="9999-12-31"),
    RunFilter(has_artifacts=True),
    RunFilter(has_artifacts=False),
    RunFilter(metric_name="acc"),
    RunFilter(metric_name="f1"),
    RunFilter(metric_name="rare"),
    RunFilter(metric_name="none"),
    RunFilter(metric_name="acc", metric_min=0.75),
    RunFilter(metric_name="acc", metric_max=0.75),
    RunFilter(metric_name="acc", metric_min=0.75, metric_max=0.75),
    RunFilter(metric_name="acc", metric_min=-math.inf),
    RunFilter(metric_name="acc", metric_min=math.inf),
    RunFilter(param_name="deep"),
    RunFilter(param_name="lr", param_value="0.1"),
    RunFilter(param_name="lr", param_value="0.10"),
    RunFilter(param_name="lr", param_value="1e-5"),
    RunFilter(param_name="lr", param_value="1"),
    RunFilter(param_name="lr", param_value="1.0"),
    RunFilter(param_name="lr", param_value="nan"),
    RunFilter(param_name="model", param_value="Forest"),
    RunFilter(param_name="model", param_value="forest"),
    RunFilter(param_name="model", param_value="7"),
    RunFilter(param_name="deep", param_value="true"),
    RunFilter(param_name="deep", param_value="null"),
    RunFilter(param_name="deep", param_value="[1,2]"),
    RunFilter(param_name="deep", param_value="x" * 400),
    RunFilter(status="running"),
    RunFilter(status="failed"),
    RunFilter(status="pending"),
]


@pytest.fixture
def known(add_run: AddRun) -> dict[str, dict[str, Any]]:
    rng = random.Random(7)
    invented = [invent_run(rng, number) for number in range(60)]
    return {add_run(**run): run for run in invented}


def test_every_filter_finds_what_a_plain_check_finds(store: Store, known: dict[str, dict[str, Any]]) -> None:
    rng = random.Random(3)
    conditions = [{k: v for k, v in asdict(f).items() if v is not None} for f in FILTERS]
    combined = [
        RunFilter(**(rng.choice(conditions) | rng.choice(conditions) | rng.choice(conditions)))
        for _ in range(150)
    ]
    found_some = 0
    for wanted in [*FILTERS, *combined]:
        try:
            page = store.runs.list(wanted)
        except InvalidInput:
            assert wanted in combined  # bounds that contradict each other
            continue
        expected = [run_id for run_id, run in known.items() if matches(run, wanted)]
        assert sorted(run.run_id for run in page.items) == sorted(expected), wanted
        found_some += bool(expected) and wanted in combined
        started = [known[run.run_id]["started_us"] for run in page.items]
        assert started == sorted(started, reverse=True), wanted
        assert page.cursor is None
    assert found_some > 15


def test_a_leaderboard_is_narrowed_like_a_list(store: Store, known: dict[str, dict[str, Any]]) -> None:
    for dataset_id in (None, "iris", "none"):
        for has_artifacts in (None, True, False):
            ranked = store.runs.rank("acc", top_k=100, dataset_id=dataset_id, has_artifacts=has_artifacts)
            wanted = RunFilter(dataset_id=dataset_id, has_artifacts=has_artifacts)
            expected = [
                run_id
                for run_id, run in known.items()
                if matches(run, wanted) and not math.isnan(float(run["final"]["acc"]))
            ]
            assert sorted(run.run_id for run in ranked) == sorted(expected)


NONSENSE = [
    (RunFilter(metric_min=0.5), "need metric_name"),
    (RunFilter(metric_max=0.5), "need metric_name"),
    (RunFilter(metric_name="acc", metric_min=math.nan), "metric_min is nan"),
    (RunFilter(metric_name="acc", metric_max=math.nan), "metric_max is nan"),
    (RunFilter(metric_name="acc", metric_min=2, metric_max=1), "greater than metric_max"),
    (RunFilter(param_value="x"), "needs param_name"),
    (RunFilter(from_timestamp="yesterday"), "'yesterday' is no time"),
    (RunFilter(to_timestamp=""), "'' is no time"),
    (RunFilter(from_timestamp="2026-13-01"), "is no time"),
    (RunFilter(from_timestamp="2026-03-02", to_timestamp="2026-03-01"), "later than to_timestamp"),
    (RunFilter(status="done"), "no status 'done'"),  # type: ignore[arg-type]
    (RunFilter(dataset_id="a\x00b"), "NUL"),
    (RunFilter(note_substring="a\x00b"), "NUL"),
]


def test_a_filter_that_cannot_be_meant_is_refused(store: Store) -> None:
    for wanted, sentence in NONSENSE:
        with pytest.raises(InvalidInput, match=sentence):
            store.runs.list(wanted)


def test_a_day_from_its_first_to_its_last_moment(store: Store, add_run: AddRun) -> None:
    first = (datetime(2026, 3, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
    day = 86_400_000_000
    ids = [add_run(started_us=first + offset) for offset in (-1, 0, day - 1, day)]
    found = store.runs.list(RunFilter(from_timestamp="2026-03-01", to_timestamp="2026-03-01")).items
    assert {run.run_id for run in found} == set(ids[1:3])
    # In a URL the plus sign of a zone arrives as a blank.
    found = store.runs.list(RunFilter(from_timestamp="2026-03-01T01:00:00 01:00")).items
    assert {run.run_id for run in found} == set(ids[1:])
