"""The mean of a metric over steps, with more points than are looked at one by one."""

from __future__ import annotations

import numpy as np
import pytest

from modellab.comparison.mean_curves import MAX_EXACT, draw_mean
from modellab.journal.line import encode_points
from modellab.store import Store

N = MAX_EXACT // 2 + 5000
SLOPES = (1.0, 3.0)


def test_many_points_are_averaged_over_stretches(sqlite_store: Store) -> None:
    for slope in SLOPES:
        lines = [encode_points(step, step, {"loss": slope * step}) for step in range(N)]
        sqlite_store.ingest(f"slope{slope:g}", "w", 0, b"".join(lines))
    runs = [f"slope{slope:g}" for slope in SLOPES]
    curve = draw_mean(sqlite_store, [*runs, "nobody"], "loss", max_points=100)
    assert (curve.run_ids, curve.count, curve.reduced) == (runs, 2 * N, False)
    assert curve.stretch > 4096
    assert curve.steps == list(range(0, N, curve.stretch))
    assert set(curve.n) == {2}
    middles = np.array(curve.steps[:-1]) + curve.stretch / 2
    assert np.array(curve.mean[:-1]) == pytest.approx(2 * middles, abs=2 * 4096)
    assert np.array(curve.max[:-1]) == pytest.approx(3 * np.array(curve.min[:-1]))
    part = draw_mean(sqlite_store, runs, "loss", max_points=100, from_step=1000, to_step=1999)
    assert (part.stretch, part.reduced, part.count) == (1, True, 2000)
    assert part.mean[0] == 2 * part.steps[0]
