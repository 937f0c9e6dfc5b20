from __future__ import annotations

import importlib.metadata
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modellab.repro.virtual_environment import find_python

if TYPE_CHECKING:
    from tests.repro.conftest import Lab, Repeat

Rewrite = Callable[..., Path]


def list_needed(name: str, found: dict[str, importlib.metadata.Distribution]) -> None:
    """Add a distribution and all that it needs on this machine."""
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return  # needed elsewhere only
    if distribution.name not in found:
        found[distribution.name] = distribution
        for requirement in distribution.requires or ():
            if "extra ==" not in requirement:
                list_needed(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0], found)


def build_wheel(distribution: importlib.metadata.Distribution, folder: Path) -> None:
    """A wheel from what is installed, so that pip has something to install without a network."""
    facts = (distribution.read_text("WHEEL") or "").splitlines()
    tag = next(line.removeprefix("Tag: ") for line in facts if line.startswith("Tag: "))
    name = re.sub(r"[-.]+", "_", distribution.name)
    with zipfile.ZipFile(folder / f"{name}-{distribution.version}-{tag}.whl", "w") as archive:
        for file in distribution.files or ():
            is_code = not file.parts[0].startswith("..") and "__pycache__" not in file.parts
            if is_code and file.name not in ("direct_url.json", "INSTALLER", "REQUESTED"):
                archive.write(str(file.locate()), str(file))


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pins of what ModelLab needs; pip finds these and nothing else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    found: dict[str, importlib.metadata.Distribution] = {}
    for requirement in importlib.metadata.requires("modellab") or ():
        if "extra ==" not in requirement:
            list_needed(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0], found)
    for distribution in found.values():
        build_wheel(distribution, folder)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return [f"{distribution.name}=={distribution.version}" for distribution in found.values()]


def test_a_run_is_reproduced_in_a_virtual_environment_of_its_own_with_the_pins_that_can_be_had(
    lab: Lab, repeat: Repeat, rewrite: Rewrite, wheels: list[str]
) -> None:
    path = rewrite(lab.pack(lab.train("train.py", "0.5")), packages=[*wheels, "not-here==1.0"])
    attempt = repeat(path, here=False)
    assert attempt.outcome == "reproduced", attempt.verdict
    python = attempt.place.folder / "venv" / "bin" / "python"
    assert any(stage.startswith(f"Running {python} ") for stage in attempt.stages)
    assert "not-here==1.0 could not be installed" in attempt.details("packages")
    assert str(sys.prefix) not in attempt.details("packages")
    assert "modellab" not in attempt.details("packages")
    site = next((attempt.place.folder / "venv").glob("lib/*/site-packages"))
    assert (site / "modellab" / "sdk.py").is_file()
    assert not (site / "pytest").exists()


def test_the_python_of_the_same_minor_version_is_taken_or_another_one_is_told() -> None:
    assert find_python(".".join(map(str, sys.version_info[:3]))) == (sys.executable, None)
    assert find_python(None) == (sys.executable, None)
    python, note = find_python("3.1.4")
    assert python == sys.executable
    assert note is not None
    assert "Python 3.1 is not here" in note
    assert find_python("3.99; rm -rf /")[0] == sys.executable
