from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.capture.sources import MAX_FILE_BYTES

if TYPE_CHECKING:
    from tests.capture.conftest import Repository

SHOW = (
    "import json, os, pathlib\n"
    "from modellab.capture.replay import capture_replay\n"
    "replay = capture_replay(pathlib.Path(os.environ['ROOT']))\n"
    "print(json.dumps({**json.loads(replay.facts), 'code': json.loads(replay.code or '{}')}))\n"
)


def capture(root: Path, *arguments: str, folder: Path | None = None, **environ: str) -> Any:
    """What a Python process with these arguments records of how it was started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder or root,
        env={**kept, "ROOT": str(root), **environ},
        check=True,
        capture_output=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def test_a_script_is_recorded_with_the_modules_it_imported_and_where_it_was_started(
    repository: Repository,
) -> None:
    repository.write("jobs/train.py", f"import sys\nsys.path.insert(0, '.')\nimport lib.model\n{SHOW}")
    repository.write("jobs/lib/model.py", "LAYERS = 2\n")
    repository.write("jobs/unused.py", "raise SystemExit\n")

    replay = capture(repository.path, "train.py", "--lr", "1", folder=repository.path / "jobs")

    assert replay["arguments"] == [Path(sys.executable).name, "train.py", "--lr", "1"]
    assert (replay["script"], replay["script_position"], replay["folder"]) == ("jobs/train.py", 1, "jobs")
    assert (replay["root"], replay["in_repository"]) == (str(repository.path), True)
    assert set(replay["code"]) == {"jobs/train.py", "jobs/lib/model.py"}
    assert replay["code"]["jobs/lib/model.py"] == "LAYERS = 2\n"
    assert replay["code_left_out"] == []


def test_a_script_outside_of_a_repository_is_seen_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SHOW)
    replay = capture(tmp_path, str(tmp_path / "train.py"), folder=Path("/"))
    assert (replay["root"], replay["in_repository"]) == (str(tmp_path), False)
    assert replay["script"] == "train.py"
    assert "folder" not in replay


def test_a_program_that_changed_its_folder_is_known_by_where_it_began(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(f"import os\nos.chdir('/')\n{SHOW}")
    replay = capture(tmp_path, "train.py", PWD=str(tmp_path))
    assert (replay["folder"], replay["script_position"]) == (".", 1)


def test_a_module_has_no_place_among_the_arguments(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SHOW)
    replay = capture(tmp_path, "-m", "train")
    assert replay["script"] == "train.py"
    assert "script_position" not in replay


def test_code_given_as_an_argument_needs_no_script(tmp_path: Path) -> None:
    replay = capture(tmp_path, "-c", SHOW)
    assert replay["arguments"][1:] == ["-c", SHOW]
    assert "script" not in replay
    assert replay["code"] == {}


def test_files_that_are_too_large_or_may_hold_secrets_are_only_named(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(f"import aws_credentials, generated\n{SHOW}")
    (tmp_path / "aws_credentials.py").write_text("KEY = 'hidden-value'\n")
    (tmp_path / "generated.py").write_text("#" * (MAX_FILE_BYTES + 1))
    replay = capture(tmp_path, "train.py")
    assert set(replay["code"]) == {"train.py"}
    assert sorted(replay["code_left_out"]) == ["aws_credentials.py", "generated.py"]


def test_a_script_with_a_secret_written_into_it_is_only_named(tmp_path: Path) -> None:
    for secret in (
        'api_key = "hidden-value"',
        'url = "db://ada:hidden-value@host"',
        "x = {'password': 'hidden-value'}",
    ):
        (tmp_path / "train.py").write_text(f"{secret}\n{SHOW}")
        replay = capture(tmp_path, "train.py")
        assert (replay["code"], replay["code_left_out"]) == ({}, ["train.py"])
    harmless = 'api_key = ""\nx = {"password": "the one you chose"}\ntoken = "${TOKEN}"\npad_token = "<pad>"'
    (tmp_path / "train.py").write_text(f"{harmless}\n{SHOW}")
    assert set(capture(tmp_path, "train.py")["code"]) == {"train.py"}


def test_what_was_read_once_is_what_ran_though_the_file_is_edited(tmp_path: Path) -> None:
    again = "capture_replay(pathlib.Path(os.environ['ROOT']))\npathlib.Path(__file__).write_text('pass\\n')\n"
    first, last = SHOW.split("replay = ")
    text = f"{first}{again}replay = {last}"
    (tmp_path / "train.py").write_text(text)
    assert capture(tmp_path, "train.py")["code"]["train.py"] == text


def test_only_variables_that_decide_are_recorded_and_no_secrets(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SHOW)
    replay = capture(
        tmp_path,
        "train.py",
        PYTHONHASHSEED="1",
        OMP_NUM_THREADS="2",
        TORCH_API_KEY="hidden-value",
        JAX_PROXY="http://ada:hidden-value@example.org",
        TORCH_HOME="/home/ada",
        OPENAI_API_KEY="hidden-value",
        XLA_FLAGS="x" * 5000,
    )
    environment = replay["environment"]
    assert environment["PYTHONHASHSEED"] == "1"
    assert environment["OMP_NUM_THREADS"] == "2"
    assert (
        environment.keys() & {"TORCH_API_KEY", "JAX_PROXY", "TORCH_HOME", "OPENAI_API_KEY", "XLA_FLAGS"}
        == set()
    )
    assert "hidden-value" not in json.dumps(replay)


def test_secret_arguments_are_masked(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SHOW)
    replay = capture(tmp_path, "train.py", "--api_key", "hidden-value")
    assert replay["arguments"][1:] == ["train.py", "--api_key", "***"]


def test_where_the_repository_came_from_is_told_without_the_login(repository: Repository) -> None:
    repository.git("remote", "add", "origin", "https://ada:hidden-value@example.org/lab.git")
    repository.write("show.py", SHOW)
    assert capture(repository.path, "show.py")["remote"] == "https://example.org/lab.git"


def test_packages_that_come_from_no_index_are_told_with_their_origin(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SHOW)
    for name, told in {
        "local": {"url": "file:///home/ada/local", "dir_info": {"editable": True}},
        "pinned": {
            "url": "https://ada:hidden-value@example.org/pinned.git",
            "vcs_info": {"vcs": "git", "commit_id": "abc1234"},
        },
        "broken": [],
    }.items():
        facts = tmp_path / "site" / f"{name}-1.0.dist-info"
        facts.mkdir(parents=True)
        (facts / "direct_url.json").write_text(json.dumps(told))
    origins = capture(tmp_path, "train.py", PYTHONPATH=str(tmp_path / "site"))["origins"]
    assert origins["local"] == {"url": "file:///home/ada/local", "editable": True}
    assert origins["pinned"] == {
        "url": "https://example.org/pinned.git",
        "editable": False,
        "vcs": "git",
        "commit": "abc1234",
    }
    assert "broken" not in origins
