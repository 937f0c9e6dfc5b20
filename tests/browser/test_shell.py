"""What stands around every page: navigation, search, keyboard, appearance, and news of the server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

PAGES = ["Dashboard", "Runs", "Compare", "Leaderboard", "Datasets", "Projects", "Trash", "Settings"]


def test_a_person_finds_a_run_by_typing_a_part_of_its_name(study: Any, visit: Any) -> None:
    page = visit(study).open()
    page.keyboard.press("Control+k")
    # What a run says elsewhere than in its name is found too, and told with where.
    page.get_by_placeholder("Find runs").fill("nan after step")
    page.get_by_role("dialog").get_by_text(
        "error: FloatingPointError: the loss is nan after step 12"
    ).wait_for()
    page.get_by_placeholder("Find runs").fill("forest-2")
    page.get_by_role("dialog").get_by_text("forest-2").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"#/runs/[0-9a-f]{32}"))


@pytest.mark.parametrize("text", ['"', "'", "%", "\\", "back`tick", "🧪", "<script>"])
def test_whatever_a_person_types_into_the_search_is_a_text(study: Any, visit: Any, text: str) -> None:
    page = visit(study).open()
    page.keyboard.press("Control+k")
    with page.expect_response(lambda answer: "ilike" in answer.url) as answer:
        page.get_by_placeholder("Find runs").fill(text)
    assert answer.value.status == 200


def test_every_page_is_two_keys_away(study: Any, visit: Any) -> None:
    page = visit(study).open()
    for label in PAGES[1:]:
        page.keyboard.press("?")
        key = page.get_by_role("dialog").get_by_role("row", name=re.compile(f"^g . {label}$")).inner_text()[2]
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=label, exact=True)).to_have_attribute("aria-current", "page")


def test_the_appearance_is_chosen_and_kept(study: Any, visit: Any) -> None:
    page = visit(study).open()
    scheme = "document.documentElement.dataset.mantineColorScheme"
    assert page.evaluate(scheme) == "light"
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("menuitem", name="Dark").click()
    assert page.evaluate(scheme) == "dark"
    page.reload()
    page.get_by_role("navigation").first.wait_for(state="attached")
    assert page.evaluate(scheme) == "dark"


def test_the_assistant_takes_a_question_at_once_and_leads_to_what_it_found_on_a_phone_too(
    study: Any, visit: Any
) -> None:
    page = visit(study, phone=True).open("/runs")
    page.get_by_role("button", name="Assistant", exact=True).click()
    expect(page.get_by_role("textbox", name="Question")).to_be_focused()
    page.keyboard.type("which runs failed?")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Apply as filter").click()
    page.wait_for_url(re.compile("q=status"))
    expect(page.get_by_role("region", name="Assistant")).to_be_hidden()
    page.keyboard.press("a")
    expect(page.get_by_text("from 1 question to the API")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Assistant", exact=True)).to_be_focused()


def test_a_phone_has_the_navigation_behind_a_button(study: Any, visit: Any) -> None:
    page = visit(study, phone=True).open()
    page.get_by_role("button", name="Navigation").click()
    page.get_by_role("link", name="Datasets", exact=True).click()
    page.wait_for_url(re.compile("#/datasets"))


def test_an_address_that_is_no_page_says_so_and_leads_back(study: Any, visit: Any) -> None:
    page = visit(study).open("/nothing/here")
    page.get_by_text("There is no such page").wait_for()
    page.get_by_role("link", name="To the dashboard").click()
    page.wait_for_url(re.compile("#/$"))


def test_mlflows_address_of_a_run_leads_to_it(study: Any, visit: Any) -> None:
    run = study.get("/api/modellab/runs", limit=1)["items"][0]["run_id"]
    page = visit(study).open(f"/experiments/0/runs/{run}")
    page.wait_for_url(re.compile(f"#/runs/{run}"))


def test_the_page_says_that_the_server_is_gone_and_recovers_by_itself(empty: Any, visit: Any) -> None:
    person = visit(empty)
    person.expected = ("ERR_", "Failed to load", "failed:")
    page = person.open("/runs")
    with page.expect_response(lambda answer: "/live" in answer.url):
        page.reload()
    empty.stop()
    notice = page.get_by_text("What is shown is as it was")
    notice.wait_for()
    empty.start()
    expect(notice).to_be_hidden()
