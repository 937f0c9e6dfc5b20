"""People change things, together and by mistake: nothing that was typed or recorded is lost unasked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from modellab.settings import load_settings
from modellab.store import open_store

PASSWORD = "correct horse battery"


def test_a_file_becomes_a_dataset_and_its_next_version_says_what_changed(
    workbench: Any, visit: Any, tmp_path: Path
) -> None:
    page = visit(workbench).open("/datasets")
    table = tmp_path / "flowers.csv"
    for columns in (
        "width,kind\n1.5,rose\n2.5,lily\n",
        "width,kind,height\n1.5,rose,3\n2.5,lily,4\n9,ivy,5\n",
    ):
        table.write_text(columns)
        with page.expect_file_chooser() as files:
            page.get_by_role("button", name="Upload", exact=True).click()
        files.value.set_files(table)
        page.get_by_role("dialog").get_by_role("button", name="Upload 1 file").click()
    page.get_by_role("region", name="Uploads").get_by_role("link", name="flowers, version 2").click()
    page.get_by_role("main").get_by_text("height").first.wait_for()
    page.get_by_role("tab", name="Versions").click()
    page.get_by_role("button", name="Compare with version 1").click()
    changed = page.get_by_role("region", name="Columns with a difference")
    expect(changed.get_by_role("row", name=re.compile("height"))).to_contain_text("added")
    expect(page.get_by_role("region", name="Difference", exact=True)).to_contain_text("1 row more")


def test_two_people_who_write_one_note_both_keep_their_words(workbench: Any, visit: Any) -> None:
    run = workbench.record("noted by two")
    page = visit(workbench).open(f"/runs/{run}")
    page.get_by_role("button", name="Write a note").click()
    words = page.get_by_label("Note, in Markdown")
    words.fill("what I saw")
    workbench.send("PUT", f"/api/modellab/runs/{run}", note="what they saw")
    conflict = page.get_by_role("alert").filter(has_text="The note changed elsewhere")
    expect(conflict).to_contain_text("what they saw")
    expect(words).to_have_value("what I saw")
    page.reload()
    expect(words).to_have_value("what I saw")
    conflict.get_by_role("button", name="Go on with mine").click()
    page.get_by_role("button", name="Save").click()
    expect(words).to_be_hidden()
    assert workbench.get(f"/api/modellab/runs/{run}")["note"] == "what I saw"


def test_a_session_that_ends_takes_nothing_that_was_typed(open_site: Any, visit: Any, tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        with (folder / ".env").open("a") as file:
            file.write("MODELLAB_LOGIN=1\n")
        with open_store(load_settings(start=folder, environ={})) as store:
            store.accounts.add("ada", "admin", PASSWORD)

    with open_site(tmp_path / "team", fill) as site:
        person = visit(site)
        person.expected = ("401",)
        page = person.page
        page.goto(site.address)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        with page.expect_response(lambda answer: "/live" in answer.url):
            page.get_by_role("link", name="Projects", exact=True).click()
        page.get_by_role("button", name="New project").click()
        page.get_by_label("Name").fill("typed before")
        in_another_tab = {"X-Requested-With": "modellab"}
        assert page.request.post(f"{site.address}/api/modellab/logout", headers=in_another_tab).ok
        create = page.get_by_role("button", name=re.compile("^Create"))
        create.click()
        again = page.get_by_role("dialog", name="Your session has ended")
        expect(page.get_by_text("Your session has ended.")).to_be_attached()
        expect(again.get_by_label("Name")).to_have_value("ada")
        again.get_by_role("textbox", name="Password").fill(PASSWORD)
        again.get_by_role("button", name="Log in").click()
        expect(again).to_be_hidden()
        create.click()
        page.get_by_role("heading", name="typed before").or_(
            page.get_by_role("link", name="typed before")
        ).first.wait_for()
        page.goto("about:blank")  # before the server goes


def test_a_run_that_is_deleted_in_another_tab_is_not_shown_as_if_it_were_there(
    workbench: Any, visit: Any
) -> None:
    run = workbench.record("deleted elsewhere")
    person = visit(workbench)
    person.expected = ("404",)
    page = person.open(f"/runs/{run}")
    page.get_by_role("button", name="Write a note").click()
    page.get_by_role("textbox", name="Note, in Markdown").fill("half a thought")
    workbench.send("DELETE", f"/api/modellab/runs/{run}")
    page.get_by_text("This run is in the trash").wait_for()
    page.get_by_text("The note that you were writing is kept").wait_for()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("textbox", name="Note, in Markdown")).to_have_value("half a thought")
    assert workbench.get(f"/api/modellab/runs/{run}")["name"] == "deleted elsewhere"


def test_the_trash_gives_back_and_forgets_only_what_was_meant(workbench: Any, visit: Any) -> None:
    for name in ("kept", "regretted", "forgotten"):
        workbench.record(f"trash {name}")
    page = visit(workbench).open("/runs?q=name+like+%22trash+%25%22")
    page.get_by_role("checkbox", name="Choose trash kept").click()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_role("checkbox", name="Choose trash kept")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("checkbox", name="Choose trash kept").wait_for()
    for name in ("regretted", "forgotten"):
        page.get_by_role("checkbox", name=f"Choose trash {name}").click()
    page.get_by_role("button", name="Move to trash").click()

    page.get_by_role("link", name="Trash", exact=True).click()
    page.get_by_role("button", name="Restore trash regretted").click()
    expect(page.get_by_role("checkbox", name="Pick trash regretted")).to_be_hidden()
    page.get_by_role("checkbox", name="Pick trash forgotten").click()
    page.get_by_role("button", name="Purge", exact=True).click()
    for_good = page.get_by_role("button", name="Purge for good")
    expect(for_good).to_be_disabled()
    page.get_by_label("Type purge to confirm").fill("purge")
    for_good.click()
    expect(page.get_by_role("checkbox", name="Pick trash forgotten")).to_be_hidden()
    there = workbench.get("/api/modellab/runs", query='name like "trash %"')["items"]
    assert sorted(run["name"] for run in there) == ["trash kept", "trash regretted"]


def test_a_page_that_a_run_kept_cannot_reach_the_app(study: Any, visit: Any) -> None:
    runs = {run["name"]: run["run_id"] for run in study.get("/api/modellab/runs")["items"]}
    person = visit(study)
    person.expected = ("SecurityError", "sandboxed", "cross-origin")
    page = person.open(f"/runs/{runs['forest-0']}/artifacts")
    page.get_by_role("treeitem").filter(has_text="page.html").click()
    page.frame_locator("iframe").get_by_role("heading", name="report").wait_for()
    expect(page).to_have_title("forest-0 · ModelLab")
