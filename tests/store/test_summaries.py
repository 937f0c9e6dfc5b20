"""What a list or leaderboard shows of a metric without reading its points."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.store import Store

MS = 1_700_000_000_000
AddRun = Callable[..., str]

POINT = st.tuples(
    st.integers(-10, 30), st.one_of(st.floats(), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e308]))
)
BATCHES = st.lists(st.lists(POINT, min_size=1, max_size=8), min_size=1, max_size=6)
RETURNED = st.none() | st.floats()


def nullable(value: float | None) -> str:
    return repr(value)


@given(batches=BATCHES, returned=RETURNED, returned_at=st.integers(0, 6))
@profile(max_examples=60)
def test_a_summary_says_what_its_points_say(
    store: Store, batches: list[list[tuple[int, float]]], returned: float | None, returned_at: int
) -> None:
    run_id, offset = new_run_id(), 0
    pieces = [b"".join(encode_points(step, MS, {"m": value}) for step, value in batch) for batch in batches]
    if returned is not None:
        word = returned if math.isfinite(returned) else str(returned)
        pieces.insert(returned_at, encode_event("final", MS, {"metrics": {"m": word}}))
    for piece in pieces:
        offset = store.ingest(run_id, "w", offset, piece).offset

    points = [point for batch in batches for point in batch]
    finite = [value for _, value in points if math.isfinite(value)]
    run = store.runs.get(run_id)
    found = run.metrics["m"]
    last_step, first_step = max(step for step, _ in points), min(step for step, _ in points)
    last = [value for step, value in points if step == last_step][-1]
    first = next(value for step, value in points if step == first_step)
    assert (found.count, found.n_nonfinite) == (len(points), len(points) - len(finite))
    assert (found.first_step, found.last_step) == (first_step, last_step)
    assert (repr(found.first + 0.0), repr(found.last + 0.0)) == (repr(first + 0.0), repr(last + 0.0))
    assert repr(found.final + 0.0) == repr((last if returned is None else returned) + 0.0)
    assert repr(run.final_metrics["m"] + 0.0) == repr(found.final + 0.0)
    if finite:
        assert (found.min, found.max) == (min(finite), max(finite))
        assert (found.min_step, found.min) in points
        assert (found.max_step, found.max) in points
    else:
        assert (found.min, found.max, found.min_step, found.max_step) == (None, None, None, None)


def test_the_returned_value_wins_over_the_last_logged_whatever_comes_first(store: Store) -> None:
    logged = encode_points(5, MS, {"acc": 0.5, "loss": 0.1})
    returned = encode_event("final", MS, {"metrics": {"acc": 0.9, "f1": 0.8, "worst": "nan"}})
    for pieces in ([logged, returned], [returned, logged], [returned + logged], [logged + returned]):
        run_id, offset = new_run_id(), 0
        for piece in pieces:
            offset = store.ingest(run_id, "w", offset, piece).offset
        run = store.runs.get(run_id)
        assert repr(dict(sorted(run.final_metrics.items()))) == (
            "{'acc': 0.9, 'f1': 0.8, 'loss': 0.1, 'worst': nan}"
        )
        assert (run.metrics["acc"].last, run.metrics["acc"].final, run.metrics["acc"].count) == (0.5, 0.9, 1)
        assert (run.metrics["f1"].count, run.metrics["f1"].last_step, run.metrics["f1"].max) == (0, None, 0.8)
        assert (run.metrics["worst"].min, run.metrics["worst"].count) == (None, 0)


def test_metrics_of_the_machine_are_kept_but_are_no_final_metrics(store: Store, add_run: AddRun) -> None:
    run_id = add_run(curves={"system/cpu": [10.0, 20.0], "loss": [0.5, 0.25]})
    run = store.runs.get(run_id)
    assert run.final_metrics == {"loss": 0.25}
    assert run.metrics["system/cpu"].last == 20.0
    series = store.series.read(run_id, "system/cpu")
    assert series is not None
    assert list(series.values) == [10.0, 20.0]
    assert store.runs.metric_names() == ["loss", "system/cpu"]
