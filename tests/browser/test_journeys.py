"""What people come for, from the first visit to the decision: each test is one way through the app."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

ACCURACY = "metrics.test/accuracy"


def find_ids(site: Any) -> dict[str, str]:
    """The ids of a site's runs by their names."""
    return {run["name"]: run["run_id"] for run in site.get("/api/modellab/runs", limit=100)["items"]}


def list_shown(page: Page) -> list[str]:
    """The names of the runs in the table, from the top."""
    rows = page.get_by_role("grid", name="Runs").locator("[role=row][id]")
    rows.first.get_by_role("checkbox").wait_for()
    by_place = sorted(rows.all(), key=lambda row: int(row.get_attribute("aria-rowindex") or 0))
    labels = [row.get_by_role("checkbox").get_attribute("aria-label") or "" for row in by_place]
    return [label.removeprefix("Choose ") for label in labels]


def test_the_first_visit_teaches_code_whose_run_appears_by_itself(empty: Any, visit: Any) -> None:
    page = visit(empty).open()
    page.get_by_role("heading", name="Nothing is recorded yet").wait_for()
    code = page.get_by_role("region", name="Record a block").locator("pre").inner_text()
    page.evaluate("window.isSamePage = true")
    subprocess.run([sys.executable, "-c", code], cwd=empty.folder, env=empty.environment, check=True)
    page.get_by_role("link", name="baseline").first.wait_for()
    assert page.evaluate("window.isSamePage")


def test_a_run_is_watched_while_it_trains(workbench: Any, visit: Any, train: Any) -> None:
    page = visit(workbench).open()
    training = train(workbench, "watched", 40)
    training.go_on(10)
    running = page.get_by_role("region", name="Running now")
    running.get_by_text("step 9 of 40, by n_epochs").wait_for()
    running.get_by_role("link", name="watched").click()
    page.get_by_role("tab", name="Charts").click()
    seen = page.get_by_role("img", name=re.compile("^seen, 1 line"))
    expect(seen).to_have_attribute("aria-label", re.compile("last 9,"))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    training.go_on(10)
    expect(seen).to_have_attribute("aria-label", re.compile("last 19,"))
    page.get_by_text("step 19 of 40, by n_epochs").wait_for()
    curves = [url for url in requests if "/curves" in url]
    assert all("from_step=" in url for url in curves), "only new points are read"
    training.end()
    page.get_by_role("main").get_by_text("completed").first.wait_for()


def test_a_person_finds_the_best_run(study: Any, visit: Any) -> None:
    page = visit(study).open("/runs")
    words = page.get_by_label("Filter runs")
    words.press_sequentially("test/acc")
    page.get_by_role("option", name=ACCURACY).click()
    expect(words).to_have_value(f"{ACCURACY} ")
    words.press_sequentially("> 0.6")
    words.press("Enter")
    page.get_by_text("6 of 13 runs").wait_for()
    page.get_by_role("button", name="Column test/accuracy").click()
    page.get_by_role("menuitem", name="Largest or last on top").click()
    expect(page.get_by_role("columnheader", name="test/accuracy")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(page.locator("#run-row-0")).to_contain_text("forest-1")
    assert [name[:-2] for name in list_shown(page)] == ["forest"] * 3 + ["linear"] * 3
    page.get_by_role("button", name="Export").click()
    with page.expect_popup() as opened:
        page.get_by_role("menuitem", name="Report, a page").click()
    report = opened.value
    report.get_by_role("heading", name="Results of").wait_for()
    assert "6 runs" in report.get_by_role("main").inner_text()
    report.emulate_media(media="print")
    report.set_viewport_size({"width": 718, "height": 1000})  # what A4 has between its margins
    assert report.evaluate("document.documentElement.scrollWidth") <= 718
    report.close()
    page.get_by_role("grid").get_by_role("link", name="forest-1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("forest-1")


def test_two_runs_are_compared_and_the_verdict_is_handed_on(study: Any, visit: Any, tmp_path: Path) -> None:
    page = visit(study).open("/runs?q=params.seed+%3D+0")
    page.get_by_role("checkbox", name="Choose forest-0").click()
    page.get_by_role("checkbox", name="Choose linear-0").click()
    page.get_by_role("button", name="Compare").click()
    verdict = page.get_by_role("region", name="Verdict").get_by_role("listitem")
    expect(verdict).to_contain_text(
        re.compile("forest-0.*(better|worse).*linear-0|linear-0.*worse.*forest-0")
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Report").click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    assert "<script" not in report.read_text()
    reader = page.context.new_page()
    reader.goto(report.as_uri())
    sentence = verdict.inner_text().splitlines()[-1]
    reader.get_by_text(sentence[:60]).first.wait_for()


def test_the_leaderboard_says_which_runs_cannot_be_told_apart(study: Any, visit: Any) -> None:
    page = visit(study).open("/leaderboard?metric=accuracy")
    board = page.get_by_role("region", name="Leaderboard").get_by_role("row")
    expect(board).to_have_count(7)
    rows = board.all()[1:]
    assert "forest-1" in rows[0].inner_text()
    for row in rows[1:3]:
        expect(row).to_contain_text("cannot be told apart")
    for row in rows[3:]:
        expect(row).to_contain_text("worse")
    page.get_by_role("link", name="Compare the 3 that cannot be told apart").click()
    expect(page.get_by_role("list", name="Chosen runs").get_by_role("listitem")).to_have_count(3)


def test_failures_are_read_from_a_cell_of_the_confusion_matrix(study: Any, visit: Any) -> None:
    page = visit(study).open(f"/runs/{find_ids(study)['linear-0']}/evaluation")
    page.get_by_role("tab", name="Confusion and curves").click()
    cell = page.get_by_role("button", name=re.compile("label “cat”, predicted “dog”"))
    n_rows = int(cell.inner_text())
    cell.click()
    rows = page.get_by_role("region", name="Failures").get_by_role("table").get_by_role("row")
    rows.first.wait_for()
    page.get_by_text(re.compile(rf"rows? of {n_rows}:|^{n_rows} rows?\.")).wait_for()
    for row in rows.all()[1:]:
        assert row.get_by_role("cell").all_inner_texts()[:2] == ["cat", "dog"]
    page.go_back()
    cell.wait_for()


def test_a_link_shows_somebody_else_the_same(study: Any, visit: Any) -> None:
    mine, theirs = visit(study), visit(study, scheme="dark")
    page = mine.open(f'/runs?q=params.model+%3D+"forest"&sort=-params.seed&col=params.seed&col={ACCURACY}')
    assert list_shown(page) == ["forest-2", "forest-1", "forest-0"]
    page.get_by_role("button", name="Column seed").click()
    page.get_by_role("menuitem", name="Pin to the left").click()
    page.get_by_role("columnheader", name="seed").get_by_role("button").first.click()
    expect(page.locator("#run-row-0"), page.url).to_contain_text("forest-0")
    other = theirs.page
    other.goto(page.url)
    assert list_shown(other) == list_shown(page) == ["forest-0", "forest-1", "forest-2"]
    headers = "[...document.querySelectorAll('[role=columnheader]')].map((cell) => cell.textContent)"
    assert other.evaluate(headers) == page.evaluate(headers)

    page = mine.open(f"/runs/{find_ids(study)['forest-0']}/charts")
    page.get_by_role("switch", name="Log y").click()
    page.get_by_role("slider", name="Smoothing").press("End")
    chart = page.get_by_role("img", name="train/loss, 1 line")
    chart.press("+")
    page.get_by_role("button", name="Show all").wait_for()
    page.wait_for_url(re.compile("range="))
    other.goto(page.url)
    expect(other.get_by_role("switch", name="Log y")).to_be_checked()
    expect(other.get_by_role("slider", name="Smoothing")).to_have_attribute("aria-valuenow", "0.99")
    other.get_by_role("button", name="Show all").wait_for()


def test_a_phone_leads_from_the_dashboard_to_a_verdict(study: Any, visit: Any) -> None:
    page = visit(study, phone=True).open()
    page.get_by_role("button", name="Navigation").tap()
    page.get_by_role("link", name="Leaderboard", exact=True).first.tap()
    page.get_by_role("link", name="forest-1").first.tap()
    page.get_by_role("tab", name="Evaluation").tap()
    page.get_by_role("region", name="Takeaway").wait_for()
    page.get_by_role("link", name="Compare with…").tap()
    page.get_by_label("Find runs").fill("linear-1")
    page.get_by_role("checkbox", name="Compare linear-1").tap()
    page.get_by_role("region", name="Verdict").get_by_role("listitem").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_keyboard_alone_leads_to_a_verdict(study: Any, visit: Any) -> None:
    page = visit(study).open()
    press = page.keyboard.press
    press("g")
    press("r")
    page.get_by_role("grid", name="Runs").wait_for()
    press("/")
    page.keyboard.type("params.seed = 0")
    press("Enter")
    page.get_by_text("2 of 13 runs").wait_for()
    press("Escape")
    for key in ("j", "Enter"):
        press(key)
    page.wait_for_url(re.compile("#/runs/[0-9a-f]{32}"))
    page.get_by_role("tab", name="Overview").wait_for()
    while page.evaluate("document.activeElement.getAttribute('role')") != "tab":
        press("Tab")
    press("ArrowRight")
    expect(page.get_by_role("tab", name="Charts")).to_have_attribute("aria-selected", "true")
    press("ArrowRight")
    page.get_by_role("region", name="Takeaway").wait_for()
    for _ in range(3):
        page.go_back()  # a key of the browser's own, which Playwright cannot press
    page.get_by_text("2 of 13 runs").wait_for()
    for key in ("x", "j", "x"):
        press(key)
    page.get_by_text("2 runs chosen").wait_for()
    press("c")
    page.get_by_role("region", name="Verdict").get_by_role("listitem").first.wait_for()
