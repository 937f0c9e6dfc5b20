"""How long do queries of three terms take with 100 000 runs, common and rare ones?

The floor is SQL written by hand for each question, on tables with the best indexes and joins in the best
order. Ours goes from the text to records, theirs to rows with the same columns decoded.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.fill import fill_ours, fill_raw
from benchmarks.project import temporary_project
from benchmarks.table import Row
from benchmarks.timing import alternate, percentile, time_once
from modellab.query import parse_query
from modellab.records import RunFilter
from modellab.settings import Settings
from modellab.store import open_store
from modellab.store.query import bind_query, build_terms, outline

PAGE = 50

_COLUMNS = """r.run_id, r.timestamp, r.git_hash, r.command, r.dataset_id, r.artifacts, r.note,
  (SELECT json_group_object(key, text) FROM params WHERE run = r.id),
  (SELECT json_group_object(key, value) FROM metrics WHERE run = r.id)"""
_METRIC = "EXISTS (SELECT 1 FROM metrics WHERE run = r.id AND key = '{}' AND value {})"
_PARAM = "EXISTS (SELECT 1 FROM params WHERE run = r.id AND key = '{}' AND text {})"
_NEWEST = " ORDER BY r.timestamp DESC LIMIT 50"


class _Question(NamedTuple):
    """One question: in words, in the language, and by hand."""

    what: str
    query: str
    raw: str


def measure(quick: bool) -> list[Row]:
    """Every question, and what reading a new text and building its statement cost."""
    size, rounds = (2_000, 5) if quick else (100_000, 60)
    with temporary_project() as settings:
        open_store(settings).close()
        raw = settings.root / "raw.db"
        fill_ours(settings.db_path, 0, size)
        fill_raw(raw, 0, size)
        with closing(sqlite3.connect(raw)) as connection:
            connection.execute("CREATE INDEX runs_newest ON runs (timestamp)")
        rows = [_measure_question(settings, raw, question, size, rounds) for question in _ask(size)]
    return [*rows, _measure_building(rounds)]


def _ask(size: int) -> list[_Question]:
    rare, old = 1 - 50 / size, "2026-01-01T03:00:00"
    param = "r.id IN (SELECT run FROM params WHERE key = 'seed' AND text IN ('7', '9', '11'))"
    best = f"r.id IN (SELECT run FROM metrics WHERE key = 'accuracy' AND value > {rare})"
    adam, good = _PARAM.format("optimizer", "= 'adam'"), _METRIC.format("accuracy", "> 0.5")
    questions = {
        "three common terms": (
            "metrics.accuracy > 0.5 and params.optimizer = 'adam' and command like '%7'",
            f"{good} AND {adam} AND r.command GLOB '*7'",
        ),
        "common, one an `or`, one a `not`": (
            "metrics.accuracy > 0.5 and (params.model = 'resnet3' or params.model like '%5') "
            "and not params.optimizer = 'adam'",
            f"{good} AND ({_PARAM.format('model', '= ' + repr('resnet3'))} "
            f"OR {_PARAM.format('model', 'GLOB ' + repr('*5'))}) AND NOT {adam}",
        ),
        "one rare term": (
            f"metrics.accuracy > {rare} and params.optimizer = 'adam' and not command like '%7'",
            f"{best} AND {adam} AND NOT r.command GLOB '*7'",
        ),
        "a rare list": (
            "metrics.metric_1 > 0.1 and params.seed in (7, 9, 11) and params.optimizer != 'adam'",
            f"{param} AND {_METRIC.format('metric_1', '> 0.1')} AND NOT {adam}",
        ),
        "the oldest runs": (
            f"started_at < '{old}' and metrics.accuracy > 0.5 and params.optimizer = 'adam'",
            f"r.timestamp < '{old}' AND {good} AND {adam}",
        ),
        "a text that no run has": (
            "command like '%nothing%' and metrics.accuracy > 0.5 and params.optimizer = 'adam'",
            f"r.command GLOB '*nothing*' AND {good} AND {adam}",
        ),
    }
    return [
        _Question(what, query, f"SELECT {_COLUMNS} FROM runs r WHERE {where}{_NEWEST}")
        for what, (query, where) in questions.items()
    ]


def _measure_question(settings: Settings, raw: Path, question: _Question, size: int, rounds: int) -> Row:
    wanted = RunFilter(query=question.query)
    with open_store(settings) as store, closing(sqlite3.connect(raw)) as connection:

        def ask_ours() -> list[str]:
            return [run.run_id for run in store.runs.list(wanted, limit=PAGE).items]

        def ask_raw() -> list[str]:
            found = connection.execute(question.raw).fetchall()
            return [row[0] for row in found if (json.loads(row[7]), json.loads(row[8]))]

        if ask_ours() != ask_raw():
            raise RuntimeError(f"The answers to {question.query!r} differ.")
        ours, bare = alternate(rounds, lambda: time_once(ask_ours), lambda: time_once(ask_raw))
    middle = median(ours)
    is_scan = question.what == "a text that no run has"  # every row has to be looked at, by anyone
    return Row(
        f"query, {size:,} runs, {question.what}: p50 (p99)",
        f"{middle * 1000:.2f} ms ({percentile(ours, 99) * 1000:.2f})",
        f"{median(bare) * 1000:.2f} ms (SQL by hand)",
        middle / median(bare),
        "stated" if is_scan else "≤ 30 ms",
        None if is_scan else middle <= 0.030,
    )


def _measure_building(rounds: int) -> Row:
    """From a text to conditions: the first time that a query of its outline is met, and from then on."""
    query = "metrics.a{} > 0.5 and (params.b = 'c' or tags.d like 'e%') and not note like '%f%'"

    numbers = itertools.count()

    def read() -> None:
        tree = parse_query(query.format(next(numbers)))
        build_terms(outline(tree), True)
        bind_query(tree, is_sqlite=True, now_us=0)

    def read_new() -> float:
        build_terms.cache_clear()
        return time_once(read)

    first, later = alternate(rounds, read_new, lambda: time_once(read))
    return Row(
        "query, from text to SQL: p50, outline known (new)",
        f"{median(later) * 1000:.2f} ms ({median(first) * 1000:.2f})",
        "",
        None,
        "≤ 1 ms",
        median(later) <= 0.001,
    )
