"""The index of words: what is in it finds things, on either database, and follows every change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from sqlalchemy import text

from modellab.datasets.description import Description
from modellab.errors import InvalidInput
from modellab.ids import new_run_id
from modellab.journal.line import encode_event
from modellab.records import RunFilter
from modellab.records.search import SEARCH_KINDS, SearchKind
from modellab.retrieval.find import find
from modellab.search.words import read_terms
from modellab.settings import Settings
from modellab.store import Store, open_store
from modellab.store.engine import open_database

AddRun = Callable[..., str]


def ids(store: Store, q: str, kind: SearchKind | None = None, **wanted: Any) -> list[str]:
    return [hit.id for hit in find(store, q, RunFilter(**wanted), kind=kind, limit=100).items]


def add_dataset(store: Store, tmp_path: Path, name: str, **more: Any) -> str:
    file = tmp_path / f"{new_run_id()}.csv"
    body = f"petal,label\n{new_run_id()},a\n".encode()
    file.write_bytes(body)
    added = store.datasets.add(
        name=name,
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        description=Description(format="csv", n_rows=1, columns=None),
        source=file,
        **more,
    )
    return added.dataset.dataset_id


def test_a_run_is_found_by_each_of_its_texts(store: Store) -> None:
    run = store.editing.create(
        name="baseline study",
        note="tried a longer warm-up",
        description="an ablation",
        params={"optimizer": "AdamW", "lr": 0.0325, "nested": {"dropout": True}},
        tags={"team": "vision"},
        dataset_id="cifar-ten",
        status="failed",
        error="CUDA out of memory",
    )
    for q in (
        *("baseline", "BASELINE", "study base", "warm-up", '"longer warm"', "ablation", "adamw", "optimizer"),
        *("0.0325", "lr=0.0325", '"optimizer = adamw"', "dropout", "vision", "team vis", "cifar", "cuda mem"),
    ):
        assert ids(store, q, "run") == [run.run_id], q
    for q in ("basel ine", "resnet", '"optimizer lr"', '"warm longer"', "adamw resnet", "0.325"):
        assert ids(store, q) == [], q


def test_datasets_and_projects_are_found_beside_runs(store: Store, tmp_path: Path) -> None:
    project = store.projects.create("Iris study", description="about petals", tags={"state": "open"})
    dataset = add_dataset(store, tmp_path, "iris", project_id="iris-study", tags={"source": "uci"})
    run = store.editing.create(name="iris run", project_id="iris-study")
    assert set(ids(store, "iris")) == {project.project_id, dataset, run.run_id}
    assert ids(store, "iris", "dataset") == ids(store, "uci") == [dataset]
    assert ids(store, "petals", "project") == ids(store, "open") == [project.project_id]
    found = find(store, "uci").items[0]
    assert (found.kind, found.name, found.project_id, found.found_by) == (
        "dataset",
        "iris",
        "iris-study",
        "text",
    )
    assert [(s.field, s.text[slice(*s.ranges[0])]) for s in found.snippets] == [("tags", "uci")]


def test_what_matches_in_the_name_comes_before_what_matches_elsewhere(store: Store) -> None:
    by_param = store.editing.create(name="one", params={"model": "resnet"}).run_id
    by_name = store.editing.create(name="resnet").run_id
    by_tag = store.editing.create(name="three", tags={"model": "resnet"}).run_id
    assert ids(store, "resnet") == [by_name, by_tag, by_param]


def test_limit_and_total_tell_how_many_there_are(store: Store, add_run: AddRun) -> None:
    for i in range(7):
        add_run(name=f"run {i}", params={"optimizer": "adam"})
    found = find(store, "adam", limit=3)
    assert (len(found.items), found.total) == (3, 7)
    with pytest.raises(InvalidInput, match="limit is 0"):
        find(store, "adam", limit=0)


@hypothesis.given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60))
@hypothesis.settings(max_examples=40)
@hypothesis.example('a" OR b* NEAR(c) {x}:y ^z -w + "" (')
@hypothesis.example("\\' & | ! <-> :* a:b'c")
@hypothesis.example("title : x AND NOT")
def test_any_text_finds_what_holds_it_and_is_never_a_syntax_error(store: Store, words: str) -> None:
    run_id = store.editing.create(note=f"before {words} after").run_id
    if read_terms(words.replace('"', " ")):
        assert run_id in ids(store, words.replace('"', " "), "run")
        assert run_id in ids(store, f'"{words.replace(chr(34), " ")}"', "run")
    find(store, words)


def test_a_text_without_a_word_finds_nothing_and_says_so(store: Store, add_run: AddRun) -> None:
    add_run(name="x")
    found = find(store, "?!")
    assert (found.items, found.total) == ([], 0)
    assert found.notes == ["There is no letter or digit in what is looked for."]


def test_the_index_follows_every_way_to_change_a_run(store: Store, add_run: AddRun) -> None:
    run_id = add_run(name="first", note="old", tags={"a": "gone"})
    store.editing.update(run_id, name="second", tags={"a": None, "b": "kept"}, params={"depth": "deep"})
    assert ids(store, "first") == ids(store, "gone") == []
    assert ids(store, "second kept deep") == [run_id]
    store.runs.set_note(run_id, "fresh")
    assert (ids(store, "old"), ids(store, "fresh")) == ([], [run_id])
    store.bulk.change([run_id], note="bulky", tags={"c": "many"})
    assert (ids(store, "fresh"), ids(store, "bulky many")) == ([], [run_id])
    store.ingest(run_id, "v", 0, encode_event("params", 1, {"params": {"late": "comer"}}))
    assert ids(store, "comer") == [run_id]


def test_a_run_that_fails_is_found_by_its_error(store: Store) -> None:
    run_id = new_run_id()
    end = encode_event("end", 2, {"status": "failed", "error": "ValueError: exploding gradient"})
    store.ingest(run_id, "w", 0, encode_event("start", 1, {}) + end)
    assert ids(store, "exploding") == [run_id]
    crashed = new_run_id()
    store.ingest(crashed, "w", 0, encode_event("start", 1, {"name": "crash"}))
    store.mark_dead(crashed, "w")
    error = store.runs.get(crashed).error
    assert error is not None
    assert crashed in ids(store, error)


def test_what_lies_in_the_trash_is_not_found_until_it_comes_back(store: Store, tmp_path: Path) -> None:
    store.projects.create("Iris", "iris")
    dataset = add_dataset(store, tmp_path, "iris data", project_id="iris")
    run_id = store.editing.create(name="iris run", project_id="iris").run_id
    store.trash.put_run(run_id)
    store.trash.put_dataset(dataset)
    assert ids(store, "iris") == ["iris"]
    store.trash.restore("run", run_id)
    store.trash.put_project("iris")
    assert ids(store, "iris") == []
    store.trash.restore("project", "iris")
    assert set(ids(store, "iris")) == {"iris", run_id}
    store.trash.put_project("iris")
    store.trash.purge()
    with store.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM search_index")).scalar_one() == 0
    assert ids(store, "iris") == []


def test_runs_are_found_by_the_names_of_their_datasets_also_after_a_new_name(
    store: Store, tmp_path: Path
) -> None:
    dataset = add_dataset(store, tmp_path, "flowers")
    run_id = store.editing.create(name="a", dataset_id=dataset).run_id
    assert ids(store, "flowers", "run") == [run_id]
    store.datasets.update(dataset, {"name": "blossoms"})
    assert ids(store, "flowers") == []
    assert set(ids(store, "blossoms")) == {dataset, run_id}


def test_a_dataset_that_comes_after_the_run_that_names_it_gives_it_its_name(
    store: Store, tmp_path: Path
) -> None:
    dataset = add_dataset(store, tmp_path, "flowers")
    sha256 = store.datasets.get(dataset).sha256
    store.trash.put_dataset(dataset)
    store.trash.purge()
    run_id = store.editing.create(name="a", dataset_id=dataset).run_id
    assert ids(store, "flowers") == []
    description = Description(format="csv", n_rows=1, columns=None)
    again = tmp_path / next(path.name for path in tmp_path.glob("*.csv"))
    size = again.stat().st_size
    added = store.datasets.add(
        name="flowers", sha256=sha256, size=size, description=description, source=again
    )
    assert added.dataset.dataset_id == dataset
    assert set(ids(store, "flowers")) == {dataset, run_id}


def test_what_plain_sql_writes_into_manifests_is_found_by_the_next_search(store: Store) -> None:
    with store.database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO manifests (run_id, params_json, note) VALUES ('sql', '{\"lr\": 0.1}', 'by hand')"
            )
        )
    assert ids(store, "hand lr") == ["sql"]
    with store.database.write() as connection:
        connection.execute(text("UPDATE manifests SET note = 'rewritten' WHERE run_id = 'sql'"))
    assert (ids(store, "hand"), ids(store, "rewritten")) == ([], ["sql"])


def test_a_search_keeps_to_projects_and_to_the_query_language(store: Store) -> None:
    store.editing.create(name="study a", project_id="a", metrics={"acc": 0.9})
    other = store.editing.create(name="study b", project_id="b", metrics={"acc": 0.5}).run_id
    loose = store.editing.create(name="study c", metrics={"acc": 0.4}).run_id
    assert set(ids(store, "study", "run", query="metrics.acc < 0.6")) == {other, loose}
    assert ids(store, "study", query="metrics.acc < 0.6", project_id="b") == [other]
    assert ids(store, "study", visible=frozenset({"b"})) == [other]
    assert ids(store, "study", visible=frozenset()) == []
    assert ids(store, "b", "project", visible=frozenset({"b"})) == ["b"]
    assert ids(store, "a", "project", visible=frozenset({"b"})) == []
    with pytest.raises(InvalidInput, match="about a dataset"):
        ids(store, "study", "dataset", query="metrics.acc < 0.6")


def test_where_nothing_has_the_whole_words_those_that_begin_so_are_found_and_told(
    store: Store, add_run: AddRun
) -> None:
    run_id = add_run(name="resnet50 warmed")
    found = find(store, "resnet warm")
    assert [hit.id for hit in found.items] == [run_id]
    assert found.items[0].snippets[0].ranges == [(0, 8), (9, 15)]
    assert found.notes == ["Nothing has all of these as whole words; this has words that begin so."]
    assert find(store, "resnet50 warm").notes == []
    assert ids(store, '"resnet" warm') == []
    whole = add_run(name="resnet warm")
    assert ids(store, "resnet warm") == [whole]


def test_words_beyond_the_limits_are_left_out_and_nothing_breaks(store: Store) -> None:
    note = " ".join(f"w{i}" for i in range(20_000))[:100_000]
    run_id = store.editing.create(name="long", note=note, params={"p": "x" * 5000}).run_id
    assert ids(store, "w1 w999") == ids(store, f"{'x' * 64}") == [run_id]
    assert ids(store, "w16000") == []
    many = find(store, " ".join(f"w{i}" for i in range(100)))
    assert [hit.id for hit in many.items] == [run_id]
    assert many.notes == ["Only the first 32 words and phrases are looked for."]


def test_an_index_made_anew_finds_the_same(store: Store, tmp_path: Path) -> None:
    store.projects.create("Iris")
    add_dataset(store, tmp_path, "iris")
    store.editing.create(name="iris")
    before = ids(store, "iris")
    assert len(before) == len(SEARCH_KINDS)
    store.search.rebuild()
    assert ids(store, "iris") == before


def test_an_old_database_can_be_searched_once_it_is_migrated(any_settings: Settings) -> None:
    database = open_database(any_settings)
    name = "sqlite" if database.is_sqlite else "postgresql"
    statements = Path(__file__).with_name(f"schema_4_{name}.sql").read_text().split("\n;;\n")
    with database.write() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(
            "INSERT INTO runs (run_id, status, started_us, name, params_json) "
            "VALUES ('old', 'completed', 5, 'ancient', '{\"lr\": 1}')"
        )
    database.close()
    with open_store(any_settings) as store:
        assert ids(store, "ancient lr") == ["old"]
