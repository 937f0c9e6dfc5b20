"""Compares runs that were killed with what they had logged: `read_back.py FOLDER`, counts as JSON on stdin.

Standard input is `{run_id: calls that returned}`; printed are the sums of what is lost, doubled and wrong,
of what was written by the call that the kill cut short, and how many runs are marked failed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from benchmarks.children.paced import value_at
from modellab import NotFound, Settings, get_metric_history, get_run, load_settings


def main() -> None:
    """Read every run and print the sums."""
    settings = load_settings(start=Path(sys.argv[1]), environ={})
    found: Counter[str] = Counter()
    for run_id, calls in json.load(sys.stdin).items():
        found["failed"] += get_run(run_id, settings=settings).status == "failed"
        for name, factor in (("loss", 1), ("double", 2)):
            found += _compare(settings, run_id, name, factor, calls)
    print(json.dumps(found))


def _compare(settings: Settings, run_id: str, name: str, factor: int, calls: int) -> Counter[str]:
    try:
        points = get_metric_history(run_id, name, settings=settings)
    except NotFound:
        points = []
    steps = {point.step for point in points}
    return Counter(
        lost=len(set(range(calls)) - steps),
        doubled=len(points) - len(steps),
        wrong=sum(point.value != factor * value_at(point.step) for point in points),
        cut_short=sum(step >= calls for step in steps),
        points=len(points),
    )


if __name__ == "__main__":
    main()
