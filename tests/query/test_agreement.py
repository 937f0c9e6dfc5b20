"""The database and the predicate find the same runs for any query, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import and_, select

from modellab.query import Node, parse_query, to_predicate
from modellab.records import RunFilter
from modellab.store import Store
from modellab.store.query import bind_query, build_terms, outline
from modellab.store.tables import runs


def find_by_sql(store: Store, tree: Node, now_us: int) -> set[str]:
    is_sqlite = store.database.is_sqlite
    terms = build_terms(outline(tree), is_sqlite)
    statement = select(runs.c.run_id).where(and_(*(term.check for term in terms)))
    with store.database.read() as connection:
        return set(
            connection.execute(statement, bind_query(tree, is_sqlite=is_sqlite, now_us=now_us)).scalars()
        )


def test_the_database_and_the_predicate_find_the_same_runs(
    crowd: Callable[[int], Store], trees: st.SearchStrategy[Node], now_us: int
) -> None:
    store = crowd(40)
    known = store.runs.get_many([run.run_id for run in store.runs.list().items])
    found_some = []

    @settings(max_examples=200)
    @given(st.data())
    def compare(data: Any) -> None:
        tree = data.draw(trees)
        holds = to_predicate(tree, now_us=now_us)
        expected = {run.run_id for run in known if holds(run)}
        assert find_by_sql(store, tree, now_us) == expected, str(tree)
        found_some.append(0 < len(expected) < len(known))

    compare()
    assert sum(found_some) > 100


def test_a_list_finds_what_the_predicate_finds_whatever_is_looked_up_first(
    crowd: Callable[[int], Store], trees: st.SearchStrategy[Node]
) -> None:
    store = crowd(40)
    known = store.runs.get_many([run.run_id for run in store.runs.list().items])

    @settings(max_examples=60)
    @given(st.data())
    def compare(data: Any) -> None:
        tree = data.draw(trees)
        if "-1h" in str(tree) or "-2d" in str(tree):  # of the clock, that is, which goes on
            return
        holds = to_predicate(tree)
        expected = [run.run_id for run in known if holds(run)]
        assert [run.run_id for run in store.runs.list(RunFilter(query=str(tree))).items] == expected, str(
            tree
        )
        ranked = store.runs.rank("acc", top_k=100, query=str(tree))
        best = [
            run for run in known if holds(run) and run.final_metrics.get("acc", float("nan")) >= -float("inf")
        ]
        assert sorted(run.run_id for run in ranked) == sorted(run.run_id for run in best)

    compare()


def test_a_tree_written_and_read_again_is_the_same_tree(trees: st.SearchStrategy[Node]) -> None:
    @settings(max_examples=250)
    @given(st.data())
    def read_again(data: Any) -> None:
        tree = data.draw(trees)
        assert parse_query(str(tree)) == tree
        assert str(parse_query(str(tree))) == str(tree)

    read_again()
