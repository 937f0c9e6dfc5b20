from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from modellab.ids import new_run_id
from modellab.journal.line import encode_points
from modellab.settings import Settings
from modellab.store import open_store

WaitUntil = Callable[[Callable[[], object]], None]

_TRAIN = """
import sys, time
from pathlib import Path
from modellab.journal.line import encode_points
from modellab.journal.writer import JournalWriter
writer = JournalWriter(Path(sys.argv[1]), sys.argv[2])
writer.append_event("start", {"started_us": time.time_ns() // 1000, "params": {}})
for step in range(1000):
    writer.append(encode_points(step, time.time_ns() // 1_000_000, {"loss": 1.0}))
print("logged", flush=True)
sys.stdin.read()
"""


def test_what_a_run_logs_is_visible_while_it_goes_on(lab: Any, wait_until: WaitUntil) -> None:
    writer = lab.write(params={"lr": 0.1})
    wait_until(lambda: lab.ids(status="running") == [writer.run_id])
    for count in (10, 20):
        for step in range(count - 10, count):
            writer.append(encode_points(step, 1_763_000_000_000, {"loss": float(step)}))
        path = f"/runs/{writer.run_id}/series"
        wait_until(lambda: [curve["count"] for curve in lab.get(path)["series"]] == [count])  # noqa: B023
    writer.append_event("end", {"status": "completed"})
    writer.close()
    wait_until(lambda: lab.ids(status="completed") == [writer.run_id])


def test_a_killed_run_is_failed_soon_and_keeps_all_it_logged(lab: Any, wait_until: WaitUntil) -> None:
    run_id = new_run_id()
    training = subprocess.Popen(
        [sys.executable, "-c", _TRAIN, str(lab.settings.journals), run_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with training:
        assert training.stdout is not None
        assert training.stdout.readline() == b"logged\n"
        wait_until(lambda: lab.ids(status="running") == [run_id])
        training.send_signal(signal.SIGKILL)
    wait_until(lambda: lab.ids(status="failed") == [run_id])
    run = lab.store.runs.get(run_id)
    assert run.status == "failed"
    assert "killed" in run.error
    (curve,) = lab.get(f"/runs/{run_id}/series", max_points=2000)["series"]
    assert curve["steps"] == list(range(1000))


def test_a_journal_that_cannot_be_read_is_logged_once_and_collecting_goes_on(
    lab: Any, wait_until: WaitUntil, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="modellab.server.live"):
        poisoned = lab.settings.journals / "00000000" / "feedfeedfeedfeed.jsonl"
        poisoned.mkdir(parents=True)
        marks = lab.settings.journals / ".open"
        marks.mkdir(exist_ok=True)
        (marks / "00000000.feedfeedfeedfeed").touch()
        wait_until(lambda: caplog.records)
        (marks / "00000000.feedfeedfeedfeed").unlink()
        writer = lab.write()
        wait_until(lambda: lab.ids() == [writer.run_id])
        writer.close()
    assert len(caplog.records) == 1
    assert "trying again" in caplog.text


def test_an_unreadable_line_is_told_in_the_log_and_the_rest_is_read(
    start_server: Callable[..., Any], settings: Settings, wait_until: WaitUntil
) -> None:
    server = start_server()
    server.read_until("http://")
    with open_store(settings) as store:
        run_id = _write_run_with_a_bad_line(settings)
        line = server.read_until("could not be read")
        assert run_id in line
        wait_until(lambda: [run.run_id for run in store.runs.list().items] == [run_id])
        wait_until(lambda: store.runs.get(run_id).status == "completed")
        series = store.series.read(run_id, "loss")
        assert series is not None
        assert list(series.values) == [1.0, 2.0]
    assert server.stop() == 0


def _write_run_with_a_bad_line(settings: Settings) -> str:
    from modellab.journal.writer import JournalWriter

    writer = JournalWriter(settings.journals, new_run_id())
    writer.append_event("start", {"started_us": 1_763_000_000_000_000, "params": {}})
    writer.append(encode_points(0, 1_763_000_000_000, {"loss": 1.0}))
    writer.append(b"\x00\x01 what is this\n")
    writer.append(encode_points(1, 1_763_000_000_000, {"loss": 2.0}))
    writer.append_event("end", {"status": "completed"})
    writer.close()
    return writer.run_id
