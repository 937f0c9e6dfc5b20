"""A line of progress: on a terminal, when something takes long, and gone when it is over."""

from __future__ import annotations

import io

from modellab.tracking.progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def screen(self) -> str:
        """What stands on the line: later letters over earlier ones."""
        line: list[str] = []
        for part in self.getvalue().split("\r"):
            line[: len(part)] = part
        return "".join(line).rstrip()


def test_nothing_is_shown_of_what_is_soon_over() -> None:
    terminal = Terminal()
    line = ProgressLine("Evaluating", file=terminal, clock=lambda: 5.0)
    for done in range(8):
        line(done, 7, "intervals")
    assert terminal.getvalue() == ""


def test_a_long_evaluation_says_what_comes_next_and_leaves_no_trace() -> None:
    terminal, now = Terminal(), [0.0]
    line = ProgressLine("Evaluating", file=terminal, clock=lambda: now[0])
    line(0, 7, "metrics")
    now[0] = 2.0
    line(4, 7, "stress tests: noise")
    assert terminal.screen() == "Evaluating: stress tests: noise [5/7]"
    line(5, 7, "curves")
    assert terminal.screen() == "Evaluating: curves [6/7]"
    line(7, 7, "done")
    assert terminal.screen() == ""


def test_a_file_gets_nothing() -> None:
    file, now = io.StringIO(), [0.0]
    line = ProgressLine("Evaluating", file=file, clock=lambda: now[0])
    now[0] = 9.0
    line(1, 7, "intervals")
    line(7, 7, "done")
    assert file.getvalue() == ""
