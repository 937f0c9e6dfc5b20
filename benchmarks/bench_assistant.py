"""How long do answers by rules take with 10 000 runs?

The floor is the same questions put to the API directly, by hand and with the right parameters: what stands
above it is the reading of the question, the names that it may mean, and the words of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.fill import fill_ours
from benchmarks.project import temporary_project
from benchmarks.table import Row
from benchmarks.timing import alternate, show_spread, time_once
from modellab.agent.api import LabAPI
from modellab.agent.in_process import open_app
from modellab.server import create_app
from modellab.store import open_store

TARGET_MS = 150
_RUNS = 10_000
QUESTIONS: tuple[tuple[str, Callable[[LabAPI], Any]], ...] = (
    ("list the latest runs", lambda api: api.runs(limit=10)),
    ("which run has the highest accuracy?", lambda api: _rank(api)),
    ("how many runs failed?", lambda api: api.table(query='status = "failed"', limit=1)),
    ("runs with accuracy above 0.9", lambda api: api.table(query="metrics.accuracy > 0.9", limit=10)),
    ("compare the latest two runs", lambda api: api.judge([one["run_id"] for one in api.runs(limit=2)])),
)


def measure(quick: bool) -> list[Row]:
    """Each question: as it is asked in words, and as a program would ask."""
    size, rounds = (500, 3) if quick else (_RUNS, 20)
    with temporary_project() as settings:
        open_store(settings).close()
        fill_ours(settings.db_path, 0, size)
        with open_app(create_app(settings)) as api:
            return [_measure(api, question, direct, rounds) for question, direct in QUESTIONS]


def _measure(api: LabAPI, question: str, direct: Callable[[LabAPI], Any], rounds: int) -> Row:
    words, plain = alternate(
        rounds,
        lambda: time_once(lambda: api.ask_assistant(question)),
        lambda: time_once(lambda: direct(api)),
    )
    ms = 1000 * median(words)
    return Row(
        f"“{question}” answered by rules, {_RUNS:,} runs",
        show_spread(words, "ms", 1000, 1),
        show_spread(plain, "ms", 1000, 1),
        median(words) / median(plain),
        f"p50 under {TARGET_MS} ms",
        ms <= TARGET_MS,
    )


def _rank(api: LabAPI) -> Any:
    return api.table(query="exists metrics.accuracy", sort=["-metrics.accuracy"], limit=2)
