from __future__ import annotations

import re
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modellab.cli.diagnosis import EXTRAS, PACKAGES, show_address
from modellab.tracking.spool import spool_artifact

if TYPE_CHECKING:
    from tests.cli.conftest import Project

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_project_without_a_store_is_well(project: Project) -> None:
    outcome = project.call("doctor")
    assert (outcome.code, outcome.err) == (0, "")
    assert "not there yet; the first run makes it" in outcome.out
    assert outcome.out.endswith("All is well.\n")
    assert [path.name for path in project.folder.iterdir()] == [".env"]


def test_a_report_tells_where_the_store_is_and_what_is_in_it(project: Project) -> None:
    project.record({"a": 1.0})
    live = project.write(series={"loss": [1.0]})
    report = project.call("doctor", "--json").json()
    assert report["place"] == {
        "project_name": "cli-under-test",
        "root": str(project.folder),
        "root_mark": ".env",
        "database": str(project.database),
        "database_from": "default",
        "journals": str(project.settings.journals),
        "is_writable": True,
    }
    assert report["database"]["n_runs"] == 2
    assert report["database"]["version"].startswith("SQLite 3.")
    assert report["database"]["schema_number"] >= 1
    assert report["database"]["size_bytes"] >= 4096
    journals = report["journals"]
    assert (journals["n_journals"], journals["n_open"], journals["n_live"]) == (2, 1, 1)
    assert journals["unread"] == []
    assert report["problems"] == []
    assert report["packages"]["sqlalchemy"]
    live.close()


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (("--db", "other.db"), {}, ("other.db", "--db")),
        ((), {"DB_PATH": "env.db"}, ("env.db", "DB_PATH in the environment")),
    ],
)
def test_a_report_says_why_the_database_is_where_it_is(
    project: Project,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    expected: tuple[str, str],
) -> None:
    report = project.start("doctor", "--json", *arguments, **environment)
    assert f'"database": "{project.folder / expected[0]}"' in report.stdout
    assert f'"database_from": "{expected[1]}"' in report.stdout


def test_a_server_that_cannot_be_reached_is_reported_without_its_password(project: Project) -> None:
    address = "postgresql://ada:secret@127.0.0.1:1/lab"
    outcome = project.start("doctor", MODELLAB_DATABASE_URL=address)
    assert outcome.returncode == 1
    assert "postgresql://ada:***@127.0.0.1:1/lab" in outcome.stdout
    assert "MODELLAB_DATABASE_URL in the environment" in outcome.stdout
    assert "secret" not in outcome.stdout + outcome.stderr


def test_an_address_is_shown_without_its_password() -> None:
    assert show_address("postgresql://ada:s%40cret@db/lab") == "postgresql://ada:***@db/lab"
    assert show_address("postgresql://db/lab") == "postgresql://db/lab"


def test_lines_set_aside_are_counted(project: Project) -> None:
    run_id = project.record(raw=b"junk\nmore junk\n")
    project.call("runs")
    outcome = project.call("doctor")
    assert outcome.code == 0
    assert re.search(rf"{run_id}/\w+\.bad: 2 lines", outcome.out)
    assert outcome.out.endswith("All is well, except that 2 lines of journals could not be read.\n")
    (count,) = project.call("doctor", "--json").json()["journals"]["bad_lines"].values()
    assert count == 2


def break_with_other_content(database: Path) -> None:
    database.write_bytes(b"these are notes about breakfast, not tables\n" * 100)


def break_by_newer_version(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO modellab_migrations VALUES (9999, 'future', '2100-01-01')")


def break_by_damage(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    content = bytearray(database.read_bytes())
    content[100:] = b"\xa5" * (len(content) - 100)
    database.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (break_with_other_content, "is not a SQLite database"),
        (break_by_newer_version, "has schema 9999"),
        (break_by_damage, "malformed"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_finding(project: Project, harm: object, message: str) -> None:
    project.record()
    project.collect()
    assert callable(harm)
    harm(project.database)
    before = project.database.read_bytes()
    outcome = project.call("doctor")
    assert outcome.code == 1
    assert "1 problem:" in outcome.out
    assert message in outcome.out.partition("1 problem:")[2]
    assert "unknown without the database" in outcome.out
    assert project.database.read_bytes() == before
    report = project.start("doctor", "--json")
    assert report.returncode == 1
    assert message in report.stdout


@pytest.mark.parametrize("harm", [break_with_other_content, break_by_newer_version, break_by_damage])
def test_other_commands_refuse_such_a_database_with_a_sentence(project: Project, harm: object) -> None:
    project.record()
    project.collect()
    assert callable(harm)
    harm(project.database)
    outcome = project.start("runs")
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith("error: ")
    assert "\nhint: " in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_lost_database_is_filled_again_from_the_journals(project: Project) -> None:
    runs = [project.record({"a": 1.0}, series={"loss": [3.0, 2.0, 1.0]}) for _ in range(2)]
    project.collect()
    before = project.call("runs", "--json").json()
    for path in project.database.parent.glob("manifests.db*"):
        path.unlink()
    lost = project.call("runs")
    assert (lost.code, lost.out) == (0, "")
    assert "`modellab doctor --rebuild` reads them in." in lost.err
    sick = project.call("doctor")
    assert sick.code == 1
    assert "2 journals are not wholly in the database: `modellab doctor --rebuild`." in sick.out

    healed = project.call("doctor", "--rebuild")
    assert healed.code == 0
    assert healed.err == "6 points came in from the journals of 2 runs.\n"
    assert project.call("runs", "--json").json() == before
    assert [run["run_id"] for run in before] == runs[::-1]
    again = project.call("doctor", "--rebuild")
    assert again.err == "0 points came in from the journals of 2 runs.\n"
    assert project.call("runs", "--json").json() == before


def test_damaged_files_are_found_and_set_aside(project: Project) -> None:
    well = project.call("doctor", "--files")
    assert (well.code, "0 files" in well.out) == (0, True)
    source = project.folder / "best.pt"
    source.write_bytes(b"weights")
    copied = spool_artifact(str(source), "best.pt", root=project.folder, spool=project.settings.spool)
    writer = project.write(events=[("artifact", {"path": "best.pt", "files": copied.files})])
    writer.append_event("end", {"status": "completed"})
    writer.close()
    project.call("runs")
    sha256 = copied.files[0]["sha256"]
    kept = project.settings.home / "artifacts" / sha256[:2] / sha256[2:]
    kept.write_bytes(b"wEights")

    sick = project.call("doctor", "--files")

    assert sick.code == 1
    problem = " ".join(sick.out.partition("1 problem:")[2].split())
    assert f"A kept file is damaged: best.pt of run {writer.run_id} (SHA-256 {sha256})." in problem
    assert not kept.exists()
    assert project.call("doctor", "--files", "--json").json()["files"]["damaged"] == {}


def test_rebuilding_without_journals_says_so(project: Project) -> None:
    outcome = project.call("doctor", "--rebuild")
    assert outcome.code == 0
    assert outcome.err == f"There are no journals in {project.settings.journals}.\n"


def test_rebuilding_into_a_database_that_cannot_be_used_fails(project: Project) -> None:
    project.record()
    project.collect()
    break_by_newer_version(project.database)
    outcome = project.call("doctor", "--rebuild")
    assert outcome.code == 1
    assert "has schema 9999" in outcome.err


def test_a_place_that_cannot_be_used_as_a_setting_exits_with_2(project: Project) -> None:
    outcome = project.call("--db", project.folder, "doctor")
    assert (outcome.code, outcome.out) == (2, "")
    assert f"DB_PATH is a folder: {project.folder}." in outcome.err


def test_the_packages_and_extras_are_those_of_the_project() -> None:
    metadata = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]

    def names(requirements: list[str]) -> list[str]:
        found: list[str] = []
        for requirement in requirements:
            own = re.fullmatch(r"modellab\[(\w+)\]", requirement)
            within = metadata["optional-dependencies"][own[1]] if own else []
            found += names(within) if own else [re.split(r"[\[><=; ]", requirement)[0]]
        return sorted(found)

    extras = {
        name: names(needed) for name, needed in metadata["optional-dependencies"].items() if name != "all"
    }
    assert {name: sorted(needed) for name, needed in EXTRAS.items()} == extras
    assert sorted(PACKAGES) == names(metadata["dependencies"])
