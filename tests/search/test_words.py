"""What counts as a word, what is looked for, and where it stands in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.search.fusion import fuse
from modellab.search.snippets import SNIPPET_LENGTH, find_matches, make_snippet
from modellab.search.words import Term, find_words, list_words, read_terms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rate = 0.01", ["learning", "rate", "0", "01"]),
        ("val/loss-ResNet50", ["val", "loss", "resnet50"]),
        ("Überanpassung, naïve café", ["uberanpassung", "naive", "cafe"]),
        ("Straße ﬁne", ["strasse", "fine"]),
        ("模型 训练", ["模", "型", "训", "练"]),
        ("обучение модели", ["обучение", "модели"]),
        ("!?()*^\"'", []),
    ],
)
def test_a_word_is_letters_and_digits_without_case_and_accents(text: str, words: list[str]) -> None:
    assert list_words(text) == words


def test_an_accent_written_as_a_character_of_its_own_is_the_same_letter() -> None:
    assert list_words("cafe\u0301s") == list_words("cafés") == ["cafes"]


@given(st.text())
def test_words_are_found_where_they_are_listed(text: str) -> None:
    found = find_words(text)
    assert [word.text for word in found] == list_words(text)
    for word in found:
        assert word.text in list_words(text[word.start : word.end])[0][: len(word.text)] or word.text


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("adam", [Term(("adam",), True)]),
        ("adam resn", [Term(("adam",)), Term(("resn",), True)]),
        ('"learning rate" co', [Term(("learning", "rate")), Term(("co",), True)]),
        ('co "learning rate"', [Term(("co",)), Term(("learning", "rate"))]),
        ('"not closed', [Term(("not", "closed"))]),
        ("val/loss 0.01", [Term(("val", "loss")), Term(("0", "01"), True)]),
        ("a OR -b NOT (c*) !", [Term((w,)) for w in ("a", "or", "b", "not")] + [Term(("c",), True)]),
        ('""', []),
        ("&&& \\ ' ;--", []),
    ],
)
def test_only_quotes_mean_something_and_the_last_word_may_go_on(text: str, terms: list[Term]) -> None:
    assert list(read_terms(text)) == terms


def test_each_word_may_go_on_but_those_in_quotes() -> None:
    terms = read_terms('resn val/lo "warm" co', all_go_on=True)
    assert terms == (
        Term(("resn",), True),
        Term(("val", "lo"), True),
        Term(("warm",)),
        Term(("co",), True),
    )


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("a warm-up of 5", "warm", ["warm"]),
        ("a warm-up of 5", '"warm up"', ["warm-up"]),
        ("Naïve cafés", "cafe", ["cafés"]),
        ("lr = 0.01, lr = 0.02", "lr 0.0", ["lr", "0.01", "lr", "0.02"]),
        ("ababab ab", '"ab"', ["ab"]),
        ("模型训练", "训练", ["训练"]),
    ],
)
def test_matches_are_told_by_their_places_in_the_text(text: str, query: str, shown: list[str]) -> None:
    assert [text[start:end] for start, end in find_matches(text, read_terms(query))] == shown


def test_a_long_text_is_shown_from_before_its_first_match() -> None:
    text = "x " * 300 + "the needle is here\nand here" + " y" * 300
    snippet = make_snippet("note", text, read_terms("needle"))
    assert snippet is not None
    assert snippet.text[0] == snippet.text[-1] == "…"
    assert len(snippet.text) == SNIPPET_LENGTH + 2
    assert "here and here" in snippet.text
    assert [snippet.text[start:end] for start, end in snippet.ranges] == ["needle"]


@given(st.text(max_size=400), st.text(max_size=20))
def test_ranges_of_a_snippet_lie_within_it(text: str, query: str) -> None:
    snippet = make_snippet("note", text, read_terms(query))
    if snippet is not None:
        assert snippet.ranges
        assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.ranges)


def test_rankings_are_put_together_by_their_places() -> None:
    assert list(fuse(["a", "b", "c"], ["c", "b", "d"])) == ["c", "b", "a", "d"]
    assert fuse(["a"])["a"] == pytest.approx(1 / 61)
