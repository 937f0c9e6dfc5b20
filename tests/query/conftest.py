"""Random queries, and runs for them to find: few names and values, so that the two often meet."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import strategies as st

from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points, encode_value
from modellab.query import And, Condition, Field, Node, Not, Or
from modellab.records import RUN_STATUSES
from modellab.store import Store

NOW_US = 1_772_366_400_000_000  # 2026-03-01, noon
NAMES = ("acc", "loss", "loss.min", "a b", 'say "hi"')
TEXTS = (
    "",
    "svm",
    "SVM",
    "a%b",
    "a_b",
    "a\\b",
    "[x]*?",
    "Ärger",
    "ärger",
    "10",
    "vision\nlab",
    "x" * 310,
    "'; --",
)
NUMBERS = (0.0, 0.5, 0.75, 1.0, 3.0, -2.5, 1e-3, 2.0**60, math.inf, -math.inf)
TIMES = (
    *("2026-03-01", "2026-03-01T12:00Z", "2026-03-01T12:00:00.000500", "2026-03-01 15:30:01+02:00"),
    *("-1h", "-2d", "0001-01-01", "9999-12-31T23:59:59Z"),
)
PATTERNS = (
    "%",
    "_",
    "svm",
    "S%",
    "%a_b%",
    "a\\_b",
    "%\\\\%",
    "[x]*?",
    "%ÄR%",
    "%r%r%",
    "__",
    "x%x",
    "a\\",
    "",
)
SUMMARIES = ("final", "last", "first", "min", "max", "count", "n_nonfinite", "last_step", "min_step")
TEXT_FIELDS = ("run_id", "name", "note", "command", "dataset_id", "project_id", "git_branch")
DATASET_TEXTS = ("iris", "Iris", "train", "a" * 64, "")
NUMBER_FIELDS = ("seed", "n_artifacts", "duration_s")


def _conditions(
    field: Field, values: Sequence[Any], *, ordered: bool, like: bool
) -> st.SearchStrategy[Condition]:
    value = st.sampled_from(values)
    single = ["=", "!=", *(["<", "<=", ">", ">="] if ordered else [])]
    kinds: list[st.SearchStrategy[Any]] = [
        st.tuples(st.sampled_from(single), st.tuples(value)),
        st.tuples(st.sampled_from(["in", "not in"]), st.lists(value, min_size=1, max_size=3).map(tuple)),
        st.tuples(st.just("exists"), st.just(())),
    ]
    if ordered:
        kinds.append(st.tuples(st.sampled_from(["between", "not between"]), st.tuples(value, value)))
    if like:
        words = ["like", "not like", "ilike", "not ilike"]
        kinds.append(st.tuples(st.sampled_from(words), st.tuples(st.sampled_from(PATTERNS))))
    if field.summary in ("final", "last", "first"):
        kinds.append(st.tuples(st.just("is nan"), st.just(())))
    return st.one_of(kinds).map(lambda found: Condition(field, *found))


def _all_conditions() -> st.SearchStrategy[Condition]:
    letters = [text for text in TEXTS if text != "10"]  # texts that read as numbers have no order
    found = [
        _conditions(Field("metrics", name, summary), NUMBERS, ordered=True, like=False)
        for name in (*NAMES, "none")
        for summary in SUMMARIES
    ]
    for name in (*NAMES, "none"):
        found.append(_conditions(Field("params", name), NUMBERS, ordered=True, like=False))
        found.append(_conditions(Field("params", name), (True, False), ordered=False, like=True))
        found += [
            _conditions(Field(kind, name), texts, ordered=texts is letters, like=True)
            for kind in ("params", "tags")
            for texts in (TEXTS, letters)
        ]
    found += [_conditions(Field("run", name), letters, ordered=True, like=True) for name in TEXT_FIELDS]
    found += [_conditions(Field("run", name), NUMBERS, ordered=True, like=False) for name in NUMBER_FIELDS]
    found += [
        _conditions(Field("run", name), TIMES, ordered=True, like=False)
        for name in ("started_at", "ended_at")
    ] * 3
    for name in ("name", "split", "sha256"):
        found.append(_conditions(Field("datasets", name), DATASET_TEXTS, ordered=True, like=True))
    found.append(_conditions(Field("datasets", "version"), (1.0, 2.0, 3.0), ordered=True, like=False))
    found.append(_conditions(Field("run", "status"), RUN_STATUSES, ordered=True, like=True))
    found.append(_conditions(Field("run", "git_dirty"), (True, False), ordered=False, like=False))
    return st.one_of(found)


@pytest.fixture(scope="session")
def trees() -> st.SearchStrategy[Node]:
    """Random trees of queries."""

    def join(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(below, min_size=2, max_size=4).map(tuple)
        return st.one_of(several.map(And), several.map(Or), below.map(Not))

    return st.recursive(_all_conditions(), join, max_leaves=8)


def _invent_run(rng: random.Random) -> bytes:
    started_us = NOW_US - rng.choice(
        [0, 1, 499, 500, 3_600_000_000, 7_200_000_000, rng.randrange(3 * 86_400_000_000)]
    )
    begin_ms = started_us // 1000
    start = {
        "started_us": started_us,
        "name": rng.choice([None, *TEXTS]),
        "project_id": rng.choice([None, "svm", "SVM"]),
        "dataset_id": rng.choice([None, "Ärger", "ärger"]),
        "seed": rng.choice([None, 0, 3, -2, 2**60, 2**60 + 1]),
        "params": _choose(
            rng, [*TEXTS, *(n for n in NUMBERS if math.isfinite(n)), 1, 3, True, False, None, [1], {"a": 1.5}]
        ),
        "tags": _choose(rng, TEXTS),
        "note": rng.choice([None, *TEXTS]),
    }
    context = {
        "command": rng.choice(TEXTS),
        "git_branch": rng.choice(TEXTS),
        "git_dirty": rng.choice([None, True, False]),
    }
    lines = [encode_event("start", begin_ms, start), encode_event("context", begin_ms, context)]
    for step in range(rng.randrange(3)):
        lines.append(encode_points(step, begin_ms, _choose(rng, [*NUMBERS, math.nan])))
    for letter in rng.sample("abc", rng.randrange(3)):
        said = {"name": rng.choice(["iris", "Iris"]), "sha256": letter * 64, "size": 1, "format": "csv"}
        lines.append(
            encode_event("dataset", begin_ms, {**said, "split": rng.choice([None, "train", "test"])})
        )
    final = {name: encode_value(value) for name, value in _choose(rng, [*NUMBERS, math.nan]).items()}
    lines.append(encode_event("final", begin_ms, {"metrics": final}))
    lines += [encode_event("artifact", begin_ms, {"path": path}) for path in "abc"[: rng.randrange(4)]]
    status = rng.choice(["completed", "failed", None])
    if status:
        lines.append(encode_event("end", begin_ms + rng.choice([0, 500, 3000]), {"status": status}))
    return b"".join(lines)


def _choose(rng: random.Random, values: Sequence[Any]) -> dict[str, Any]:
    return {name: rng.choice(values) for name in NAMES if rng.random() < 0.6}


@pytest.fixture
def crowd(store: Store) -> Callable[[int], Store]:
    """A function that puts so many invented runs into the store."""

    def fill(count: int) -> Store:
        rng = random.Random(11)
        for _ in range(count):
            store.ingest(new_run_id(), "w", 0, _invent_run(rng))
        return store

    return fill


@pytest.fixture(scope="session")
def now_us() -> int:
    """What time it is, for the invented runs."""
    return NOW_US
