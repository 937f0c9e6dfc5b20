"""Runs found by what their texts mean, through a real server for embeddings, and trouble with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from modellab.errors import InvalidSetting
from modellab.records import RunFilter
from modellab.records.search import SearchResults
from modellab.retrieval.embedding import MAX_BATCH, Embedder, find_embedder
from modellab.retrieval.find import find
from modellab.retrieval.meanings import Meanings
from modellab.settings import load_settings
from modellab.store import Store


@pytest.fixture
def look(store: Store, embedding_server: Any) -> Callable[..., SearchResults]:
    meanings = Meanings(store, Embedder(embedding_server.url, "topics", "secret"))

    def search(words: str, **wanted: Any) -> SearchResults:
        return find(store, words, RunFilter(**wanted), meanings=meanings)

    return search


def add(store: Store, note: str, **more: Any) -> str:
    return store.editing.create(status="completed", note=note, **more).run_id


def how(found: SearchResults) -> dict[str, str]:
    return {hit.id: hit.found_by for hit in found.items}


def test_runs_are_found_by_meaning_where_no_word_is_the_same(
    store: Store, look: Callable[..., SearchResults], embedding_server: Any
) -> None:
    quick = add(store, "a quick variant")
    both = add(store, "rapid speed, and fast")
    add(store, "petal shapes")
    found = look("fast")
    assert found.uses_embeddings
    assert found.total == 1  # by its words
    assert [hit.id for hit in found.items][:2] == [both, quick]
    assert (how(found)[both], how(found)[quick]) == ("both", "meaning")
    assert found.items[1].snippets[0].text == "a quick variant"
    assert set(embedding_server.keys) == {"Bearer secret"}
    assert {body["model"] for body in embedding_server.asked} == {"topics"}


def test_a_text_is_sent_once_and_again_only_when_it_is_another(
    store: Store, look: Callable[..., SearchResults], embedding_server: Any
) -> None:
    first, second = add(store, "quick"), add(store, "quick")
    look("fast")
    assert embedding_server.n_texts == 2  # the question, and one for both runs
    look("fast")
    assert embedding_server.n_texts == 3
    store.runs.set_note(first, "a small ram footprint")
    store.runs.set_note(second, "quick")
    found = look("memory")
    assert embedding_server.n_texts == 5
    assert found.items[0].id == first


def test_vectors_stay_for_the_next_process(store: Store, embedding_server: Any) -> None:
    run_id = add(store, "quick")
    for _ in range(2):
        meanings = Meanings(store, Embedder(embedding_server.url, "topics"))
        assert [hit.id for hit in find(store, "rapid", meanings=meanings).items] == [run_id]
    assert embedding_server.n_texts == 3
    assert embedding_server.keys == [None] * 3


def test_many_texts_go_in_batches(
    store: Store, look: Callable[..., SearchResults], embedding_server: Any
) -> None:
    for i in range(MAX_BATCH + 3):
        add(store, f"quick {i}")
    assert look("fast").notes == []
    assert max(len(body["input"]) for body in embedding_server.asked) == MAX_BATCH


def test_only_runs_that_may_be_found_are_found_by_meaning(
    store: Store, look: Callable[..., SearchResults]
) -> None:
    mine = add(store, "quick", project_id="mine", metrics={"acc": 0.9})
    gone = add(store, "quick", project_id="mine")
    add(store, "quick", project_id="theirs")
    store.trash.put_run(gone)
    assert list(how(look("fast", visible=frozenset({"mine"})))) == [mine]
    assert list(how(look("fast", query="metrics.acc > 0.5"))) == [mine]
    assert list(how(look("fast", query="metrics.acc > 0.95"))) == []


def test_a_purged_run_leaves_nothing_that_is_found(store: Store, look: Callable[..., SearchResults]) -> None:
    run_id = add(store, "quick")
    look("fast")
    store.trash.put_run(run_id)
    store.trash.purge()
    with store.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM embeddings")).scalar_one() == 0
    assert look("fast").items == []


def bad_answers() -> dict[str, Callable[[list[str]], tuple[int, Any]]]:
    one = {"index": 0, "embedding": [1.0]}
    return {
        "500 Internal": lambda _: (500, {}),
        "401 Unauthorized": lambda _: (401, {"error": {"message": "bad key"}}),
        "302 Found": lambda _: (302, {}),
        "something else than vectors": lambda _: (200, b"<html>"),
        "something else": lambda _: (200, {"data": [{"embedding": ["x"], "index": 0}]}),
        "2 vectors of [1] numbers to 1 texts": lambda _: (200, {"data": [one, one]}),
        "1 vectors of [0] numbers": lambda _: (200, {"data": [{"index": 0, "embedding": []}]}),
        "not finite": lambda _: (200, b'{"data": [{"index": 0, "embedding": [1e999]}]}'),
    }


@pytest.mark.parametrize("told", bad_answers())
def test_trouble_with_the_server_leaves_the_search_by_words_and_is_told(
    sqlite_store: Store, embedding_server: Any, told: str
) -> None:
    run_id = add(sqlite_store, "fast")
    add(sqlite_store, "quick")
    embedding_server.answer = bad_answers()[told]
    meanings = Meanings(sqlite_store, Embedder(embedding_server.url, "topics"))
    for _ in range(2):
        found = find(sqlite_store, "fast", meanings=meanings)
        assert how(found) == {run_id: "text"}
        assert not found.uses_embeddings
        (note,) = found.notes
        assert note.startswith("Meanings were not compared. The server for embeddings")
        assert told.split(" numbers to")[0] in note or "something else" in note
    assert len(embedding_server.asked) == 1  # then it is left alone for a while


def test_a_server_that_is_gone_is_told(sqlite_store: Store, embedding_server: Any) -> None:
    add(sqlite_store, "fast")
    meanings = Meanings(sqlite_store, Embedder("http://127.0.0.1:9/v1", "topics"))
    found = find(sqlite_store, "fast", meanings=meanings)
    assert len(found.items) == 1
    assert "cannot be reached" in found.notes[0]


def test_settings_name_the_server(tmp_path: Path) -> None:
    names = {"URL": "https://host/v1/embeddings", "MODEL": "m", "KEY": "k"}

    def load(**changed: str) -> Embedder | None:
        values = {f"MODELLAB_EMBEDDINGS_{name}": value for name, value in {**names, **changed}.items()}
        return find_embedder(load_settings(start=tmp_path, environ=values))

    embedder = load()
    assert embedder is not None
    assert embedder.model == "m"
    assert load(URL="") is None
    assert load(KEY="") is not None
    with pytest.raises(InvalidSetting, match="MODELLAB_EMBEDDINGS_URL may be"):
        load(URL="host/v1")
    with pytest.raises(InvalidSetting, match="needs MODELLAB_EMBEDDINGS_MODEL"):
        load(MODEL="")
    with pytest.raises(InvalidSetting, match="MODELLAB_EMBEDDINGS_KEY has characters"):
        load(KEY="ä b")
