"""How a run ends: by an exception, an interrupt, `sys.exit`, or with the process."""

from __future__ import annotations

import sys
from typing import Any

import pytest

import modellab
from modellab import InvalidInput, log_run, start_run


def _only_run() -> modellab.Run:
    [found] = modellab.list_runs()
    return modellab.get_run(found.run_id)


def test_an_exception_is_recorded_and_raised_again_as_it_is(project: Any) -> None:
    problem = ValueError("too hot")

    @log_run
    def train(lr: float) -> None:
        modellab.log_metrics({"loss": 1}, step=0)
        raise problem

    with pytest.raises(ValueError, match="too hot") as caught:
        train(0.1)
    assert caught.value is problem
    run = _only_run()
    assert (run.status, run.error, run.params) == ("failed", "ValueError: too hot", {"lr": 0.1})
    assert run.traceback is not None
    assert "raise problem" in run.traceback
    assert run.metrics["loss"].count == 1


async def _fail_later() -> None:
    raise OSError("gone")


def test_an_exception_in_a_coroutine_is_recorded(project: Any) -> None:
    import asyncio

    with pytest.raises(OSError, match="gone"):
        asyncio.run(log_run(_fail_later)())
    assert (_only_run().status, _only_run().error) == ("failed", "OSError: gone")


@pytest.mark.parametrize(
    ("end", "status", "error"),
    [
        (KeyboardInterrupt(), "failed", "KeyboardInterrupt"),
        (SystemExit(0), "completed", None),
        (SystemExit(), "completed", None),
        (SystemExit(3), "failed", "SystemExit: 3"),
        (SystemExit("no data"), "failed", "SystemExit: no data"),
    ],
    ids=repr,
)
def test_interrupts_and_exits_are_recorded_and_go_on(
    project: Any, end: BaseException, status: str, error: str | None
) -> None:
    @log_run
    def train() -> None:
        raise end

    with pytest.raises(type(end)) as caught:
        train()
    assert caught.value is end
    run = _only_run()
    assert (run.status, run.error) == (status, error)
    assert (run.traceback is None) == (error is None)


def test_the_error_line_is_what_happened_also_if_notes_follow(project: Any) -> None:
    problem = ValueError("first line\nsecond line")
    problem.add_note("while reading fold 3")
    with pytest.raises(ValueError, match="first line"), start_run():
        raise problem
    run = _only_run()
    assert run.error == "ValueError: first line\nsecond line"
    assert run.traceback is not None
    assert "while reading fold 3" in run.traceback


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_exception_that_cannot_be_printed_is_recorded(project: Any) -> None:
    with pytest.raises(Unprintable), start_run():
        raise Unprintable
    run = _only_run()
    assert run.status == "failed"
    assert run.error is not None
    assert "Unprintable" in run.error


def test_a_very_long_error_is_cut(project: Any) -> None:
    with pytest.raises(ValueError, match=r"x{9}"), start_run():
        raise ValueError("x" * 1_000_000)
    run = _only_run()
    assert run.error is not None
    assert run.traceback is not None
    assert len(run.error) == 2000
    assert len(run.traceback) == 100_000


def test_finish_ends_a_plain_run_once(project: Any) -> None:
    run = start_run()
    run.finish(error=ValueError("bad"))
    run.finish()
    assert (_only_run().status, _only_run().error) == ("failed", "ValueError: bad")


def test_finish_with_what_is_no_exception_is_refused_and_the_run_goes_on(project: Any) -> None:
    run = start_run()
    with pytest.raises(InvalidInput, match="is an exception, not str"):
        run.finish(error="it broke")  # type: ignore[arg-type]
    run.log_metrics({"loss": 1}, step=0)
    run.finish()
    assert _only_run().status == "completed"
    assert _only_run().metrics["loss"].count == 1


def test_logging_after_the_end_is_told_counted_and_harmless(project: Any) -> None:
    run = start_run()
    run.finish()
    with pytest.warns(RuntimeWarning, match="the run has finished"):
        run.log_metrics({"a": 1, "b": 2}, step=0)
    assert run.dropped == 2
    assert _only_run().final_metrics == {}


UNFINISHED = """
import modellab
outer = modellab.start_run("outer")
inner = modellab.start_run("inner")
inner.log_metrics({"loss": 0.5})
"""


@pytest.mark.parametrize(
    ("last_line", "exit_code", "status"), [("", 0, "completed"), ("raise KeyError('x')", 1, "failed")]
)
def test_an_unfinished_run_ends_with_its_process(
    project: Any, last_line: str, exit_code: int, status: str
) -> None:
    project.run(UNFINISHED + last_line, exit_code=exit_code)
    inner, outer = modellab.list_runs()
    assert (inner.name, inner.status, inner.final_metrics) == ("inner", status, {"loss": 0.5})
    assert (outer.name, outer.status) == ("outer", status)
    error = modellab.get_run(outer.run_id).error
    assert error == ("KeyError: 'x'" if exit_code else None)


def test_at_a_prompt_an_earlier_exception_does_not_fail_the_unfinished_run(project: Any) -> None:
    import subprocess

    lines = "import modellab\nrun = modellab.start_run()\n1 / 0\nrun.log_metrics({'loss': 1})\n"
    done = subprocess.run(
        [sys.executable, "-i"], input=lines, cwd=project.root, capture_output=True, text=True, timeout=60
    )
    assert "ZeroDivisionError" in done.stderr
    assert (_only_run().status, _only_run().final_metrics) == ("completed", {"loss": 1.0})


def test_a_killed_process_loses_nothing_and_its_run_is_failed(project: Any) -> None:
    project.run(
        """
import os, signal, modellab
run = modellab.start_run()
for step in range(100):
    run.log_metrics({"loss": step}, step=step)
os.kill(os.getpid(), signal.SIGKILL)
""",
        exit_code=-9,
    )
    run = _only_run()
    assert run.status == "failed"
    assert run.error is not None
    assert "without finishing" in run.error
    assert run.metrics["loss"].count == 100
