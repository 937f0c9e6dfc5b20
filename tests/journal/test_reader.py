"""Reading journals that are whole, torn, damaged or full of garbage."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.errors import InvalidInput
from modellab.journal.line import Batch, encode_event, encode_points, parse_lines
from modellab.journal.place import check_run_id, journal_path, list_all, list_open, list_run, mark_open
from modellab.journal.reader import journal_size, read_complete, read_fragment, set_aside, tail_lines

TIME_MS = 1_700_000_000_000


def point_line(step: int) -> bytes:
    return encode_points(step, TIME_MS + step, {"loss": step / 8, "acc": step % 7})


def steps_of(batch: Batch, name: str = "loss") -> list[int]:
    column = batch.columns.get(name)
    return list(column.steps) if column else []


def test_a_torn_last_line_waits_for_its_rest(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    first, second = point_line(1), point_line(2)
    for cut in range(len(second)):
        journal.write_bytes(first + second[:cut])
        assert read_complete(journal, 0) == first
        assert read_complete(journal, len(first)) == b""
        assert read_fragment(journal, len(first)) == second[:cut]
    journal.write_bytes(first + second)
    assert read_complete(journal, len(first)) == second


def test_batches_end_at_line_ends_and_leave_nothing_out(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    lines = [point_line(step) for step in range(500)]
    journal.write_bytes(b"".join(lines))
    offset, found = 0, b""
    while data := read_complete(journal, offset, limit=1000):
        assert data.endswith(b"\n")
        assert len(data) <= 1000
        found += data
        offset += len(data)
    assert found == b"".join(lines) == b"".join(tail_lines(journal))


@pytest.mark.parametrize("length", [999, 1000, 1001, 1999, 2000, 2001, 50_000])
def test_a_line_longer_than_a_batch_is_read_whole(tmp_path: Path, length: int) -> None:
    journal = tmp_path / "j.jsonl"
    long = b"x" * (length - 1) + b"\n"
    journal.write_bytes(long + point_line(1))
    data = read_complete(journal, 0, limit=1000)
    assert data.startswith(long)
    assert data + read_complete(journal, len(data), limit=1000) == long + point_line(1)


def test_a_line_of_any_length_does_not_hide_the_lines_behind_it(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    with journal.open("wb") as file:
        file.truncate(80 << 20)  # NUL bytes, as some file systems leave after a power cut
        file.seek(0, 2)
        file.write(b"\n" + point_line(7))
    batches = [parse_lines(data) for data in tail_lines(journal)]
    assert [step for batch in batches for step in steps_of(batch)] == [7]
    assert sum(len(batch.bad) for batch in batches) == 1


def test_a_journal_that_is_not_there_has_no_size(tmp_path: Path) -> None:
    assert journal_size(tmp_path / "none.jsonl") == 0
    with pytest.raises(FileNotFoundError):
        read_complete(tmp_path / "none.jsonl", 0)


BAD_LINES = [
    b"garbage",
    b"[1,2",
    b"\x00\x00\x00\x00",
    b"\xff\xfe\x80",
    b"null",
    b"5",
    b'""',
    b'"ab"',
    b'"abc"',
    b"true",
    b"[]",
    b"[1]",
    b"[1,2]",
    b"[1,2,3]",
    b"[1,2,null]",
    b'[1,2,"ab"]',
    b'[1,2,["loss"]]',
    b'[1,2,{"loss":null}]',
    b'[1,2,{"loss":"x"}]',
    b'[1,2,{"loss":[1]}]',
    b'[1,2,{"loss":{}}]',
    b'[1,2,{"loss":1},4]',
    b'[1,2,{"loss":15]',
    b'[1,2,{"loss":1}}',
    b'[1,2,{"loss":1,"loss":2}',
    b'[1.5,2,{"loss":1}]',
    b'["1",2,{"loss":1}]',
    b'[1,2.5,{"loss":1}]',
    b'[1,null,{"loss":1}]',
    b'[9007199254740993,2,{"loss":1}]',
    b'[-9007199254740993,2,{"loss":1}]',
    b'[9223372036854775808,2,{"loss":1}]',
    b'[1,9223372036854775807,{"loss":1}]',
    b'[1,-1,{"loss":1}]',
    b'[1,2,{"":1}]',
    b'[1,2,{"a\\u0000b":1}]',
    b'[1,2,{"' + b"n" * 251 + b'":1}]',
    b"{}",
    b'{"event":"note"}',
    b'{"event":5,"time":1}',
    b'{"event":"note","time":"now"}',
    b'{"event":"note","time":1.5}',
    b'{"event":"note","time":true}',
    b'{"event":"note","time":9223372036854775807}',
    b'{"event":"note","time":-1}',
    b"[" * 5000,
    b"[1,2,{}][1,2,{}]",
    b"[1,2,{}],[1,2,{}]",
]


@pytest.mark.parametrize("bad", BAD_LINES, ids=lambda line: repr(line[:30]))
def test_an_unreadable_line_is_set_aside_and_the_others_are_read(bad: bytes) -> None:
    event = encode_event("note", TIME_MS, {"note": "x"})
    batch = parse_lines(point_line(1) + bad + b"\n" + event + point_line(2))
    assert batch.bad == [bad]
    assert steps_of(batch) == [1, 2]
    assert [event["note"] for event in batch.events] == ["x"]


def test_two_bad_lines_that_make_sense_together_are_still_two_bad_lines() -> None:
    batch = parse_lines(point_line(1) + b'[2,3\n{"loss":1}]\n' + point_line(4))
    assert steps_of(batch) == [1, 4]
    assert batch.bad == [b"[2,3", b'{"loss":1}]']


@pytest.mark.parametrize("bad", ['"x"', "null", "[1]", "{}"])
def test_a_bad_value_among_good_ones_costs_its_line_and_doubles_none(bad: str) -> None:
    bad_line = f'[2,3,{{"loss":0.5,"acc":{bad}}}]'.encode()
    batch = parse_lines(point_line(1) + bad_line + b"\n" + point_line(3))
    assert steps_of(batch, "loss") == steps_of(batch, "acc") == [1, 3]
    assert batch.bad == [bad_line]


@pytest.mark.parametrize("bad", BAD_LINES, ids=lambda line: repr(line[:30]))
def test_an_unreadable_last_line_is_set_aside_too(bad: bytes) -> None:
    batch = parse_lines(encode_points(1, TIME_MS, {"loss": 1}) + bad + b"\n")
    assert batch.bad == [bad]
    assert steps_of(batch) == [1]
    assert parse_lines(bad + b"\n").bad == [bad]


def test_lines_that_name_their_metrics_in_another_order_are_told_apart() -> None:
    numbers = {"a": 1, "b": 2, "c": 3}
    orders = ["abc", "acb", "abc"]
    lines = [
        encode_points(i, TIME_MS, {name: numbers[name] for name in order}) for i, order in enumerate(orders)
    ]
    batch = parse_lines(b"".join(lines))
    assert {name: column.values.tolist() for name, column in batch.columns.items()} == {
        name: [number] * 3 for name, number in numbers.items()
    }
    assert [column.steps.tolist() for column in batch.columns.values()] == [[0, 1, 2]] * 3


def test_many_metrics_are_read_like_few() -> None:
    for count in (126, 127, 128, 300):
        metrics = {f"m{i}": i for i in range(count)}
        batch = parse_lines(encode_points(1, TIME_MS, metrics) + encode_points(2, TIME_MS, metrics))
        assert {name: column.values.tolist() for name, column in batch.columns.items()} == {
            f"m{i}": [i, i] for i in range(count)
        }


def test_numbers_moved_from_one_line_to_the_next_make_both_bad() -> None:
    good = encode_points(9, TIME_MS, {"loss": 1})
    batch = parse_lines(
        good + b'[1,{"loss":1}]\n[1,2,3,{"loss":1}]\n[1,2}]\n[1,2,{"loss":1,{"loss":2}]\n' + good
    )
    assert steps_of(batch) == [9, 9]
    assert len(batch.bad) == 4


def test_empty_lines_say_nothing() -> None:
    batch = parse_lines(b"\n" + point_line(1) + b"\n  \r\n" + point_line(2))
    assert steps_of(batch) == [1, 2]
    assert batch.bad == []


def test_metrics_without_a_value_are_fine() -> None:
    assert parse_lines(encode_points(1, TIME_MS, {})).n_points == 0


@given(st.binary(max_size=300))
def test_garbage_is_never_an_exception(garbage: bytes) -> None:
    batch = parse_lines(garbage + b"\n" + point_line(9))
    assert 9 in steps_of(batch)


EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["flip", "delete", "insert", "cut"]),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=12,
)


def damage(data: bytes, edits: list[tuple[float, str, int]]) -> bytes:
    for place, kind, byte in edits:
        at = int(place * len(data))
        if kind == "flip":
            data = data[:at] + bytes([data[at] ^ (byte or 1)]) + data[at + 1 :] if data else data
        elif kind == "delete":
            data = data[:at] + data[at + 1 + byte % 40 :]
        elif kind == "insert":
            data = data[:at] + bytes([byte]) * (1 + byte % 3) + data[at:]
        else:
            data = data[: max(at, len(data) // 2)]
    return data


@given(st.integers(1, 40), EDITS)
def test_damage_never_raises_and_every_untouched_line_is_read(
    count: int, edits: list[tuple[float, str, int]]
) -> None:
    lines = [point_line(step) for step in range(count)]
    damaged = damage(b"".join(lines), edits)
    whole = damaged[: damaged.rfind(b"\n") + 1]
    batch = parse_lines(whole)
    untouched = [step for step, line in enumerate(lines) if line[:-1] in whole.split(b"\n")]
    assert set(untouched) <= set(steps_of(batch))
    assert set(untouched) <= set(steps_of(batch, "acc"))
    for line in batch.bad:
        assert line in whole


def test_bad_lines_are_kept_beside_the_journal_each_once(tmp_path: Path) -> None:
    journal = tmp_path / "w.jsonl"
    place = set_aside(journal, [b"one", b"two"])
    set_aside(journal, [b"two", b"three"])
    assert place == tmp_path / "w.bad"
    assert place.read_bytes() == b"one\ntwo\nthree\n"


def test_journals_are_found_by_run_and_oldest_first(tmp_path: Path) -> None:
    for run, writer in (("b", "w1"), ("a.1", "w2"), ("a.1", "w1")):
        path = journal_path(tmp_path, run, writer)
        path.parent.mkdir(exist_ok=True)
        path.touch()
        mark_open(tmp_path, run, writer)
    expected = [("a.1", "w1"), ("a.1", "w2"), ("b", "w1")]
    assert [ref[:2] for ref in list_open(tmp_path)] == expected
    assert [ref[:2] for ref in list_all(tmp_path)] == expected
    assert [ref.path.name for ref in list_run(tmp_path, "a.1")] == ["w1.jsonl", "w2.jsonl"]
    assert list_open(tmp_path / "none") == list(list_all(tmp_path / "none")) == []


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", ".hidden", "a" * 129, "ä", "a\n", None, 5], ids=repr)
def test_a_run_id_that_is_no_folder_name_is_refused(run_id: object) -> None:
    with pytest.raises(InvalidInput, match="run id may not be"):
        check_run_id(run_id)
