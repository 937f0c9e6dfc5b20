"""Forked children: each has a journal of its own, and none holds what is its parent's."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from modellab.journal.line import encode_points, parse_lines
from modellab.journal.lock import is_locked
from modellab.journal.place import list_open, list_run
from modellab.journal.writer import JournalWriter

Wait = Callable[[Callable[[], object]], None]

RUN = "18e9cf1c03828594ac10d6f5c21204ef"


def point_line(step: int) -> bytes:
    return encode_points(step, 1_700_000_000_000, {"loss": step})


def steps_in(path: Path) -> list[int]:
    batch = parse_lines(path.read_bytes())
    assert not batch.bad
    return list(batch.columns["loss"].steps)


def start_python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def run_python(code: str, *arguments: object) -> Any:
    process = start_python(code, *arguments)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return json.loads(output)


ORPHAN = """
import os, sys, pathlib
from modellab.journal.writer import JournalWriter
writer = JournalWriter(pathlib.Path(sys.argv[1]), sys.argv[2])
writer.append(b'[0,1,{"loss":0}]\\n')
parents = str(writer.path)
ready, tell = os.pipe()
if os.fork() == 0:
    if sys.argv[3] == "logging":
        writer.append(b'[1,1,{"loss":1}]\\n')
    os.write(tell, b"x")
    sys.stdin.read()
    os._exit(0)
os.read(ready, 1)
print(parents, flush=True)
print(writer.writer_id, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("child", ["logging", "silent"])
def test_a_child_that_outlives_its_parent_does_not_hold_the_parents_lock(
    tmp_path: Path, wait_until: Wait, child: str
) -> None:
    with start_python(ORPHAN, tmp_path, RUN, child) as process:
        path = Path(read_line(process))
        read_line(process)
        assert is_locked(path) is True
        process.kill()
        process.wait()
        assert is_locked(path) is False
        others = [ref.path for ref in list_run(tmp_path, RUN) if ref.path != path]
        assert [is_locked(other) for other in others] == ([True] if child == "logging" else [])
    # Its input is closed now, and so it ends.
    wait_until(lambda: not any(is_locked(other) for other in others))


def log_in_child(writer: JournalWriter, pipe: Connection) -> None:
    parents = writer.path
    writer.append(point_line(10))
    writer.append(point_line(11))
    pipe.send((writer.writer_id, writer.dropped, is_locked(writer.path), is_locked(parents)))
    writer.close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_gets_its_own_journal(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, RUN, fork_fields={"parent_pid": os.getpid()})
    writer.append(point_line(0))
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=log_in_child, args=(writer, there))
    child.start()
    assert here.poll(30)
    writer_id, dropped, own_lock, parents_lock = here.recv()
    child.join()
    assert writer_id != writer.writer_id
    assert (dropped, own_lock, parents_lock) == (0, True, True)
    assert is_locked(writer.path) is True
    writer.append(point_line(1))
    assert steps_in(writer.path) == [0, 1]
    (other,) = [ref for ref in list_run(tmp_path, RUN) if ref.writer_id == writer_id]
    batch = parse_lines(other.path.read_bytes())
    assert list(batch.columns["loss"].steps) == [10, 11]
    assert [(event["event"], event["parent_pid"]) for event in batch.events] == [("fork", os.getpid())]
    assert other in list_open(tmp_path)
    writer.close()


LATE = """
import json, os, pathlib, shutil, sys, warnings
from modellab.journal.writer import JournalWriter
journals = pathlib.Path(sys.argv[1])
writer = JournalWriter(journals, sys.argv[2])
if os.fork() == 0:
    shutil.rmtree(journals)
    journals.write_text("a file stands in the way")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        worked = [writer.append(b'[0,1,{"loss":0}]\\n'), writer.append(b'[1,1,{"loss":1}]\\n')]
    journals.unlink()
    worked.append(writer.append(b'[2,1,{"loss":2}]\\n'))
    print(json.dumps([worked, writer.dropped, [str(w.message) for w in told], str(writer.path)]), flush=True)
    os._exit(0)
os.wait()
"""


def test_a_forked_child_that_cannot_write_at_first_goes_on_trying(tmp_path: Path) -> None:
    worked, dropped, told, path = run_python(LATE, tmp_path / "journals", RUN)
    assert worked == [False, False, True]
    assert dropped == 2
    assert len(told) == 1
    assert "the run has finished" not in told[0]
    assert steps_in(Path(path)) == [2]
