# ruff: noqa: T201 - printing is what is tested
from __future__ import annotations

import contextlib
import copy
import io
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from modellab.capture.console import ConsoleCapture

Lines = list[tuple[str, str]]


class Streams(Protocol):  # as in conftest.py
    out: io.TextIOWrapper
    err: io.TextIOWrapper

    @property
    def printed(self) -> str: ...
    @property
    def printed_errors(self) -> str: ...


@contextlib.contextmanager
def capturing(**options: Any) -> Iterator[Lines]:
    lines: Lines = []
    capture = ConsoleCapture(lambda stream, line: lines.append((stream, line)), **options)
    capture.start()
    try:
        yield lines
    finally:
        capture.stop()


def test_lines_are_printed_and_handed_over(streams: Streams) -> None:
    with capturing() as lines:
        print("one", 1)
        print("error", file=sys.stderr)
        sys.stdout.writelines(["two\n", "\n", "three\n"])

    assert lines == [
        ("stdout", "one 1"),
        ("stderr", "error"),
        ("stdout", "two"),
        ("stdout", ""),
        ("stdout", "three"),
    ]
    assert streams.printed == "one 1\ntwo\n\nthree\n"
    assert streams.printed_errors == "error\n"
    assert sys.stdout is streams.out
    assert sys.stderr is streams.err


def test_a_line_is_handed_over_when_it_is_complete(streams: Streams) -> None:
    with capturing() as lines:
        print("epoch", end=" ")
        assert lines == []
        print("1")
        assert lines == [("stdout", "epoch 1")]


def test_an_unfinished_last_line_is_handed_over_at_the_end(streams: Streams) -> None:
    with capturing() as lines:
        print("done", end="")

    assert lines == [("stdout", "done")]


def test_nothing_is_handed_over_after_the_end(streams: Streams) -> None:
    with capturing() as lines:
        kept = sys.stdout
    print("after")
    print("kept", file=kept)

    assert lines == []
    assert streams.printed == "after\nkept\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["\r 10%", "\r 50%", "\r100%", "\n"], ["100%"]),
        (["10%\r", "50%\r", "100%\r", "\n"], ["100%"]),
        (["10%\r50%\r100%\nnext\r\n"], ["100%", "next"]),
        (["\r10%", "\r     \rmessage\n", "\r20%"], ["message", "20%"]),
        (["10%\r"], ["10%"]),
        (["\r\n", "\r"], [""]),
    ],
)
def test_of_a_progress_bar_the_last_state_is_kept(
    streams: Streams, texts: list[str], expected: list[str]
) -> None:
    with capturing() as lines:
        for text in texts:
            sys.stdout.write(text)

    assert [line for _, line in lines] == expected
    assert streams.printed == "".join(texts)


def test_a_line_that_never_ends_is_handed_over_in_pieces(streams: Streams) -> None:
    with capturing() as lines:
        for _ in range(100_000):
            sys.stdout.write(".")
        assert len(lines) > 1

    assert "".join(line for _, line in lines) == "." * 100_000


def test_after_the_limit_one_line_says_so(streams: Streams) -> None:
    with capturing(limit=20) as lines:
        for n in range(100):
            print(f"line {n:04}")

    assert lines == [
        ("stdout", "line 0000"),
        ("stdout", "line 0001"),
        ("stdout", "(the rest is not recorded: the limit of 20 characters was reached)"),
    ]
    assert streams.printed.count("\n") == 100


def test_empty_lines_count_towards_the_limit(streams: Streams) -> None:
    with capturing(limit=5) as lines:
        print("\n" * 100)

    assert len(lines) == 6


def test_characters_that_cannot_be_stored_are_replaced(streams: Streams) -> None:
    with contextlib.redirect_stdout(io.StringIO()), capturing() as lines:
        sys.stdout.write("a\0b\udce9ü\n")

    assert lines == [("stdout", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}ü")]


def test_printing_while_a_line_is_handed_over_is_passed_on_and_not_recorded(streams: Streams) -> None:
    lines: list[str] = []

    def write(stream: str, line: str) -> None:
        print(f"writing {line}")
        lines.append(line)

    capture = ConsoleCapture(write)
    capture.start()
    print("one")
    print("unfinished", end="")
    capture.stop()

    assert lines == ["one", "unfinished"]
    assert streams.printed == "one\nwriting one\nunfinishedwriting unfinished\n"


def test_a_failing_writer_does_not_reach_print(streams: Streams) -> None:
    lines: list[str] = []

    def write(stream: str, line: str) -> None:
        if line == "bad":
            raise OSError("disk full")
        lines.append(line)

    capture = ConsoleCapture(write)
    capture.start()
    print("good\nbad\ngood again")
    print("bad", end="")
    capture.stop()

    assert lines == ["good", "good again"]


def test_errors_of_the_stream_itself_are_those_that_print_raises_anyway(streams: Streams) -> None:
    closed = io.StringIO()
    with contextlib.redirect_stdout(closed), capturing() as lines:
        with pytest.raises(TypeError):
            sys.stdout.write(b"bytes")  # type: ignore[arg-type]
        closed.close()
        with pytest.raises(ValueError, match="closed"):
            print("late")

    assert lines == []


def test_everything_else_is_that_of_the_stream(streams: Streams) -> None:
    with capturing() as lines:
        assert isinstance(sys.stdout, io.TextIOWrapper)
        assert sys.stdout.encoding == streams.out.encoding
        assert sys.stdout.isatty() is False
        assert sys.stdout.buffer is streams.out.buffer
        assert repr(sys.stdout) == repr(streams.out)
        with pytest.raises(io.UnsupportedOperation):
            sys.stdout.fileno()
        with pytest.raises(AttributeError):
            sys.stdout.no_such_thing  # type: ignore[attr-defined]  # noqa: B018
        with pytest.raises(TypeError):
            copy.copy(sys.stdout)
        sys.stdout.reconfigure(line_buffering=True)
        assert sys.stdout.line_buffering
        assert sys.stdout.write("é\n") == 2
        sys.stdout.flush()

    assert lines == [("stdout", "é")]


def test_a_missing_stream_is_left_missing(streams: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with capturing() as lines:
        print("out")
        assert sys.stderr is None

    assert lines == [("stdout", "out")]
    assert sys.stderr is None


def test_a_stream_that_someone_else_put_there_meanwhile_stays(streams: Streams) -> None:
    theirs = io.StringIO()
    with capturing() as lines:
        print("before")
        sys.stdout = theirs
        print("theirs")
    print("after")

    assert sys.stdout is theirs
    assert theirs.getvalue() == "theirs\nafter\n"
    assert lines == [("stdout", "before")]


def test_output_that_a_program_redirects_is_its_own(streams: Streams) -> None:
    with capturing() as lines:
        with contextlib.redirect_stdout(io.StringIO()) as theirs:
            print("theirs")
        print("ours")

    assert theirs.getvalue() == "theirs\n"
    assert lines == [("stdout", "ours")]
    assert sys.stdout is streams.out


def test_a_capture_that_ends_inside_a_redirection_leaves_a_sane_stream(streams: Streams) -> None:
    capture = ConsoleCapture(lambda *_: None)
    capture.start()
    with contextlib.redirect_stdout(io.StringIO()):
        capture.stop()
    print("passed on")  # through the old tee, which redirect_stdout put back

    with capturing() as lines:
        print("again")

    assert lines == [("stdout", "again")]
    assert sys.stdout is streams.out
    assert streams.printed == "passed on\nagain\n"


def test_of_nested_captures_the_innermost_receives(streams: Streams) -> None:
    with capturing() as outer:
        print("a")
        handler = logging.StreamHandler(sys.stderr)  # holds the outer stream
        with capturing() as inner:
            print("b")
            handler.emit(logging.makeLogRecord({"msg": "logged"}))
        print("c")

    assert outer == [("stdout", "a"), ("stdout", "c")]
    assert inner == [("stdout", "b"), ("stderr", "logged")]
    assert streams.printed == "a\nb\nc\n"
    assert sys.stdout is streams.out


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_nested_captures_may_end_in_any_order(streams: Streams, order: tuple[int, ...]) -> None:
    lines: list[list[str]] = [[], [], []]

    def make_writer(number: int) -> Callable[[str, str], None]:
        return lambda _, line: lines[number].append(line)

    captures = [ConsoleCapture(make_writer(number)) for number in range(3)]
    for capture in captures:
        capture.start()
    for n, number in enumerate(order):
        print(f"{n}")
        captures[number].stop()
    print("end")

    expected: list[list[str]] = [[], [], []]
    for n in range(3):
        expected[max(order[n:])].append(f"{n}")
    assert lines == expected
    assert sys.stdout is streams.out
    assert sys.stderr is streams.err
    assert streams.printed == "0\n1\n2\nend\n"


def test_a_wrapper_around_our_stream_does_not_double_lines(streams: Streams) -> None:
    class Wrapper:
        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def write(self, text: str) -> int:
            return int(self.stream.write(text))

    with capturing() as outer:
        sys.stdout = Wrapper(sys.stdout)
        with capturing() as inner:
            print("once")

    assert inner == [("stdout", "once")]
    assert outer == []
    assert streams.printed == "once\n"


def test_starting_and_stopping_twice_is_harmless(streams: Streams) -> None:
    lines: list[str] = []
    capture = ConsoleCapture(lambda _, line: lines.append(line))
    capture.stop()
    capture.start()
    capture.start()
    print("one")
    capture.stop()
    capture.stop()
    capture.start()
    print("two")
    capture.stop()

    assert lines == ["one", "two"]
    assert sys.stdout is streams.out
