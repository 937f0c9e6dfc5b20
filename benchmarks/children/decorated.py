"""Calls a decorated function that does nothing, and prints the nanoseconds of each call as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from modellab import log_run


@log_run
def train(learning_rate: float = 0.1, epochs: int = 10) -> dict[str, Any]:
    """Train nothing."""
    return {"final_metrics": {"accuracy": learning_rate * epochs}}


def main() -> None:
    """Call it as often as the command line says."""
    taken = []
    for i in range(int(sys.argv[1])):
        start = time.perf_counter_ns()
        train(learning_rate=i / 1000)
        taken.append(time.perf_counter_ns() - start)
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
