"""10 000 runs, a million points, 1 000 metrics, a diff of 5 000 lines, 200 columns: all of it is there."""

from __future__ import annotations

import re
from typing import Any

from benchmarks.fill import make_runs
from playwright.sync_api import expect
from tests.browser.content import LONG_RUN, N_RUNS


def test_the_table_of_10_000_runs_has_all_of_them(large: Any, visit: Any) -> None:
    page = visit(large).open("/runs")
    page.get_by_role("status").filter(has_text="10 000 runs").wait_for()
    grid = page.get_by_role("grid", name="Runs")
    expect(grid).to_have_attribute("aria-rowcount", str(N_RUNS + 1))
    grid.focus()
    grid.press("End")
    last = page.locator(f"[aria-rowindex='{N_RUNS + 1}']")
    last.get_by_role("checkbox", name=f"Choose {LONG_RUN[:8]}").wait_for()
    assert grid.locator("[role=row]").count() < 100, "only the rows in sight are drawn"
    page.get_by_label("Filter runs").fill('params.optimizer = "lion" and metrics.accuracy > 0.99')
    page.keyboard.press("Enter")
    made = make_runs(0, N_RUNS)
    n_good = sum(run.params["optimizer"] == "lion" and run.metrics["accuracy"] > 0.99 for run in made)
    page.get_by_role("status").filter(has_text=f"{n_good} of 10 000 runs").wait_for()
    page.get_by_role("button", name="Column accuracy").click()
    page.get_by_role("menuitem", name="Smallest or first on top").click()
    expect(page.locator("#run-row-0")).to_contain_text("0.990")


def test_a_million_points_and_a_thousand_metrics_are_drawn(large: Any, visit: Any) -> None:
    person = visit(large)
    page = person.open(f"/runs/{LONG_RUN}/charts")
    chart = page.get_by_role("figure", name="loss")
    chart.get_by_role("img", name=re.compile("lowest 0, highest 0.999")).wait_for()
    expect(chart).to_contain_text(re.compile(r"of 1.000.000 points"))
    newest = large.get("/api/modellab/runs", limit=1)["items"][0]["run_id"]
    page = person.open(f"/runs/{newest}/charts")
    page.get_by_placeholder("Search 1").fill("weight777")
    page.get_by_role("figure", name="layer7/weight777").wait_for()
    expect(page.get_by_role("figure")).to_have_count(1)


def test_a_long_diff_and_a_wide_table_are_shown(large: Any, visit: Any) -> None:
    person = visit(large)
    page = person.open(f"/runs/{LONG_RUN}/code")
    page.get_by_text("1 file, +5").wait_for()
    diff = page.get_by_role("region", name="Diff")
    diff.press("End")
    diff.get_by_text("line 4999").wait_for()
    newest = large.get("/api/modellab/runs", limit=1)["items"][0]["run_id"]
    page = person.open(f"/runs/{newest}/artifacts")
    page.get_by_role("treeitem").filter(has_text="wide.csv").click()
    table = page.get_by_role("grid").or_(page.get_by_role("table")).first
    expect(table).to_have_attribute("aria-colcount", "201")
    table.evaluate("(table) => table.parentElement.scrollTo({left: table.scrollWidth})")
    page.get_by_text("cell199", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
