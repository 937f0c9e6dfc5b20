"""Runs benchmarks and prints one table: `python -m benchmarks [names…] [--quick] [--markdown] [--json]`."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module

from benchmarks.table import Row, format_json, format_markdown, format_table

NAMES = (
    "log_metrics",
    "million_points",
    "ingest",
    "decorated_call",
    "import",
    "writers",
    "kill",
    "server",
    "remote",
    "live",
    "queries",
    "query_language",
    "assistant",
    "run_table",
    "search",
    "chart",
    "artifacts",
    "platform",
    "schema",
    "bootstrap",
    "evaluate",
    "compare",
    "latency",
    "web_app",
    "install",
)


def main() -> None:
    """Run what the command line names, all of it if it names nothing. The exit code is 0 in any case."""
    wanted = _read_arguments()
    rows: list[Row] = []
    for name in wanted.names or NAMES:
        rows += _run(name, quick=wanted.quick)
    if wanted.json:
        text = format_json(rows)
    elif wanted.markdown:
        text = format_markdown(rows)
    else:
        text = format_table(rows)
    sys.stdout.write(text)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure speed and size against floors, in one table."
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"what to measure: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="little data, to see that everything works")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--markdown", action="store_true", help="print a Markdown table")
    shape.add_argument("--json", action="store_true", help="print a JSON list")
    wanted = parser.parse_args()
    unknown = sorted(set(wanted.names) - set(NAMES))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    return wanted


def _run(name: str, *, quick: bool) -> list[Row]:
    """The rows of one benchmark; one that fails says so in a row, and the others go on."""
    _tell(f"{name} …\n")
    start = time.perf_counter()
    try:
        measure: Callable[[bool], list[Row]] = import_module(f"benchmarks.bench_{name}").measure
        rows = measure(quick)
    except Exception as error:
        traceback.print_exc()
        rows = [Row(name, f"failed: {type(error).__name__}: {error}"[:200], "", None, "", False)]
    _tell(f"{name}: {time.perf_counter() - start:.1f} s\n")
    return rows


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    main()
