from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modellab.records.repro import PackManifest, Verdict

if TYPE_CHECKING:
    from tests.cli.conftest import Project

TRAIN = """\
import random
from modellab import log_run

@log_run()
def train(seed=5):
    random.seed(seed)
    return {"accuracy": random.random()}

train()
"""


@pytest.fixture
def pack(project: Project) -> Path:
    """A pack of a run of `train.py`, in an otherwise empty project."""
    (project.folder / "train.py").write_text(TRAIN)
    subprocess.run([sys.executable, "train.py"], cwd=project.folder, check=True, timeout=60)
    outcome = project.call("repro", "pack", "latest", "-o", "run.zip")
    assert outcome.code == 0, outcome.err
    return project.folder / "run.zip"


def change_expected(pack: Path, value: float) -> None:
    with zipfile.ZipFile(pack) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    manifest["expected_metrics"][0]["value"] = value
    files["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(pack, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def list_kept(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("modellab-repro-*"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_a_pack_is_written_with_what_it_lacks_told(project: Project, pack: Path) -> None:
    run_id = project.call("show", "latest", "--json").json()["run_id"]
    outcome = project.call("repro", "pack", run_id)
    assert (outcome.code, outcome.out) == (0, "")
    assert "note: The run was not in a git repository" in outcome.err
    assert (project.folder / f"repro-{run_id}.zip").read_bytes() == pack.read_bytes()
    assert not list(project.folder.glob(".*part"))


def test_a_pack_goes_to_a_pipe(project: Project, pack: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modellab", "repro", "pack", "latest", "-o", "-"],
        cwd=project.folder,
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert done.stdout == pack.read_bytes()


def test_a_pack_is_shown_for_people_and_for_programs(project: Project, pack: Path) -> None:
    shown = project.call("repro", "show", pack)
    assert shown.code == 0
    assert shown.out.startswith("# How to repeat run")
    manifest = project.call("repro", "show", pack, "--json").json()
    assert list(manifest) == list(PackManifest.__dataclass_fields__)
    assert manifest["script"] == "train.py"


def test_a_run_is_reproduced_and_the_temporary_folder_removed(
    project: Project, pack: Path, temporary: Path
) -> None:
    outcome = project.call("repro", "run", pack, "--here", "--yes")
    assert outcome.code == 0, outcome.err
    *rows, last = outcome.out.splitlines()
    assert rows[1].split("\t")[0] == "accuracy"
    assert rows[1].endswith("agrees")
    assert last == "reproduced: every metric that is compared agrees"
    assert "Running " in outcome.err
    assert list_kept(temporary) == []


def test_what_differs_is_told_and_the_folder_kept(project: Project, pack: Path, temporary: Path) -> None:
    change_expected(pack, 0.5)
    outcome = project.call("repro", "run", pack, "--here", "--yes")
    assert outcome.code == 1
    assert "not reproduced: the results differ" in outcome.out
    assert "No recorded input differs" in outcome.out
    assert len(list_kept(temporary)) == 1
    assert str(list_kept(temporary)[0] / "log.txt") in outcome.err
    assert stat.S_IMODE(list_kept(temporary)[0].stat().st_mode) == 0o700


def test_a_verdict_for_programs_has_the_fields_of_the_record(project: Project, pack: Path) -> None:
    outcome = project.call("repro", "run", pack, "--here", "--yes", "--json", "--into", "again")
    verdict = outcome.json()
    assert list(verdict) == list(Verdict.__dataclass_fields__)
    assert verdict["outcome"] == "reproduced"
    assert (project.folder / "again" / "log.txt").is_file()


def test_where_nobody_can_be_asked_nothing_is_run_without_a_yes(project: Project, pack: Path) -> None:
    for answer in (b"n\n", b""):
        done = subprocess.run(
            [sys.executable, "-m", "modellab", "repro", "run", str(pack), "--here", "--into", "again"],
            cwd=project.folder,
            input=answer,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 2
        assert b"hint: Say --yes where nobody can be asked." in done.stderr
        assert b"This runs the code of run" in done.stderr
        assert not (project.folder / "again").exists()


REFUSED = (
    (("run", "gone.zip", "--yes"), 1, "There is no file gone.zip."),
    (("show", "train.py"), 2, "is no ZIP archive"),
    (("run", "run.zip", "--yes", "--here", "--into", "."), 2, "is not an empty folder"),
    (("run", "run.zip", "--yes", "--here", "--repository", "."), 2, "names no commit"),
    (("run", "run.zip", "--yes", "--here", "--data", "train.py"), 2, "is no data of this run"),
    (("run", "run.zip", "--yes", "--tolerance", "2"), 2, "--tolerance"),
    (("run", "run.zip", "--yes", "--timeout", "0"), 2, "--timeout"),
    (("pack", "deadbeef"), 1, "There is no run deadbeef."),
    (("pack", "latest", "--data", "some"), 2, "--data"),
    (("pack", "latest", "-o", "no/such/folder.zip"), 2, "cannot be written"),
)


def test_what_cannot_be_done_is_told_with_its_exit_code(
    project: Project, pack: Path, temporary: Path
) -> None:
    for arguments, code, message in REFUSED:
        outcome = project.call("repro", *arguments)
        assert (outcome.code, outcome.out) == (code, ""), arguments
        assert message in outcome.err
        assert "Traceback" not in outcome.err
    assert list_kept(temporary) == []


def test_terminal_codes_in_a_pack_do_not_reach_the_terminal(project: Project, pack: Path) -> None:
    with zipfile.ZipFile(pack) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"]) | {"command": "python \x1b[2J"}
    files |= {"manifest.json": json.dumps(manifest).encode(), "reproduce.md": b"# \x1b[2J\x07 title\n"}
    with zipfile.ZipFile(pack, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert "\x1b" not in project.call("repro", "show", pack).out
    assert os.linesep in project.call("repro", "show", pack).out
