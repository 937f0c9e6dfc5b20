from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from modellab.capture.python import (
    MAX_COMMAND_LENGTH,
    capture_command,
    capture_packages,
    capture_python_version,
)

PRINT = "from modellab.capture.python import capture_command; print(capture_command())"


def run_python(*arguments: str, cwd: Path | None = None, code: str | None = None) -> str:
    import modellab.capture

    source = str(Path(modellab.capture.__file__).parents[2])
    environ = {**os.environ, "PYTHONPATH": source}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=environ, input=code, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def test_a_script_is_given_as_it_was_typed(tmp_path: Path) -> None:
    script = tmp_path / "examples/my run.py"
    script.parent.mkdir()
    script.write_text(PRINT)

    command = run_python("examples/my run.py", "--n_epochs", "30", "--api_key=abc", cwd=tmp_path)

    assert command == f"{Path(sys.executable).name} 'examples/my run.py' --n_epochs 30 '--api_key=***'"


def test_a_module_is_given_with_its_interpreter_options(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/mod.py").write_text(PRINT)

    command = run_python("-O", "-m", "pkg.mod", "--lr", "0.1", cwd=tmp_path)

    assert command == f"{Path(sys.executable).name} -O -m pkg.mod --lr 0.1"


def test_code_on_the_command_line_and_on_standard_input_is_understood() -> None:
    assert shlex.split(run_python("-c", PRINT))[1:] == ["-c", PRINT]
    assert run_python(code=PRINT) == Path(sys.executable).name


def test_a_spawned_worker_gives_its_parents_command(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import multiprocessing\n"
        "from modellab.capture.python import capture_command\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.apply(capture_command))\n"
    )

    assert run_python("train.py", "--lr", "1", cwd=tmp_path) == "python train.py --lr 1"


def test_a_console_script_is_given_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    script = str(Path(sys.executable).parent / "train-it")
    monkeypatch.setattr(sys, "orig_argv", [sys.executable, script, "--lr", "1"])

    assert capture_command() == "train-it --lr 1"


@pytest.mark.parametrize(
    ("session", "command"),
    [(None, "jupyter notebook"), ("work/my plan.ipynb", "jupyter notebook 'work/my plan.ipynb'")],
)
def test_a_notebook_says_so(monkeypatch: pytest.MonkeyPatch, session: str | None, command: str) -> None:
    started_as = ["/usr/bin/python", "-m", "ipykernel_launcher", "-f", "/run/user/1/kernel-7f.json"]
    monkeypatch.setattr(sys, "orig_argv", started_as)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if session:
        monkeypatch.setenv("JPY_SESSION_NAME", session)

    assert capture_command() == command


def test_without_any_arguments_it_is_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", [])
    monkeypatch.delattr(sys, "argv")

    assert capture_command() == Path(sys.executable).name


def test_a_long_command_is_cut_and_odd_characters_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", "caf\udce9.py", *["--name=" + "x" * 500] * 1_000])

    command = capture_command()

    command.encode()
    assert command.startswith("python 'caf\N{REPLACEMENT CHARACTER}.py' --name=xxx")
    assert len(command) <= MAX_COMMAND_LENGTH
    assert re.search(r"… \(\d+ characters left out\)$", command)


def test_the_version_is_that_of_the_interpreter() -> None:
    assert capture_python_version().startswith(".".join(map(str, sys.version_info[:3])))


def test_the_packages_are_those_of_importlib_metadata() -> None:
    expected: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            expected.setdefault(re.sub(r"[-_.]+", "-", name).lower(), f"{name}=={distribution.version}")

    lines = capture_packages().split("\n")

    assert set(lines) == set(expected.values())
    assert len(lines) == len(set(lines))
    assert lines == sorted(lines, key=str.lower)


def test_packages_of_every_shape_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(name: str, text: str) -> None:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())

    write(
        "first/plain-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: Plain\nVersion: 1.0\n\nName: x\n"
    )
    write(
        "first/windows-2.dist-info/METADATA", "Metadata-Version: 2.1\r\nname:  windows \r\nVERSION: 2\r\n\r\n"
    )
    late = "Summary: " + "long " * 2_000
    write("first/late-3.dist-info/METADATA", f"Metadata-Version: 2.1\n{late}\nName: late\nVersion: 3\n\n")
    write("first/old-4.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: old\nVersion: 4\n")
    write("first/older-5.egg-info", "Metadata-Version: 1.0\nName: older\nVersion: 5\n")
    write("first/broken-6.dist-info/METADATA", "Metadata-Version: 2.1\nName: broken\n\nVersion: 6\n")
    write("first/~hell-7.dist-info/RECORD", "")
    write("egg-8.egg/EGG-INFO/PKG-INFO", "Metadata-Version: 1.0\nName: egg\nVersion: 8\n")
    write("second/plain-9.dist-info/METADATA", "Metadata-Version: 2.1\nName: plain\nVersion: 9\n\n")
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as archive:
        archive.writestr(
            "zipped-10.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped\nVersion: 10\n\n"
        )
    write("no_archive.zip", "text")
    places = ["first", "egg-8.egg", "second", "app.pyz", "no_archive.zip", "absent"]
    monkeypatch.setattr(sys, "path", [str(tmp_path / place) for place in places])

    assert capture_packages().split("\n") == [
        "egg==8",
        "late==3",
        "old==4",
        "older==5",
        "Plain==1.0",
        "windows==2",
        "zipped==10",
    ]
