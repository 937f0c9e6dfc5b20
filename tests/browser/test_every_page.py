"""Every page, wide and on a phone, light and dark, with data and without: all works and can be reached."""

from __future__ import annotations

from typing import Any, Literal

import pytest

PLACES = [
    "/",
    "/runs",
    "/runs?group=seed",
    "/compare",
    "/leaderboard",
    "/leaderboard?metric=accuracy&split=test",
    "/datasets",
    "/projects",
    "/trash",
    "/settings",
    "/settings/users",
    "/settings/keys",
    "/settings/storage",
    "/settings/server",
    "/settings/audit",
]
TABS = [
    "overview",
    "charts",
    "evaluation",
    "latency",
    "artifacts",
    "code",
    "environment",
    "console",
    "system",
    "reproduce",
]
LOOKS: list[tuple[bool, bool, Literal["light", "dark"]]] = [
    (True, False, "light"),
    (True, True, "dark"),
    (False, True, "light"),
]


HAS_BAD_TAB = """[...document.querySelectorAll('main [role=tab][aria-selected=true]')].some((tab) => {
    const { left, right, height } = tab.getBoundingClientRect();
    return left < 0 || right > innerWidth || height < 34;
})"""


@pytest.mark.parametrize(("filled", "phone", "scheme"), LOOKS)
def test_every_page_can_be_read_by_everyone(
    study: Any, empty: Any, visit: Any, filled: bool, phone: bool, scheme: str
) -> None:
    site = study if filled else empty
    places = list(PLACES)
    if filled:
        runs = {run["name"]: run["run_id"] for run in site.get("/api/modellab/runs")["items"]}
        forest, linear = runs["forest-0"], runs["linear-0"]
        places += [f"/runs/{forest}/{tab}" for tab in TABS]
        places += ["/projects/study", f"/runs/{runs['diverged']}", f"/compare?run={forest}&run={linear}"]
        places += [f"/compare?run={forest}&run={linear}&tab=radar"]
    person = visit(site, phone=phone, scheme=scheme)
    width = 390 if phone else 1440
    wrong: list[str] = []
    for place in places:
        page = person.open(place)
        person.settle()
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{place}: scrolls sideways")
        if phone and page.evaluate(HAS_BAD_TAB):
            wrong.append(f"{place}: the open tab is out of sight, or too small for a finger")
        wrong += [f"{place}: {found}" for found in person.find_violations()]
        wrong += [f"{place}: {said}" for said in person.problems]
        person.problems.clear()
    assert not wrong, "\n".join(wrong)


def test_what_people_write_is_text_wherever_it_is_shown(study: Any, visit: Any) -> None:
    person = visit(study)
    for run in study.get("/api/modellab/runs", query='tags.text like "%"')["items"]:
        for tab in ("overview", "charts", "environment"):
            page = person.open(f"/runs/{run['run_id']}/{tab}")
            person.settle()
            assert page.evaluate("window.hurt") is None
            assert page.get_by_role("heading", level=1).inner_text().strip() == run["name"].strip()
    page = person.open("/runs")
    page.get_by_text("__proto__").first.wait_for()
    assert page.evaluate("window.hurt") is None
    assert page.locator('a[href^="javascript:"]').count() == 0
