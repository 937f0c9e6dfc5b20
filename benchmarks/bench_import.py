"""What does `import modellab` cost a training script?

Whole processes are timed in turn with a bare interpreter. What users write, `from modellab import log_run`,
loads more than the package alone, and is held to the same figure.
"""

from __future__ import annotations

from functools import partial
from statistics import median

from benchmarks.project import run_python, temporary_project
from benchmarks.table import Row
from benchmarks.timing import alternate, time_once

_STATEMENTS = (
    "import modellab",
    "from modellab import log_run",
    "from modellab import start_run, log_metrics",
)
_HEAVY = ("numpy", "sqlalchemy", "pydantic", "fastapi", "psutil", "rich")


def measure(quick: bool) -> list[Row]:
    """The time over a bare interpreter of each statement, and what stands in `sys.modules` after all."""
    rounds = 3 if quick else 25
    with temporary_project() as settings:
        folder = settings.root
        programs = ("pass", *_STATEMENTS)
        for program in programs:
            run_python("-c", program, cwd=folder)
        times = alternate(
            rounds,
            *(partial(time_once, partial(run_python, "-c", program, cwd=folder)) for program in programs),
        )
        loaded = run_python(
            "-c",
            f"import sys; {'; '.join(_STATEMENTS)}; print(*sorted(set(sys.modules) & {set(_HEAVY)!r}))",
            cwd=folder,
        ).split()
    bare = times[0]
    rows = [_as_row(statement, found, bare) for statement, found in zip(_STATEMENTS, times[1:], strict=True)]
    names = ", ".join(loaded) or "none"
    return [
        *rows,
        Row("heavy packages loaded by these", names, "", None, f"none of {', '.join(_HEAVY)}", not loaded),
    ]


def _as_row(statement: str, found: list[float], bare: list[float]) -> Row:
    over = median(mine - floor for mine, floor in zip(found, bare, strict=True)) * 1000
    return Row(
        f"`{statement}` over a bare interpreter",
        f"{over:.1f} ms",
        f"{median(bare) * 1000:.1f} ms (bare)",
        median(found) / median(bare),
        "≤ 25 ms over bare",
        over <= 25,
    )
