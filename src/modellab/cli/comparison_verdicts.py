"""The part of `modellab compare` that judges: sentences first, then the tables they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from modellab.cli.formats import NOTHING, clean, format_number, plural, shorten
from modellab.cli.output import is_terminal, make_console
from modellab.cli.sheets import INDENT, make_section
from modellab.cli.tables import Column, Row, fit_columns, make_table
from modellab.comparison.wording import format_effect
from modellab.records.comparisons import (
    ChangedExamples,
    Comparison,
    PairVerdict,
    SeedGroup,
    SliceVerdict,
    VerdictWord,
)
from modellab.records.estimates import Interval
from modellab.statistics.wording import format_p, name_test

STYLES: Mapping[VerdictWord, str] = {
    "better": "bold green",
    "worse": "bold red",
    "no difference shown": "",
    "equivalent": "cyan",
    "cannot tell": "yellow",
    "borderline": "yellow",
    "identical": "cyan",
}
_MOST_SENTENCES = 10
_MOST_SLICES = 12
_MOST_IDS = 8
_LABEL_LENGTH, _HEADING_LENGTH = 24, 14
_LESS_TELLING = ("a_value", "b_value", "adjusted_p", "test", "n")  # sentences have them too

VerdictColumn = Column[PairVerdict]


def make_parts(comparison: Comparison, shown: Sequence[str] = ()) -> Iterator[RenderableType]:
    """The parts, the verdicts in words before all others; `shown` are warnings that stand elsewhere."""
    yield from _say(comparison)
    warnings = [clean(warning) for warning in comparison.warnings if warning not in shown]
    if warnings:
        yield make_section("Beware", *(Text(warning, "yellow") for warning in warnings))
    labels = {run.run_id: run.label for run in comparison.runs}
    labels |= {group.group_id: group.label for group in comparison.groups}
    tested = [one for one in comparison.verdicts if one.test is not None]
    if tested:
        yield from _tables(comparison, labels)
    if comparison.groups:
        yield from _section("Seed groups", _group_columns(comparison), comparison.groups)
    if comparison.slices:
        yield from _slices(comparison, labels)
    if comparison.changed_examples:
        yield from _section("Rows that changed", _changed_columns(labels), comparison.changed_examples)


def _say(comparison: Comparison) -> Iterator[RenderableType]:
    """Every sentence; in a terminal no more than ten verdicts."""
    words = [verdict.verdict for verdict in comparison.verdicts]
    sentences = list(comparison.sentences)
    said = [Text(clean(text), STYLES[word]) for text, word in zip(sentences, words, strict=False)]
    scope = [Text(clean(text), "dim") for text in sentences[len(words) :]]
    left_out = len(said) - _MOST_SENTENCES if is_terminal() else 0
    if left_out > 0:
        said = said[:_MOST_SENTENCES]
        said.append(Text(f"… and {left_out} more verdicts in the table below.", "dim"))
    yield from said
    yield from scope


def _tables(comparison: Comparison, labels: Mapping[str, str]) -> Iterator[RenderableType]:
    verdicts = comparison.verdicts
    pair = verdicts[0] if len(verdicts) == 1 else None
    if pair is not None and max(len(_label(labels, key)) for key in (pair.a, pair.b)) > _HEADING_LENGTH:
        pair = None  # too long for headings
    after = f"{'higher' if comparison.higher_is_better else 'lower'} is better"
    if pair is not None:
        after += f"; the difference is {_label(labels, pair.b)} - {_label(labels, pair.a)}"
    elif len(verdicts) > 1:
        after += f"; p adjusted for {plural(verdicts[0].family_size, 'test')} (Holm)"
    title = f"Difference on {clean(comparison.primary_metric or '')}"
    yield from _section(title, _columns(labels, pair), verdicts, after)
    if comparison.secondary:
        after = "secondary: not adjusted for how many metrics there are"
        columns = _columns(labels, pair, names_metric=True)
        yield from _section("Other metrics", columns, comparison.secondary, after)


def _columns(
    labels: Mapping[str, str], one_pair: PairVerdict | None, *, names_metric: bool = False
) -> list[VerdictColumn]:
    """The columns; of one pair its names are headings, and not said line by line (but in a pipe)."""
    heading_a, heading_b, heading = "A =", "B =", "B - A"
    if one_pair is not None:
        heading_a, heading_b = _label(labels, one_pair.a), _label(labels, one_pair.b)
        heading = "difference"
    metric: VerdictColumn = Column("metric", lambda one: clean(one.metric))
    pair: list[VerdictColumn] = [
        Column("A", lambda one: _label(labels, one.a), lambda one: one.a),
        Column("B", lambda one: _label(labels, one.b), lambda one: one.b),
    ]
    values: list[VerdictColumn] = [
        Column(heading_a, lambda one: format_metric(one.a_value), raw_heading="a_value", is_number=True),
        Column(heading_b, lambda one: format_metric(one.b_value), raw_heading="b_value", is_number=True),
    ]
    difference: list[VerdictColumn] = [
        Column(heading, _difference, lambda one: format_metric(one.difference), "difference", True),
        *make_interval_columns(lambda one: one.interval),
    ]
    test: list[VerdictColumn] = [
        Column(
            "p",
            lambda one: format_adjusted(one.p_value),
            lambda one: format_metric(one.p_value),
            is_number=True,
        ),
        Column(
            "adjusted",
            lambda one: format_adjusted(one.adjusted_p),
            lambda one: format_metric(one.adjusted_p),
            "adjusted_p",
            True,
        ),
        Column("test", lambda one: name_test(one.test or NOTHING), lambda one: one.test or NOTHING),
        Column("n", lambda one: str(one.n), is_number=True),
    ]
    verdict: VerdictColumn = Column(
        "verdict", lambda one: Text(one.verdict, STYLES[one.verdict]), lambda one: one.verdict
    )
    names_pair = one_pair is None or not is_terminal()
    head = [*([metric] if names_metric else []), *(pair if names_pair else [])]
    if one_pair is not None:
        test = [column for column in test if column.heading != "adjusted"]
    return [*head, *values, *difference, verdict, *test]


def _slices(comparison: Comparison, labels: Mapping[str, str]) -> Iterator[RenderableType]:
    """The slices, those with the smallest p-values first; in a terminal no more than twelve."""
    tested = sorted(
        (one for one in comparison.slices if one.adjusted_p is not None),
        key=lambda one: (one.adjusted_p or 0.0, one.p_value or 0.0),
    )
    untested = [one for one in comparison.slices if one.adjusted_p is None]
    found = [*tested, *untested]
    shown = found[:_MOST_SLICES] if is_terminal() else found
    n_tests = comparison.slices[0].family_size
    after = f"on {clean(comparison.slices[0].metric)}; p adjusted for {plural(n_tests, 'slice')} (Holm)"
    if len(found) > len(shown):
        after += f"; {len(found) - len(shown)} more with --json"
    pairs = len({(one.a, one.b) for one in found})
    yield from _section("Slices", _slice_columns(labels, names_pairs=pairs > 1), shown, after)


def _slice_columns(labels: Mapping[str, str], *, names_pairs: bool) -> list[Column[SliceVerdict]]:
    pair: list[Column[SliceVerdict]] = [
        Column("A", lambda one: _label(labels, one.a), lambda one: one.a),
        Column("B", lambda one: _label(labels, one.b), lambda one: one.b),
    ]
    return [
        *(pair if names_pairs or not is_terminal() else []),
        Column("slice", lambda one: shorten(clean(one.attribute), _LABEL_LENGTH), lambda one: one.attribute),
        Column("", lambda one: shorten(clean(one.value), _LABEL_LENGTH), lambda one: one.value, "value"),
        Column("n", lambda one: str(one.n), is_number=True),
        Column("B - A", _slice_difference, lambda one: format_metric(one.difference), "difference", True),
        *make_interval_columns(lambda one: one.interval),
        Column(
            "adjusted p",
            lambda one: format_adjusted(one.adjusted_p),
            lambda one: format_metric(one.adjusted_p),
            "adjusted_p",
            True,
        ),
        Column(
            "verdict",
            lambda one: Text(one.note or one.verdict, STYLES[one.verdict] if one.note is None else "dim"),
            lambda one: one.verdict,
        ),
    ]


def _group_columns(comparison: Comparison) -> list[Column[SeedGroup]]:
    names = {run.run_id: run.label for run in comparison.runs}
    return [
        Column("group", lambda one: clean(one.label), lambda one: one.group_id),
        Column("runs", lambda one: str(len(one.run_ids)), is_number=True),
        Column(
            f"mean {clean(comparison.primary_metric or '')}".strip(),
            lambda one: format_metric(one.mean.estimate),
            is_number=True,
        ),
        *make_interval_columns(lambda one: one.mean),
        Column("seeds", lambda one: shorten(", ".join(map(_seed, one.seeds)), 2 * _LABEL_LENGTH)),
        Column(
            "members",
            lambda one: shorten(", ".join(clean(names[i]) for i in one.run_ids), 2 * _LABEL_LENGTH),
            lambda one: " ".join(one.run_ids),
        ),
    ]


def _changed_columns(labels: Mapping[str, str]) -> list[Column[ChangedExamples]]:
    return [
        Column("A", lambda one: _label(labels, one.a), lambda one: one.a),
        Column("B", lambda one: _label(labels, one.b), lambda one: one.b),
        Column("fixed by B", lambda one: str(one.n_fixed), raw_heading="n_fixed", is_number=True),
        Column("broken by B", lambda one: str(one.n_broken), raw_heading="n_broken", is_number=True),
        Column("both wrong", lambda one: str(one.n_both_wrong), raw_heading="n_both_wrong", is_number=True),
        Column("rows", lambda one: str(one.n), raw_heading="n", is_number=True),
        Column("first broken", lambda one: _ids(one.broken), lambda one: _ids(one.broken), "broken"),
        Column("first fixed", lambda one: _ids(one.fixed), lambda one: _ids(one.fixed), "fixed"),
    ]


def _section(
    title: str, columns: Sequence[Column[Row]], rows: Sequence[Row], after: str = ""
) -> Iterator[RenderableType]:
    """A table below a heading: in a terminal the columns that fit, in a pipe all, with tabs."""
    if is_terminal():
        by_worth = sorted(columns, key=_rank_column)
        chosen = fit_columns(columns, by_worth, rows, make_console().width - INDENT)
        yield make_section(title, make_table(chosen, rows), after=after)
        return
    yield make_section(title, after=after)
    lines = [[column.raw_heading or column.heading for column in columns]]
    lines += [[str((column.raw or column.show)(row)) for column in columns] for row in rows]
    yield "\n".join("\t".join(line) for line in lines)


def _rank_column(column: Column[Row]) -> int:
    name = column.raw_heading or column.heading
    return _LESS_TELLING.index(name) + 1 if name in _LESS_TELLING else 0


def _label(labels: Mapping[str, str], key: str) -> str:
    return shorten(clean(labels.get(key, key)), _LABEL_LENGTH)


def format_metric(value: float | None) -> str:
    """A value with four digits for people, with all for programs."""
    return format_number(value, exact=not is_terminal(), digits=4)


def format_adjusted(value: float | None) -> str:
    """A p-value in a table."""
    return NOTHING if value is None else format_p(value).removeprefix("= ")


def _difference(one: PairVerdict) -> str:
    return format_signed(one.difference, one.interval)


def _slice_difference(one: SliceVerdict) -> str:
    return format_signed(one.difference, one.interval)


def format_signed(value: float | None, interval: Interval | None) -> str:
    """A difference with its sign, as exact as its interval allows."""
    if value is None:
        return NOTHING
    text = format_effect(value, _half(interval))
    return text if text.startswith("-") or float(text) == 0 else f"+{text}"


def make_interval_columns(read: Callable[[Row], Interval | None]) -> list[Column[Row]]:
    """One column for people, two for programs."""

    def read_end(row: Row, is_low: bool) -> str:
        interval = read(row)
        return NOTHING if interval is None else format_metric(interval.low if is_low else interval.high)

    if is_terminal():
        return [Column("95 % interval", lambda row: format_ends(read(row)))]
    return [
        Column("low", lambda row: read_end(row, True)),
        Column("high", lambda row: read_end(row, False)),
    ]


def format_ends(interval: Interval | None) -> str:
    """Both ends of an interval in one text."""
    if interval is None or interval.low is None or interval.high is None:
        return NOTHING
    half = _half(interval)
    return f"{format_effect(interval.low, half)} to {format_effect(interval.high, half)}"


def _half(interval: Interval | None) -> float | None:
    if interval is None or interval.low is None or interval.high is None:
        return None
    return (interval.high - interval.low) / 2 or None


def _seed(seed: int | None) -> str:
    return NOTHING if seed is None else str(seed)


def _ids(ids: Sequence[str | int]) -> str:
    if not is_terminal():
        return " ".join(clean(str(row_id)) for row_id in ids) or NOTHING
    more = " …" if len(ids) > _MOST_IDS else ""
    return " ".join(clean(str(row_id)) for row_id in ids[:_MOST_IDS]) + more or NOTHING
