"""How a text is read: what it means, and what somebody is told who made a slip."""

from __future__ import annotations

import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modellab.errors import InvalidInput, InvalidQuery
from modellab.query import And, Condition, Field, Not, Or, SortKey, parse_field, parse_query, parse_sort_key
from modellab.query.parser import MAX_CONDITIONS, MAX_DEPTH, MAX_LENGTH

ACCURACY = Field("metrics", "accuracy", "final")


def test_a_field_alone_is_read_as_in_a_query() -> None:
    assert parse_field(" metric.loss.min ") == Field("metrics", "loss", "min")
    assert parse_field('params."learning rate"') == Field("params", "learning rate")
    assert parse_sort_key("-run_name") == SortKey(Field("run", "name"), is_descending=True)
    assert parse_sort_key("tags.team") == SortKey(Field("tags", "team"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected is a field"),
        ("loss", "Did you mean metrics.loss or params.loss"),
        ("metrics.loss = 1", "`=` stands here; expected is the end of the field"),
        ("(name)", "`\\(` stands here"),
        ("x" * 601, "601 characters; at most 600"),
    ],
)
def test_what_is_no_field_alone_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidQuery, match=told):
        parse_field(text)


def test_a_query_is_a_tree_of_conditions() -> None:
    text = (
        'metrics.accuracy >= 0.9 and (params.model = "svm" or tags.team like "vision%") '
        'and not note like "%BAD%" and started_at > "2026-01-01"'
    )
    assert parse_query(text) == And(
        (
            Condition(ACCURACY, ">=", (0.9,)),
            Or(
                (
                    Condition(Field("params", "model"), "=", ("svm",)),
                    Condition(Field("tags", "team"), "like", ("vision%",)),
                )
            ),
            Not(Condition(Field("run", "note"), "like", ("%BAD%",))),
            Condition(Field("run", "started_at"), ">", ("2026-01-01",)),
        )
    )
    assert str(parse_query(text)) == text


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("metrics.loss > 1", Field("metrics", "loss", "final")),
        ("metrics.loss.min > 1", Field("metrics", "loss", "min")),
        ("metrics.loss.final > 1", Field("metrics", "loss", "final")),
        ("metrics.val.loss > 1", Field("metrics", "val.loss", "final")),
        ("metrics.val.loss.min > 1", Field("metrics", "val.loss", "min")),
        ('metrics."loss.min" > 1', Field("metrics", "loss.min", "final")),
        ("metrics.`loss.min`.max > 1", Field("metrics", "loss.min", "max")),
        ("metrics.min > 1", Field("metrics", "min", "final")),
        ("metrics.min.min.min > 1", Field("metrics", "min.min", "min")),
        ("metrics.top-1@val/acc:x>1", Field("metrics", "top-1@val/acc:x", "final")),
        ("metrics.größe > 1", Field("metrics", "größe", "final")),
        ("metrics.1st > 1", Field("metrics", "1st", "final")),
        ('params."learning rate" > 1', Field("params", "learning rate")),
        ("params.model.min > 1", Field("params", "model.min")),
        ("params.and > 1", Field("params", "and")),
        ('tags."say ""hi""" = \'x\'', Field("tags", 'say "hi"')),
    ],
)
def test_a_name_is_what_stands_after_the_dot_but_for_the_summary_of_a_metric(text: str, field: Field) -> None:
    found = parse_query(text)
    assert isinstance(found, Condition)
    assert found.field == field
    assert parse_query(str(found)) == found


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("METRICS.accuracy > 1", None),
        (
            "metrics.accuracy>1 AND NOT metrics.accuracy<=2",
            "metrics.accuracy > 1 and not metrics.accuracy <= 2",
        ),
        (
            "not metrics.a = 1 or metrics.b = 1 and metrics.c = 1",
            "not metrics.a = 1 or (metrics.b = 1 and metrics.c = 1)",
        ),
        ("metrics.accuracy <> .5", "metrics.accuracy != 0.5"),
        ("metrics.accuracy == 1e-3", "metrics.accuracy = 0.001"),
        ("metrics.accuracy < -INF", "metrics.accuracy < -inf"),
        ("metrics.accuracy BETWEEN -1 AND +2.", "metrics.accuracy between -1 and 2"),
        ("params.x IN ('a', \"it's\",'it''s')", 'params.x in ("a", "it\'s", "it\'s")'),
        ("params.x NOT IN (1)", "params.x not in (1)"),
        ("params.x = TRUE", "params.x = true"),
        ("params.x is null", "not exists params.x"),
        ("params.x IS NOT NULL", "exists params.x"),
        ("metrics.x is NaN", "metrics.x is nan"),
        ("note not ilike '%a%'", 'note not ilike "%a%"'),
        ("timestamp > '-7d'", 'started_at > "-7d"'),
    ],
)
def test_other_spellings_mean_the_same(text: str, same: str | None) -> None:
    if same is None:
        with pytest.raises(InvalidQuery, match=r"Did you mean metrics\.accuracy\?"):
            parse_query(text)
    else:
        assert str(parse_query(text)) == same
        assert parse_query(same) == parse_query(text)


SLIPS = [
    ("", 0, "The query ends here; expected is a field"),
    ("metrics.accuracy", 16, "The query ends here; expected is =, !=, <"),
    ("metrics.accuracy >", 18, "expected is a value, such as 0.9"),
    ("metrics.accuracy > and note = 'x'", 19, "`and` stands here; expected is a value"),
    ("metrics.accuracy > 0.9 note = 'x'", 23, "`note` stands here; expected is and, or"),
    ("accuracy > 0.9", 0, "Did you mean metrics.accuracy or params.accuracy"),
    ("statsu = 'failed'", 0, "There is no field 'statsu'. Did you mean status?"),
    ("metric_s.loss > 1", 0, "Did you mean metrics.loss?"),
    ("project = 'p1'", 0, "Did you mean project_id"),
    ("0.9 < metrics.accuracy", 0, "`0.9` stands here; expected is a field"),
    ("metrics.accuracy > '0.9'", 19, "without quotes: 0.9"),
    ("params.lr > '0.001'", 12, "Without quotes it is a number: 0.001"),
    ("status = failed", 9, 'text stands in quotes: "failed"'),
    ("status = 'done'", 9, "There is no status 'done'; it may be pending, running, completed, failed"),
    ("note like %bad%", 10, "There is no place for '%'"),
    ("note like bad", 10, "expected is a pattern in quotes"),
    ("name = 'x", 7, "has no closing '"),
    ("(name = 'x'", 11, "expected is and, or, or ) for the parenthesis"),
    ("name = 'x')", 10, "`)` stands here; expected is and, or, or the end"),
    ("started_at > 'yesterday'", 13, "'yesterday' is no time; it may be ISO-8601"),
    ("started_at > 2026", 13, "compared with a time in quotes, not with a number"),
    ("started_at > '2026-02-30'", 13, "is no time"),
    ("params.x in 'a'", 12, "expected is a list in parentheses"),
    ("params.x in ()", 13, "expected is a value"),
    ("params.x in ('a', 1)", 18, "a value of the same kind"),
    ("metrics.x between 1, 2", 19, "expected is and, between the two bounds"),
    ("metrics.x not > 1", 14, "expected is like, ilike, in or between"),
    ("metrics.x = nan", 12, "Nothing equals nan"),
    ("metrics.x.min is nan", 17, "is never nan"),
    ("metrics.x like 'a'", 10, "is no text"),
    ("metrics.x = true", 12, "is not true or false; it is compared with a number"),
    ("metrics.'x'.median > 1", 0, "A metric has no 'median'; it has final, last"),
    ("datasets.size > 1", 0, "A dataset has no 'size'; it has dataset_id, name, version, split, sha256"),
    ("params.'x'.min > 1", 0, "only metrics have summaries"),
    ("metrics. > 1", 8, "A name is missing after the dot"),
    ("metrics.'' > 1", 8, "is empty"),
    ("metrics.x > 12abc", 12, "'12abc' is no number"),
    ("note = 5", 7, "compared with text in quotes, not with a number"),
    ("git_dirty > true", 12, "has no order"),
    ("start_time > 1e300", 13, "milliseconds since 1970"),
    ("name = 'a\x00b'", 9, "a character that no text can hold"),
    ("name = '\ud800'", 8, "a character that no text can hold"),
    ("name = 'x'; drop table runs", 10, "There is no place for ';'"),
]


@pytest.mark.parametrize(("text", "position", "sentence"), SLIPS, ids=[repr(slip[0]) for slip in SLIPS])
def test_a_slip_is_answered_with_where_it_is_and_what_is_allowed(
    text: str, position: int, sentence: str
) -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse_query(text)
    assert caught.value.position == position
    assert sentence in caught.value.message
    assert isinstance(caught.value, InvalidInput)


def test_the_hint_shows_the_text_with_a_mark_below_the_place() -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse_query("metrics.accuracy >=\nand x")
    assert caught.value.hint == (
        "Character 21, above the mark:\n  metrics.accuracy >= and x\n                      ^"
    )
    with pytest.raises(InvalidQuery) as caught:
        parse_query(
            " and ".join(["metrics.accuracy > 0.5"] * 20 + ["oops"] + ["metrics.accuracy > 0.5"] * 20)
        )
    _, line, mark = (caught.value.hint or "").splitlines()
    assert line.startswith("  …")
    assert line.endswith("…")
    assert line[mark.index("^") :].startswith("oops and")


def test_a_query_is_of_bounded_size() -> None:
    longest = f"name = '{'x' * (MAX_LENGTH - 9)}'"
    assert len(longest) == MAX_LENGTH
    parse_query(longest)
    with pytest.raises(InvalidQuery, match=f"has {MAX_LENGTH + 1} characters; at most {MAX_LENGTH}"):
        parse_query(longest + " ")
    most = " or ".join(["seed = 1"] * MAX_CONDITIONS)
    parse_query(most)
    with pytest.raises(InvalidQuery, match=f"more than {MAX_CONDITIONS} conditions"):
        parse_query(f"{most} or seed = 1")


def test_a_query_is_of_bounded_depth() -> None:
    for opening, closing in (("(", ")"), ("not ", ""), ("not (", ")")):
        n = MAX_DEPTH // 2 if opening == "not (" else MAX_DEPTH
        deepest = opening * n + "seed = 1" + closing * n
        assert parse_query(str(parse_query(deepest))) == parse_query(deepest)
        with pytest.raises(InvalidQuery, match=f"More than {MAX_DEPTH} parentheses"):
            parse_query(f"({deepest})")
    with pytest.raises(InvalidQuery):
        parse_query("(" * MAX_LENGTH)
    with pytest.raises(InvalidQuery):
        parse_query("not " * (MAX_LENGTH // 4))


PIECES = [
    *("metrics.", "params.", "tags.", "metrics.a", "params.'b c'", "name", "started_at", "status", "run."),
    *(
        " and ",
        " or ",
        " not ",
        " like ",
        " in ",
        " between ",
        " is ",
        " null ",
        " nan ",
        " exists ",
        " true ",
    ),
    *(
        "=",
        "<=",
        "!",
        "(",
        ")",
        ",",
        ".",
        "'",
        '"',
        "`",
        "1",
        "-2.5e3",
        "'x'",
        "'2026-01-01'",
        "%",
        ";",
        "\\",
    ),
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
@example("metrics.a.")
@example("-inf")
@example("`")
@example("1e999 = 1")
def test_any_text_is_read_or_refused_as_a_query(text: str) -> None:
    try:
        tree = parse_query(text)
    except InvalidQuery as error:
        position, told = error.position, str(error)
    else:
        position, told = 0, str(tree)
        assert parse_query(told) == tree
    assert 0 <= position <= len(text)
    assert told


def test_reading_the_deepest_query_leaves_room_on_the_stack() -> None:
    deepest = "not (" * (MAX_DEPTH // 2) + "seed = 1" + ")" * (MAX_DEPTH // 2)
    limit = sys.getrecursionlimit()
    frame, used = sys._getframe(), 0
    while frame.f_back is not None:
        frame, used = frame.f_back, used + 1
    sys.setrecursionlimit(used + 400)
    try:
        parse_query(deepest)
    finally:
        sys.setrecursionlimit(limit)
