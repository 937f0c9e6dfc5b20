from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = {"question", "measured", "floor", "ratio", "target", "ok"}


def run_benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_quick_benchmarks_print_their_figures_beside_a_floor_as_json() -> None:
    done = run_benchmarks("log_metrics", "million_points", "server", "install", "--quick", "--json")

    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["question"] for row in rows if row["measured"].startswith("failed")] == []
    assert all(set(row) == COLUMNS for row in rows)
    found = {row["question"]: row for row in rows}
    assert found["`log_metrics` of 5, step given: p50"]["ratio"] > 0
    assert found["server: processes"]["ok"] is True
    assert "log_metrics" in done.stderr  # progress goes there, so that the output is the table alone


def test_a_benchmark_that_is_not_there_is_refused_with_the_names_of_those_that_are() -> None:
    done = run_benchmarks("speed_of_light")

    assert done.returncode == 2
    assert "speed_of_light" in done.stderr
    assert "million_points" in done.stderr


def test_the_table_can_be_printed_as_markdown() -> None:
    done = run_benchmarks("install", "--markdown")

    assert done.returncode == 0, done.stderr
    heading, rule, row = done.stdout.splitlines()
    assert heading.startswith("| question | measured | floor | ratio | target |")
    assert set(rule) <= set("|-:")
    assert row.startswith("| base install")
