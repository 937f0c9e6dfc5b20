"""A whole search: by words and, where there are embeddings, by meaning, as one list."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from modellab.errors import InvalidInput, Unreachable
from modellab.records import RunFilter
from modellab.records.search import (
    MAX_FOUND,
    MAX_SEARCH_LENGTH,
    SEARCH_KINDS,
    FoundBy,
    SearchHit,
    SearchKind,
    SearchResults,
    Snippet,
)
from modellab.retrieval.meanings import Meanings
from modellab.search.fusion import fuse
from modellab.search.snippets import cut, make_snippet
from modellab.search.words import MAX_TERMS, Term, read_terms
from modellab.store import Store
from modellab.store.search import Item
from modellab.store.search_documents import Document

MAX_SNIPPETS = 4
"""Texts of one thing that are shown."""
MAX_MEANT = 20
"""Runs that are found by meaning alone: there is always a nearest, however far it is."""
_FUSED = 200  # of those found by words, where both kinds are put together
_NO_WORD = "There is no letter or digit in what is looked for."
_TOO_MANY = f"Only the first {MAX_TERMS} words and phrases are looked for."
_GOING_ON = "Nothing has all of these as whole words; this has words that begin so."


def find(
    store: Store,
    text: str,
    wanted: RunFilter | None = None,
    *,
    kind: SearchKind | None = None,
    limit: int = 20,
    meanings: Meanings | None = None,
) -> SearchResults:
    """The `limit` (1 to 100) things that match a text best.

    `wanted` are the runs that may be found; with a `query` or `status` in it only runs are looked for, as
    datasets and projects meet none. With `meanings`, runs are also found by what their texts mean; trouble
    with that is a note. Raises `InvalidInput` and `InvalidQuery`.
    """
    wanted = wanted or RunFilter()
    kinds = _choose_kinds(kind, wanted)
    _check(text, limit)
    terms = read_terms(text)
    if not terms:
        return SearchResults(total=0, uses_embeddings=False, items=[], notes=[_NO_WORD])
    notes = [_TOO_MANY] if len(terms) > MAX_TERMS else []
    terms = terms[:MAX_TERMS]
    pool = limit if meanings is None else max(limit, _FUSED)
    found = store.search.find(terms, wanted, kinds=kinds, limit=pool)
    beginnings = read_terms(text, all_go_on=True)[:MAX_TERMS]
    if not found.scores and beginnings != terms:
        # People write `resnet warm`, and mean the `resnet50` that warms up.
        found, terms = store.search.find(beginnings, wanted, kinds=kinds, limit=pool), beginnings
        notes += [_GOING_ON] if found.scores else []
    meant: list[Item] | None = None
    if meanings is not None and "run" in kinds:
        meant, trouble = _find_meant(store, meanings, text, wanted)
        notes += trouble
    by_text = list(found.scores)
    scores = found.scores if meant is None else fuse(by_text, meant)
    chosen = list(scores)[:limit]
    documents = store.search.describe(chosen)
    items = [
        _describe(item, documents[item], scores[item], _tell_how(item, found.scores, meant or ()), terms)
        for item in chosen
        if item in documents
    ]
    return SearchResults(total=found.total, uses_embeddings=meant is not None, items=items, notes=notes)


def _check(text: str, limit: int) -> None:
    if len(text) > MAX_SEARCH_LENGTH:
        raise InvalidInput(
            f"What is looked for has {len(text)} characters; at most {MAX_SEARCH_LENGTH} are allowed."
        )
    if not 1 <= limit <= MAX_FOUND:
        raise InvalidInput(f"limit is {limit}; it may be 1 to {MAX_FOUND}.")


def _choose_kinds(kind: SearchKind | None, wanted: RunFilter) -> Sequence[SearchKind]:
    if not (wanted.query or "").strip() and wanted.status is None:
        return SEARCH_KINDS if kind is None else [kind]
    if kind not in (None, "run"):
        raise InvalidInput(
            f"A query or a status is about runs; there is none about a {kind}.",
            hint="Leave it out, or the kind.",
        )
    return ["run"]


def _find_meant(
    store: Store, meanings: Meanings, text: str, wanted: RunFilter
) -> tuple[list[Item] | None, list[str]]:
    """Runs that are near in meaning, `None` if that could not be found out, and what is to be said of it."""
    try:
        numbers = meanings.rank(text, store.embeddings.match(wanted), MAX_MEANT)
    except ImportError:
        return None, ["Meanings were not compared: NumPy is not installed."]
    except Unreachable as error:
        return None, [f"Meanings were not compared. {error.message}"]
    n_missing = meanings.count_missing()
    notes = [f"{n_missing:,} runs have no embedding yet; the next searches add them."] if n_missing else []
    return [("run", number) for number in numbers], notes


def _tell_how(item: Item, by_text: Collection[Item], meant: Collection[Item]) -> FoundBy:
    if item not in meant:
        return "text"
    return "both" if item in by_text else "meaning"


def _describe(
    item: Item, document: Document, score: float, found_by: FoundBy, terms: Sequence[Term]
) -> SearchHit:
    return SearchHit(
        kind=item[0],
        id=document.id,
        name=document.name,
        project_id=document.project_id,
        status=document.status,
        at=document.at,
        score=score,
        found_by=found_by,
        snippets=_make_snippets(document, terms),
    )


def _make_snippets(document: Document, terms: Sequence[Term]) -> list[Snippet]:
    """The first texts that match; of a run that was found by meaning, the beginnings of its first ones."""
    snippets = []
    for field, text in document.texts:
        snippet = make_snippet(field, text, terms)
        if snippet is not None:
            snippets.append(snippet)
        if len(snippets) == MAX_SNIPPETS:
            break
    return snippets or [cut(field, " ".join(text.split())) for field, text in document.texts[:2]]
