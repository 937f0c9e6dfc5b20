from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import zipapp
from pathlib import Path
from typing import Any, Protocol

import pytest

import modellab.capture
from modellab.capture import Context, capture_context

PACKAGE = Path(modellab.capture.__file__).parents[1]
FIELDS = {
    "git_hash",
    "git_branch",
    "git_dirty",
    "git_diff",
    "command",
    "python_version",
    "pip_freeze",
    "device_info",
    "hostname",
    "user",
    "replay",
}
TOO_HEAVY = {
    "asyncio",
    "email",
    "importlib.metadata",
    "json",
    "multiprocessing",
    "numpy",
    "orjson",
    "platform",
    "psutil",
    "pydantic",
    "pynvml",
    "rich",
    "socket",
    "sqlalchemy",
    "ssl",
    "subprocess",
    "tempfile",
    "zipfile",
}


class Repository(Protocol):  # as in conftest.py
    @property
    def path(self) -> Path: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, content: str | bytes) -> Path: ...


def run_python(*arguments: str, cwd: Path, **environ: str) -> Any:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environ}, check=True, capture_output=True, timeout=60
    )
    return json.loads(done.stdout)


def test_everything_is_there_in_a_repository(repository: Repository) -> None:
    repository.write("train.py", "print('two')\n")

    context = capture_context(repository.path)

    assert {field.name for field in dataclasses.fields(Context)} == FIELDS | {"code"}
    event = context.as_event()
    assert set(event) == FIELDS
    assert event["git_hash"] == repository.git("rev-parse", "HEAD")
    assert event["git_branch"] == "main"
    assert event["git_dirty"] is True
    assert "+print('two')" in event["git_diff"]
    assert "pytest==" in event["pip_freeze"]
    assert json.loads(event["device_info"])["cores"] > 0
    assert json.loads(json.dumps(event)) == event


def test_what_is_not_known_is_left_out_of_the_event(tmp_path: Path) -> None:
    event = capture_context(tmp_path).as_event()

    assert set(event) == {name for name in FIELDS if not name.startswith("git_")}


def test_the_state_of_a_repository_is_used_again_for_some_seconds(repository: Repository) -> None:
    first = capture_context(repository.path)
    repository.write("train.py", "print('two')\n")

    second = capture_context(repository.path)

    assert first.git_dirty is False
    assert second == first
    assert capture_context(repository.path / "below").git_dirty is True  # another folder, asked afresh


def test_a_relative_folder_is_that_of_its_moment(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert capture_context(Path()).git_branch is None

    monkeypatch.chdir(repository.path)
    assert capture_context(Path()).git_branch == "main"


def test_a_working_folder_that_is_gone_costs_only_the_git_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    context = capture_context(Path())

    assert context.git_hash is None
    assert context.python_version


def test_importing_capture_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, builtins; before = set(sys.modules)\n"
        "import modellab.capture\n"
        "names = sorted(set(sys.modules) - before)\n"
        "import json; print(json.dumps(names))"
    )

    loaded = set(run_python("-c", code, cwd=tmp_path, PYTHONPATH=str(PACKAGE.parent)))

    assert "modellab.capture.context" in loaded
    assert loaded & TOO_HEAVY == set()


def test_a_program_inside_a_zip_is_captured(repository: Repository) -> None:
    source = repository.path.parent / "source"
    for file in [*PACKAGE.glob("*.py"), *PACKAGE.glob("capture/*.py")]:
        place = source / "modellab" / file.relative_to(PACKAGE)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.read_bytes())
    (source / "__main__.py").write_text(
        "import json, pathlib, modellab.capture\n"
        "folder = pathlib.Path(modellab.capture.__file__).parent\n"
        "event = modellab.capture.capture_context(folder).as_event()\n"
        "print(json.dumps({**event, 'folder': str(folder)}))\n"
    )
    zipapp.create_archive(source, repository.path / "app.pyz")

    event = run_python("app.pyz", "--lr", "1", cwd=repository.path, PYTHONPATH="")

    assert "app.pyz" in event.pop("folder")
    assert set(event) == FIELDS
    assert event["command"] == f"{Path(sys.executable).name} app.pyz --lr 1"
    assert event["git_branch"] == "main"
    assert "psutil==" in event["pip_freeze"]
