"""Reports of recorded runs: what they say, and that nothing which runs recorded can act in them."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modellab
from modellab.errors import InvalidInput, NotFound
from modellab.report.chart import list_ticks
from modellab.report.colors import COLORS, color_of, style_lines
from modellab.report.facts import Request
from modellab.report.markdown_page import escape
from modellab.report.writing import ReportFormat, write_report
from modellab.settings import Settings, load_settings
from modellab.store import open_store

HOSTILE_NAME = "<script>alert(1)</script>](javascript:x) | `rm` ![](https://evil.example) &amp; _x_"
HOSTILE = f"{HOSTILE_NAME} \x00\u202e"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Runs: `good` and `bad` are evaluated, `hostile` has hostile texts and NaN, `broken` has failed."""
    settings = load_settings(start=tmp_path_factory.mktemp("project"), environ={"PROJECT_NAME": "study"})
    numbers = np.random.default_rng(0)
    labels = numbers.integers(0, 2, 200)
    for name, skill in (("bad", 0.4), ("good", 2.0)):
        scores = 1 / (1 + np.exp(-skill * (2 * labels - 1) - numbers.normal(size=200)))
        with modellab.start_run(name, params={"skill": skill}, seed=1, settings=settings) as run:
            run.log_evaluation(predictions=scores, labels=labels)
            for step in range(30):
                run.log_metrics({"loss": skill / (step + 1)}, step=step)
    hostile = {HOSTILE_NAME: HOSTILE, "model": HOSTILE}
    with modellab.start_run(
        HOSTILE_NAME, params=hostile, dataset_id=HOSTILE_NAME, note=HOSTILE, settings=settings
    ) as run:
        for value in (1.0, float("nan"), float("inf"), 2.0):
            run.log_metrics({HOSTILE_NAME: value})
    with pytest.raises(ValueError, match="the loss"), modellab.start_run("broken", settings=settings):
        raise ValueError(f"the loss is nan {HOSTILE}")
    return settings


def _report(settings: Settings, as_format: ReportFormat = "html", **request: Any) -> str:
    with open_store(settings) as store:
        return write_report(store, Request(**request), project=settings.project_name, as_format=as_format)


class _Elements(HTMLParser):
    """Which elements a page has, with which attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("as_format", ["html", "md"])
def test_it_says_results_with_intervals_verdicts_differences_and_how_to_repeat_it(
    settings: Settings, as_format: ReportFormat
) -> None:
    text = _report(settings, as_format, query='name in ("good", "bad")')
    plain = _Elements(text).text if as_format == "html" else text.replace("\\", "")
    assert "Results of study" in plain
    assert "2 runs: runs with name in" in plain
    assert plain.index("good") < plain.index("bad")
    assert re.search(r"0\.[89]\d* \[0\.\d+ to [01][.\d]*\]", plain)
    assert "bad is worse than good on accuracy by" in plain
    assert "skill" in plain
    assert "modellab report 'name in (" in plain
    assert "modellab repro pack" in plain
    assert "known up to 20" in plain


def test_every_metric_that_runs_logged_is_told_besides_those_of_their_evaluations(settings: Settings) -> None:
    [head] = [line for line in _report(settings, "md").splitlines() if line.startswith("| Run | Id ")]
    metrics = [name.strip() for name in head.strip("|").split("|")][3:]
    assert metrics[0] == "accuracy"
    assert metrics.count("accuracy") == 1
    assert "loss" in metrics
    assert not any(name.startswith("test/") for name in metrics)


def test_the_same_runs_give_the_same_bytes(settings: Settings) -> None:
    for as_format in ("html", "md"):
        first, second = (_report(settings, as_format) for _ in range(2))
        assert first == second


def test_a_page_runs_nothing_and_loads_nothing_whatever_the_runs_say(settings: Settings) -> None:
    page = _report(settings)
    found = _Elements(page)
    assert not found.names & {"script", "img", "a", "iframe", "link", "object", "form", "base", "image"}
    assert not {name for name in found.attributes if name.startswith("on")} | found.attributes & {
        "href",
        "src",
        "xlink:href",
    }
    assert "default-src 'none'" in page
    assert "<script>alert(1)</script>](javascript:x)" in found.text
    assert "\x00" not in page
    assert "\u202e" not in page


def test_markdown_marks_nothing_up_that_runs_say(settings: Settings) -> None:
    text = _report(settings, "md")
    outside = re.sub(r"(`{3,})sh\n.*?\n\1", "", text, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)[<`]", outside)
    assert not re.search(r"(?<!\\)\]\(", outside)
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in rows[:3]}
    assert len(widths) == 1


def test_gaps_failures_and_curves_are_shown(settings: Settings) -> None:
    found = _Elements(_report(settings))
    assert "svg" in found.names
    assert "broken failed: ValueError: the loss is nan" in found.text
    assert "3 completed, 1 failed" in found.text


def test_a_run_has_the_colour_that_it_has_in_the_web_app(settings: Settings) -> None:
    design = (Path(__file__).parents[2] / "docs/concepts/design.md").read_text()
    colors, _, _, _, *known = design.split("```")[1].strip().splitlines()
    assert tuple(colors.split()) == COLORS
    assert len(known) > 3
    assert all(color_of(run_id) == color for run_id, color in map(str.split, known))
    both, alone = (_report(settings, query=query) for query in ('name in ("good", "bad")', 'name = "bad"'))
    with open_store(settings) as store:
        ids = {run.name: run.run_id for run in store.runs.list().items}
    for page, names in ((both, ("good", "bad")), (alone, ("bad",))):
        # In the table of results, in the legend, and as the line itself.
        found = re.findall('stroke="(#[0-9a-f]{6})"', page)
        assert {color: found.count(color) for color in set(found) & set(COLORS)} == Counter(
            color_of(ids[name]) for name in (*names, *names, *names)
        )


def test_lines_that_share_a_colour_differ_by_their_dashes() -> None:
    styles = style_lines([f"run-{number}" for number in range(8)] + ["run-0"])
    assert len(set(styles)) == 9
    assert styles[0] == (color_of("run-0"), "")
    assert styles[8][0] == styles[0][0]


def test_a_baseline_may_be_chosen(settings: Settings) -> None:
    with open_store(settings) as store:
        [bad] = [run.run_id for run in store.runs.list().items if run.name == "bad"]
    query = 'name in ("good", "bad")'
    assert "good is better than bad" in _report(settings, "md", query=query, baseline=bad[-12:])
    with pytest.raises(InvalidInput, match="baseline nonsense is none of the runs"):
        _report(settings, query=query, baseline="nonsense")


def test_a_long_filter_is_told_whole_where_it_is_of_use(settings: Settings) -> None:
    names = ", ".join(f'"n{number}"' for number in range(100))
    lines = _report(settings, "md", query=f'name in ("good", {names})').splitlines()
    assert lines[2].endswith("…")
    assert len(lines[2]) < 300
    assert any(line.startswith("modellab report") and '"n99")' in line for line in lines)


def test_one_run_alone_is_reported_without_a_verdict(settings: Settings) -> None:
    assert "compared with nothing" in _report(settings, query='name = "good"')


@pytest.mark.parametrize(
    ("request_", "kind", "told"),
    [
        ({"query": 'name = "nobody"'}, NotFound, "No run matches"),
        ({"query": "name ="}, InvalidInput, "name"),
        ({"metric": "nonsense"}, InvalidInput, "None of these runs has a metric 'nonsense'"),
        ({"split": "no/split"}, InvalidInput, "no/split"),
    ],
)
def test_what_cannot_be_reported_is_told(
    settings: Settings, request_: dict[str, Any], kind: type[Exception], told: str
) -> None:
    with pytest.raises(kind, match=told):
        _report(settings, **request_)


def test_of_more_than_fifty_runs_the_best_are_compared_and_the_rest_is_counted(
    settings_of_many: Settings,
) -> None:
    text = _report(settings_of_many, "md")
    assert (
        "53 runs match. These 50 are those with the best values, which flatters them; 3 are left out." in text
    )
    assert "| run-52 |" in text
    assert "| run-2 |" not in text


@pytest.fixture
def settings_of_many(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    many = load_settings(start=tmp_path_factory.mktemp("many"), environ={})
    # The best is the oldest, so that neither the newest nor the first are the best.
    for number in (52, *range(52)):
        with modellab.start_run(f"run-{number}", settings=many) as run:
            run.log_metrics({"score": float(number)})
    return many


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 10.0, [0, 2, 4, 6, 8, 10]),
        (0.13, 0.97, [0.2, 0.4, 0.6, 0.8]),
        (-1e300, 1e300, None),
        (5.0, 5.0, [5.0]),
    ],
)
def test_ticks_are_round(low: float, high: float, ticks: list[float] | None) -> None:
    found = list_ticks(low, high)
    assert 1 <= len(found) <= 11
    if ticks is not None:
        assert found == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("val_loss", "val_loss"),
        ("_x_", r"\_x\_"),
        ("a|b", r"a\|b"),
        ("1. first", r"1\. first"),
        ("- item", r"\- item"),
        ("-0.5", r"\-0.5"),
        ("two\nlines", "two lines"),
    ],
)
def test_text_is_escaped_for_markdown_where_it_would_mark_up(text: str, written: str) -> None:
    assert escape(text) == written
