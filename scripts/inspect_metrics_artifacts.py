"""Show the metrics CSV of the latest run, or of RUN_ID: its shape, first and last rows, and val_loss.

python scripts/inspect_metrics_artifacts.py [RUN_ID]
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from rich.console import Console
from rich.table import Table

import modellab
from modellab.errors import InvalidInput, ModelLabError, NotFound
from modellab.records import Run
from modellab.settings import find_root

SHOWN_ROWS = 5  # from each end of the file


def find_run(run_id: str | None) -> Run:
    """The run with this id, or the latest; raises `NotFound` if there is none."""
    if run_id is not None:
        return modellab.get_run(run_id)
    for latest in modellab.list_runs(limit=1):
        return modellab.get_run(latest.run_id)
    raise NotFound("No runs yet.", hint="Record one: python examples/train_model/run.py")


def find_metrics_csv(run: Run) -> Path:
    """The file `<model>_metrics_<timestamp>.csv` or `metrics_<...>.csv` of a run, else `NotFound`."""
    for artifact in run.artifacts:
        name = Path(artifact).name
        if name.endswith(".csv") and ("_metrics_" in name or name.startswith("metrics_")):
            for folder in (Path.cwd(), find_root()):
                if (folder / artifact).is_file():
                    return folder / artifact
            raise NotFound(f"The metrics CSV of run {run.run_id} is not there any more: {artifact}")
    raise NotFound(f"Run {run.run_id} has no metrics CSV among its {len(run.artifacts)} artifacts.")


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a CSV file; raises `InvalidInput` if it is no table."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path} cannot be read as CSV: {error}") from error
    if not header or any(len(row) != len(header) for row in rows):
        raise InvalidInput(f"{path} is empty, or its rows are not all as long as its header.")
    return header, rows


def draw_table(header: list[str], rows: list[list[str]]) -> Table:
    """The first and the last rows, with the number of those left out between them."""
    table = Table(*header)
    if len(rows) > 2 * SHOWN_ROWS:
        rows = [*rows[:SHOWN_ROWS], [f"({len(rows) - 2 * SHOWN_ROWS} more)"], *rows[-SHOWN_ROWS:]]
    for row in rows:
        table.add_row(*row)
    return table


def describe_column(name: str, header: list[str], rows: list[list[str]]) -> str:
    """The first, the last and the lowest finite value of a column, and where the lowest stands."""
    if name not in header:
        return f"There is no column {name}."
    try:
        values = [float(row[header.index(name)]) for row in rows]
    except ValueError as error:
        return f"{name}: {error}."
    finite = [(value, row[0]) for value, row in zip(values, rows, strict=True) if isfinite(value)]
    if not finite:
        return f"{name}: no finite value."
    best, place = min(finite, key=lambda pair: pair[0])
    return f"{name}: first {values[0]:.6g}, last {values[-1]:.6g}, best {best:.6g} ({header[0]} {place})"


def main(argv: Sequence[str] | None = None) -> None:
    """Show the file; if there is none or it cannot be read, say so and exit with 1."""
    parser = argparse.ArgumentParser(description="Show the metrics CSV among a run's artifacts.")
    parser.add_argument("run_id", nargs="?", help="a run's id or a unique beginning (default: the latest)")
    options = parser.parse_args(argv)
    console = Console(markup=False, highlight=False)
    try:
        path = find_metrics_csv(find_run(options.run_id))
        header, rows = read_table(path)
    except ModelLabError as error:
        sys.exit(str(error))
    console.print(str(path), f"{len(rows)} rows, {len(header)} columns", sep="\n", soft_wrap=True)
    console.print(draw_table(header, rows), describe_column("val_loss", header, rows), sep="\n")


if __name__ == "__main__":
    main()
