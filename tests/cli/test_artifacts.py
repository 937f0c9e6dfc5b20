"""`modellab artifacts` and `modellab download`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modellab.tracking.spool import spool_artifact

if TYPE_CHECKING:
    from tests.cli.conftest import Project


def record(project: Project, paths: Sequence[str]) -> str:
    """A run that logged these files, each with its path as content; its id."""
    events = []
    for path in paths:
        source = project.folder / "source"
        source.write_text(path)
        copied = spool_artifact(str(source), path, root=project.folder, spool=project.settings.spool)
        events.append(("artifact", {"path": path, "files": copied.files}))
    writer = project.write(events=events)
    writer.append_event("end", {"status": "completed"})
    writer.close()
    return writer.run_id


def test_the_files_of_a_run_are_listed(project: Project) -> None:
    run_id = record(project, ["plots/a.png", "best.pt"])

    rows = project.call("artifacts", run_id).rows()
    assert [(row["path"], row["size"], row["kept"]) for row in rows] == [
        ("best.pt", "7", "yes"),
        ("plots/a.png", "11", "yes"),
    ]
    assert [row["path"] for row in project.call("artifacts", run_id, "--folder", "plots").rows()] == [
        "plots/a.png"
    ]
    assert project.call("artifacts", run_id, "--json").json()[0]["path"] == "best.pt"


def test_the_page_of_a_run_says_that_a_file_is_kept_which_is_not_on_disk_any_more(project: Project) -> None:
    record(project, ["plots/a.png"])
    lines = [" ".join(line.split()) for line in project.call("show", "latest").out.splitlines()]
    assert "kept plots/a.png" in lines


def test_the_page_of_a_run_knows_more_files_than_one_list_holds(project: Project) -> None:
    paths = [f"parts/{number:04}.bin" for number in range(1001)]
    file = {"sha256": "0" * 64, "size": 1}
    events = [("artifact", {"path": path, "files": [{**file, "path": path}]}) for path in paths]
    last = project.folder / "source"
    last.write_text("last")
    copied = spool_artifact(str(last), "z.bin", root=project.folder, spool=project.settings.spool)
    writer = project.write(events=[*events, ("artifact", {"path": "z.bin", "files": copied.files})])
    writer.append_event("end", {"status": "completed"})
    writer.close()
    lines = [" ".join(line.split()) for line in project.call("show", "latest").out.splitlines()]
    assert "kept z.bin" in lines


def test_a_run_without_files_says_so(project: Project) -> None:
    outcome = project.call("artifacts", record(project, []))
    assert (outcome.code, outcome.out) == (0, "")
    assert "No files are kept. " in outcome.err
    assert "No files are kept in folder nope. " in project.call("artifacts", "latest", "--folder", "nope").err


def test_a_file_is_fetched_here_or_where_it_is_told(project: Project) -> None:
    run_id = record(project, ["plots/a.png"])
    (project.folder / "into").mkdir()

    assert project.call("download", run_id, "plots/a.png").code == 0
    assert project.call("download", run_id, "plots/a.png", "-o", "into").code == 0
    assert project.call("download", run_id, "plots/a.png", "-o", "new/b.png").code == 0

    for path in ("a.png", "into/a.png", "new/b.png"):
        assert (project.folder / path).read_text() == "plots/a.png"


def test_a_folder_is_fetched_whole(project: Project) -> None:
    run_id = record(project, ["plots/a.png", "plots/deep/b.png", "plots2/c.png"])

    outcome = project.call("download", run_id, "plots/", "-o", "got")

    assert outcome.err == "2 files, 27 bytes.\n"
    found = sorted(str(path.relative_to(project.folder)) for path in (project.folder / "got").rglob("*.png"))
    assert found == ["got/a.png", "got/deep/b.png"]


def test_a_file_that_is_there_is_not_replaced_unless_told(project: Project) -> None:
    run_id = record(project, ["a.txt"])
    (project.folder / "a.txt").write_text("mine")

    outcome = project.call("download", run_id, "a.txt")
    assert outcome.code == 2
    assert "a.txt is there already" in outcome.err
    assert (project.folder / "a.txt").read_text() == "mine"

    assert project.call("download", run_id, "a.txt", "--force").code == 0
    assert (project.folder / "a.txt").read_text() == "a.txt"


def test_what_is_not_there_is_said(project: Project) -> None:
    run_id = record(project, ["a.txt"])
    outcome = project.call("download", run_id, "b.txt")
    assert outcome.code == 1
    assert "no artifact b.txt" in outcome.err
    assert project.call("download", run_id, "../up").code == 2
