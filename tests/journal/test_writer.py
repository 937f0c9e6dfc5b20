"""Writing journals: nothing that was written is lost, and nothing that goes wrong is raised."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest

from modellab.errors import InvalidSetting
from modellab.ids import new_run_id
from modellab.journal.line import encode_points, parse_lines
from modellab.journal.lock import is_alive, is_locked
from modellab.journal.place import list_open, list_run, unmark_open
from modellab.journal.writer import JournalWriter

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


def test_lines_are_in_the_file_when_the_call_returns(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, RUN)
    for step in range(3):
        assert writer.append(point_line(step))
        assert steps_in(writer.path) == list(range(step + 1))
    os.write(writer.fd, point_line(3))
    assert steps_in(writer.path) == [0, 1, 2, 3]
    writer.append_event("note", {"note": "x"})
    assert parse_lines(writer.path.read_bytes()).events[0]["note"] == "x"
    writer.close()


def test_each_writer_of_a_run_has_its_own_journal(tmp_path: Path) -> None:
    writers = [JournalWriter(tmp_path, RUN) for _ in range(3)]
    for step, writer in enumerate(writers):
        writer.append(point_line(step))
    assert sorted(steps_in(ref.path)[0] for ref in list_run(tmp_path, RUN)) == [0, 1, 2]
    assert {ref.writer_id for ref in list_open(tmp_path)} == {writer.writer_id for writer in writers}
    for writer in writers:
        writer.close()


def test_a_live_writer_holds_the_lock_until_it_closes(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, RUN)
    assert writer.locked
    assert is_locked(writer.path) is True
    writer.close()
    assert is_locked(writer.path) is False
    assert is_locked(tmp_path / "none.jsonl") is False


def test_a_closed_writer_counts_what_comes_too_late(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, RUN)
    writer.close()
    writer.close()
    with pytest.warns(RuntimeWarning, match="the run has finished"):
        assert not writer.append(point_line(1), weight=5)
    assert writer.dropped == 5
    writer.sync()


KILLED = """
import sys, pathlib
from modellab.journal.writer import JournalWriter
from modellab.journal.line import encode_points
writer = JournalWriter(pathlib.Path(sys.argv[1]), sys.argv[2])
for step in range(100):
    writer.append(encode_points(step, 1, {"loss": step}))
print(writer.path, flush=True)
sys.stdin.read()
"""


def test_a_killed_process_loses_nothing_but_its_lock(tmp_path: Path) -> None:
    with start_python(KILLED, tmp_path, RUN) as process:
        path = Path(read_line(process))
        assert is_locked(path) is True
        assert is_alive(path)
        process.kill()
        process.wait()
    assert is_locked(path) is False
    assert not is_alive(path)
    assert steps_in(path) == list(range(100))


ORDER = """
import json, sys, pathlib
seen = []
def watch(event, args):
    if event == "open" and str(args[0]).startswith(sys.argv[1]):
        seen.append("mark" if ".open" in str(args[0]) else "journal")
    elif event == "fcntl.flock":
        seen.append("lock")
sys.addaudithook(watch)
from modellab.journal.writer import JournalWriter
JournalWriter(pathlib.Path(sys.argv[1]), "r").append(b"[]")
print(json.dumps([what for i, what in enumerate(seen) if what not in seen[:i]]))
"""


def test_a_journal_is_locked_before_it_is_shown_to_collectors(tmp_path: Path) -> None:
    # A collector that sees an unlocked journal takes its writer for dead.
    assert run_python(ORDER, tmp_path) == ["journal", "lock", "mark"]


def test_a_deleted_journal_is_put_back_by_sync(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "journals", RUN)
    writer.append(point_line(0))
    shutil.rmtree(tmp_path / "journals")
    assert writer.append(point_line(1))
    writer.sync()
    assert steps_in(writer.path) == [0, 1]
    assert is_locked(writer.path) is True
    assert [ref.path for ref in list_open(tmp_path / "journals")] == [writer.path]
    writer.append(point_line(2))
    os.write(writer.fd, point_line(3))
    assert steps_in(writer.path) == [0, 1, 2, 3]
    assert writer.dropped == 0
    writer.close()


def test_a_deleted_journal_is_put_back_when_the_run_ends(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "journals", RUN)
    writer.append(b"".join(point_line(step) for step in range(40_000)))  # more than one piece to copy
    shutil.rmtree(tmp_path / "journals")
    writer.close()
    assert steps_in(writer.path) == list(range(40_000))


def test_a_journal_that_cannot_be_put_back_yet_is_put_back_later(tmp_path: Path) -> None:
    journals = tmp_path / "journals"
    writer = JournalWriter(journals, RUN)
    writer.append(point_line(0))
    shutil.rmtree(journals)
    journals.write_text("a file stands in the way")
    with pytest.warns(RuntimeWarning, match="cannot be written"):
        writer.sync()
    assert writer.append(point_line(1))
    assert writer.dropped == 0
    journals.unlink()
    writer.sync()
    assert steps_in(writer.path) == [0, 1]
    writer.close()


@pytest.mark.parametrize("place", ["file", "file/below", "file/far/below"])
def test_a_place_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSetting, match=r"cannot be written to .*file"):
        JournalWriter(tmp_path / place, RUN)


FULL = """
import json, os, resource, sys, warnings, pathlib
from modellab.journal.writer import JournalWriter
from modellab.journal.line import encode_points

def line(step):
    return encode_points(step, 1, {"loss": step, "acc": 0.5})

def log(step):
    if sys.argv[3] == "append":
        return writer.append(line(step), weight=2)
    try:  # the quick way, as tracking does it
        written = os.write(writer.fd, line(step))
    except OSError:
        return writer.append(line(step), weight=2)
    if written != len(line(step)):
        writer.finish_partial(line(step), written, weight=2)
        return False
    return True

writer = JournalWriter(pathlib.Path(sys.argv[1]), sys.argv[2])
size = len(b"".join(map(line, range(50)))) + int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    worked = [step for step in range(100) if log(step)]
    dropped = writer.dropped
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    worked += [step for step in range(100, 120) if log(step)]
    writer.close()
print(json.dumps([str(writer.path), worked, dropped, writer.dropped, [str(w.message) for w in told]]))
"""


@pytest.mark.parametrize("way", ["append", "direct"])
@pytest.mark.parametrize("room", [0, 1, 15])
def test_a_full_disk_is_one_warning_and_a_count_and_no_harm(tmp_path: Path, way: str, room: int) -> None:
    path, worked, dropped, dropped_at_end, told = run_python(FULL, tmp_path, RUN, way, room)
    assert worked == [*range(50), *range(100, 120)]
    assert dropped == dropped_at_end == 50 * 2
    assert len(told) == 1
    assert "File too large" in told[0]
    assert "dropped" in told[0]
    batch = parse_lines(Path(path).read_bytes())
    assert list(batch.columns["loss"].steps) == worked
    assert len(batch.bad) == (room > 0)


@pytest.mark.parametrize("direct", [False, True])
def test_threads_that_log_at_once_lose_nothing(tmp_path: Path, direct: bool) -> None:
    writer = JournalWriter(tmp_path, RUN)
    together = threading.Barrier(4)

    def log(first: int) -> None:
        together.wait()
        for step in range(first, first + 2000):
            if direct:
                os.write(writer.fd, point_line(step))
            else:
                writer.append(point_line(step))

    threads = [threading.Thread(target=log, args=(2000 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = steps_in(writer.path)
    assert sorted(found) == list(range(8000))
    for i in range(4):
        assert [step for step in found if step // 2000 == i] == list(range(2000 * i, 2000 * i + 2000))
    writer.close()


def test_marks_of_open_journals_come_and_go(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, new_run_id())
    unmark_open(tmp_path, writer.run_id, writer.writer_id)
    unmark_open(tmp_path, writer.run_id, writer.writer_id)
    assert list_open(tmp_path) == []
    writer.close()


def test_a_warning_that_is_itself_logged_does_not_hang(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, RUN)
    writer.close()

    def show(message: object, *_: object, **__: object) -> None:  # as a captured console does
        writer.append_event("console", {"text": str(message)})

    with warnings.catch_warnings():
        warnings.showwarning = show
        warnings.simplefilter("always")
        thread = threading.Thread(target=writer.append, args=(point_line(1),), daemon=True)
        thread.start()
        thread.join(30)
    assert not thread.is_alive()
    assert writer.dropped == 2


def test_where_warnings_are_errors_logging_still_does_not_raise(tmp_path: Path, capsys: Any) -> None:
    writer = JournalWriter(tmp_path, RUN)
    writer.close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not writer.append(point_line(1))
    assert writer.dropped == 1
    assert "the run has finished" in capsys.readouterr().err
