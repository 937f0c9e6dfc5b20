"""Print the latest runs: when, how they ended, params, final metrics, and whether each artifact is there.

python scripts/check_latest_runs.py --limit 3
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import modellab
from modellab.errors import ModelLabError
from modellab.records import Run
from modellab.records.evaluations import EVALUATIONS_FOLDER, LATENCY_FOLDER
from modellab.settings import find_root

REPORTS = (f"{EVALUATIONS_FOLDER}/", f"{LATENCY_FOLDER}/")


def describe_run(run: Run) -> dict[str, Any]:
    """What is printed of a run, as JSON can hold it: NaN and infinities as `"nan"`, `"inf"`, `"-inf"`."""
    metrics = run.final_metrics.items()
    return {
        "run_id": run.run_id,
        "timestamp": run.timestamp,
        "status": run.status,
        "params": dict(run.params),
        "final_metrics": {name: value if math.isfinite(value) else str(value) for name, value in metrics},
        "artifacts": [
            {"path": path, "exists": is_there(path)}
            for path in run.artifacts
            if not path.startswith(REPORTS)  # they lie in the store, and not in the project
        ],
    }


def is_there(artifact: str) -> bool:
    """Whether an artifact's path leads to something, seen from the current folder or the project's root."""
    return any((folder / artifact).exists() for folder in (Path.cwd(), find_root()))


def draw_table(description: dict[str, Any]) -> Table:
    """One run for people: a line for each thing known of it."""
    table = Table(show_header=False, title=description["run_id"], title_justify="left", min_width=60)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("time", description["timestamp"])
    table.add_row("status", description["status"])
    for heading, key in (("params", "params"), ("final metrics", "final_metrics")):
        table.add_row(heading, "\n".join(f"{name} = {value}" for name, value in description[key].items()))
    for artifact in description["artifacts"]:
        table.add_row("artifact", f"{artifact['path']} ({'exists' if artifact['exists'] else 'missing'})")
    return table


def read_limit(text: str) -> int:
    """`text` as a whole number from 1 upwards."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the latest runs; if the store cannot be read, say so and exit with 1."""
    parser = argparse.ArgumentParser(
        description="Print the latest runs and check that their files are there."
    )
    parser.add_argument("--limit", type=read_limit, default=5, help="how many runs (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    options = parser.parse_args(argv)
    try:
        runs = [modellab.get_run(summary.run_id) for summary in modellab.list_runs(limit=options.limit)]
    except ModelLabError as error:
        sys.exit(str(error))
    descriptions = [describe_run(run) for run in runs]
    if options.json:
        print(json.dumps(descriptions, indent=2))
        return
    console = Console(markup=False, highlight=False)
    for description in descriptions:
        console.print(draw_table(description))
    if not descriptions:
        console.print("No runs yet. Record one: python examples/train_model/run.py")


if __name__ == "__main__":
    main()
