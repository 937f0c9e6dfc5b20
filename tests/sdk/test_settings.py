"""Where a project's runs lie, and what is on: arguments win, then the environment, then `.env`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import modellab
from modellab import load_settings, log_run, start_run
from modellab.errors import InvalidSetting


def test_without_settings_everything_lies_below_the_root(project: Any) -> None:
    settings = load_settings()
    assert settings.root == project.root
    assert settings.project_name == "trained"
    assert settings.db_path == project.root / "manifests" / "manifests.db"
    assert settings.journals == project.root / "manifests" / "journals"
    assert (settings.database_url, settings.dataset_id, settings.wandb_project) == (None, None, None)
    assert (settings.capture_console, settings.system_metrics_s) == (True, 5.0)


def test_an_argument_wins_over_the_environment_and_that_over_the_file(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / ".env").write_text("DB_PATH=from_file.db\nPROJECT_NAME=from file\n")
    assert load_settings().db_path == project.root / "from_file.db"
    assert load_settings().project_name == "from file"
    monkeypatch.setenv("DB_PATH", "from_environment.db")
    assert load_settings().db_path == project.root / "from_environment.db"
    assert load_settings(db_path="from_argument.db").db_path == project.root / "from_argument.db"
    assert load_settings().project_name == "from file"


def test_the_environment_may_be_given_too(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJECT_NAME", "ignored")
    assert load_settings(environ={"PROJECT_NAME": "given"}).project_name == "given"
    assert load_settings(environ={}).project_name == "trained"


def test_the_database_may_lie_anywhere(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place = project.root.parent / "elsewhere" / "runs.db"
    monkeypatch.setenv("DB_PATH", str(place))
    with start_run() as run:
        pass
    assert place.exists()
    assert (place.parent / "journals" / run.id).is_dir()
    assert not (project.root / "manifests").exists()


def test_a_home_folder_is_what_the_tilde_means(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(project.root.parent))
    monkeypatch.setenv("DB_PATH", "~/runs.db")
    assert load_settings().db_path == project.root.parent / "runs.db"


def test_journals_may_lie_apart_from_the_database(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELLAB_HOME", "shared")
    with start_run() as run:
        pass
    assert (project.root / "shared" / "journals" / run.id).is_dir()
    assert (project.root / "manifests" / "manifests.db").exists()
    assert modellab.get_run(run.id).status == "completed"


@pytest.mark.parametrize("mark", [".env", ".git", "manifests"])
def test_a_run_in_a_sub_folder_lands_in_its_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Any, mark: str
) -> None:
    root = tmp_path / mark.strip(".")
    below = root / "src" / "deep"
    below.mkdir(parents=True)
    (root / mark).touch() if mark == ".env" else (root / mark).mkdir()
    monkeypatch.chdir(below)
    start_run("deep").finish()
    monkeypatch.chdir(root)
    start_run("top").finish()
    assert [run.name for run in modellab.list_runs()] == ["top", "deep"]
    assert not (below / "manifests").exists()


def test_without_any_mark_the_current_folder_is_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Any
) -> None:
    if any((folder / mark).exists() for folder in tmp_path.parents for mark in (".env", ".git", "manifests")):
        pytest.skip("the folder of temporary files lies in a project")
    bare = tmp_path / "bare"
    bare.mkdir()
    monkeypatch.chdir(bare)
    start_run().finish()
    assert (bare / "manifests" / "manifests.db").exists()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DB_PATH", ".", "DB_PATH is a folder"),
        ("MODELLAB_DATABASE_URL", "mysql://host/db", "must start with postgresql://, not 'mysql'"),
        ("MODELLAB_CONSOLE", "perhaps", "MODELLAB_CONSOLE is 'perhaps'; it may be 1 or 0"),
        ("MODELLAB_SYSTEM_METRICS_S", "-1", "MODELLAB_SYSTEM_METRICS_S is '-1'"),
        ("MODELLAB_SYSTEM_METRICS_S", "nan", "MODELLAB_SYSTEM_METRICS_S is 'nan'"),
        ("MODELLAB_SYSTEM_METRICS_S", "1e9", "MODELLAB_SYSTEM_METRICS_S is '1e9'"),
        ("MODELLAB_MAX_UPLOAD_GB", "0.0001", "MODELLAB_MAX_UPLOAD_GB is '0.0001'; .* from 0.001 on"),
        ("MODELLAB_TRASH_DAYS", "-1", "MODELLAB_TRASH_DAYS is '-1'; .* whole days"),
        ("MODELLAB_TRASH_DAYS", "36501", "MODELLAB_TRASH_DAYS is '36501'"),
        ("MODELLAB_TRASH_DAYS", "1.5", "MODELLAB_TRASH_DAYS is '1.5'"),
        ("MODELLAB_MAX_UPLOAD_GB", "nan", "MODELLAB_MAX_UPLOAD_GB is 'nan'"),
    ],
)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_value_that_cannot_be_meant_is_refused_with_its_name(
    project: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str, where: str
) -> None:
    if where == "environment":
        monkeypatch.setenv(name, value)
    else:
        (project.root / ".env").write_text(f"{name}={value}\n")
    for call in (load_settings, start_run, log_run(lambda: None)):
        with pytest.raises(InvalidSetting, match=message):
            call()


@pytest.mark.parametrize(
    ("text", "on"), [("1", True), ("yes", True), ("ON", True), ("0", False), ("False", False)]
)
def test_switches_have_several_words(project: Any, text: str, on: bool) -> None:
    assert load_settings(environ={"MODELLAB_CONSOLE": text}).capture_console is on


@pytest.mark.parametrize(("text", "n_bytes"), [("0.001", 10**6), ("2.5", 2_500_000_000), ("", 50 * 10**9)])
def test_the_largest_upload_is_given_in_gigabytes(project: Any, text: str, n_bytes: int) -> None:
    assert load_settings(environ={"MODELLAB_MAX_UPLOAD_GB": text}).max_upload_bytes == n_bytes


def test_an_env_file_that_is_no_text_is_refused(project: Any) -> None:
    (project.root / ".env").write_bytes(b"DB_PATH=\xff\xfe\n")
    with pytest.raises(InvalidSetting, match=r"\.env cannot be read"):
        load_settings()
