from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from modellab.capture.program import run_program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs asked here are POSIX ones")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_output_and_exit_code_come_back() -> None:
    output = run_program(["sh", "-c", "echo out; echo error >&2; exit 3"])

    assert output is not None
    assert (output.data, output.exit_code, output.complete, output.n_left_out) == (b"out\n", 3, True, 0)


def test_a_missing_program_is_none() -> None:
    assert run_program(["no-such-program-anywhere"]) is None


def test_a_program_gets_no_input_and_no_terminal() -> None:
    output = run_program(["sh", "-c", "cat; (: < /dev/tty) 2>/dev/null && echo terminal; echo done"])

    assert output is not None
    assert output.data == b"done\n"


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    output = run_program(["sh", "-c", f"sleep 600 & echo $! $$ > {pids}; echo begun; wait"], timeout_s=0.5)

    assert output is not None
    assert (output.data, output.exit_code, output.complete) == (b"begun\n", None, False)
    deadline = time.monotonic() + 10
    while any(is_alive(int(pid)) for pid in pids.read_text().split()):
        assert time.monotonic() < deadline, "a process was left behind"


def test_endless_output_is_cut_and_the_program_ended() -> None:
    output = run_program(["yes"], limit=1_000)

    assert output is not None
    assert output.data == b"y\n" * 500
    assert (output.exit_code, output.complete) == (None, False)
    assert output.n_left_out > 0


def test_output_beyond_the_limit_is_counted_in_characters() -> None:
    output = run_program(["printf", "äöü" * 1_000], limit=600)

    assert output is not None
    assert (len(output.data), output.n_left_out, output.complete) == (600, 2_700, True)
