"""What a run prints is recorded with it, and printed as ever."""

from __future__ import annotations

from typing import Any

import pytest

import modellab
from modellab.settings import load_settings
from modellab.store import open_store

PRINTING = """
import sys, modellab
print("before")
with modellab.start_run() as run:
    print("epoch 1", "loss 0.5")
    print("careful", file=sys.stderr)
    for percent in range(0, 101, 10):
        sys.stderr.write(f"\\r{percent}%|####")
        sys.stderr.flush()
    sys.stderr.write("\\n")
    sys.stdout.write("no end")
print("after")
"""


def _read_console() -> list[str]:
    [run] = modellab.list_runs()
    with open_store(load_settings()) as store:
        return store.runs.read_console(run.run_id).splitlines()


def test_the_lines_printed_in_a_run_are_recorded_and_still_printed(project: Any) -> None:
    done = project.run(PRINTING)
    assert done.stdout == "before\nepoch 1 loss 0.5\nno endafter\n"
    assert "careful\n" in done.stderr
    assert "\n50%|####\n" in done.stderr  # reading in text mode made line ends of the carriage returns
    assert sorted(_read_console()) == ["100%|####", "careful", "epoch 1 loss 0.5", "no end"]


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_it_can_be_switched_off(project: Any, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    if where == "environment":
        monkeypatch.setenv("MODELLAB_CONSOLE", "0")
    else:
        (project.root / ".env").write_text("MODELLAB_CONSOLE=0\n")
    assert project.run(PRINTING).stdout == "before\nepoch 1 loss 0.5\nno endafter\n"
    assert _read_console() == []
