"""A fresh virtual environment with the packages of a pack, and the ModelLab that is running now."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from modellab import __version__
from modellab.errors import ModelLabError
from modellab.repro.programs import Done, run_program
from modellab.repro.requirements import normalize_name

_INSTALL_TIMEOUT_S = 3600.0
_MAKE_TIMEOUT_S = 300.0
_NOT_FOUND = re.compile(r"No matching distribution found for (\S+)")


def find_python(version: str | None) -> tuple[str, str | None]:
    """An interpreter with the first two numbers of `version`, and what to say if there is none.

    The one that runs now, if it fits; else `python3.x` on the path; else the one that runs now.
    """
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    wanted = ".".join((version or here).split()[0].split(".")[:2])
    if wanted == here:
        return sys.executable, None
    found = shutil.which(f"python{wanted}") if wanted.replace(".", "").isdigit() else None
    if found is not None:
        return found, None
    return sys.executable, f"Python {wanted} is not here; Python {here} is taken."


def make_environment(folder: Path, python: str, log: Path) -> Path:
    """Make a virtual environment in `folder`; the path of its interpreter. Raises `ModelLabError`."""
    done = run_program(
        [python, "-I", "-m", "venv", str(folder)], folder=folder.parent, log=log, timeout_s=_MAKE_TIMEOUT_S
    )
    if done.exit_code != 0:
        raise ModelLabError(f"No virtual environment could be made: {done.tail[-300:]}", hint=f"See {log}.")
    return find_scripts(folder) / ("python.exe" if os.name == "nt" else "python")


def find_scripts(environment: Path) -> Path:
    """The folder of a virtual environment's programs."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def list_own_requirements(packages: Sequence[str]) -> list[str]:
    """What ModelLab itself needs that is not among `packages`, in the versions that are installed here."""
    there = {normalize_name(line) for line in packages}
    found = []
    for requirement in importlib.metadata.requires("modellab") or ():
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement and normalize_name(name) not in there:
            found.append(f"{name}=={importlib.metadata.version(name)}")
    return found


def install_packages(
    python: Path, requirements: Sequence[str], log: Path, *, needed_too: bool = False
) -> list[str]:
    """Install these packages, and what they depend on only if `needed_too`; those that pip could not get.

    If one cannot be had, the others are installed nevertheless.
    """
    left, missing = list(requirements), list[str]()
    while left:
        done = _install(python, left, log, needed_too=needed_too)
        if done.exit_code == 0:
            break
        refused = set(_NOT_FOUND.findall(done.tail)) & set(left)
        if not refused:
            return missing + _install_halves(python, left, log, needed_too=needed_too)
        missing += sorted(refused)
        left = [requirement for requirement in left if requirement not in refused]
    return missing


def _install(python: Path, requirements: Sequence[str], log: Path, *, needed_too: bool) -> Done:
    file = log.with_name("requirements.txt")
    file.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    command = [str(python), "-m", "pip", "install", "--no-input", "--no-compile"]
    command += ["--disable-pip-version-check", "-r", str(file), *([] if needed_too else ["--no-deps"])]
    return run_program(command, folder=log.parent, log=log, timeout_s=_INSTALL_TIMEOUT_S)


def _install_halves(python: Path, requirements: Sequence[str], log: Path, *, needed_too: bool) -> list[str]:
    """Find by halving which of these pip cannot build, as it does not say so in words that last."""
    if len(requirements) == 1:
        return list(requirements)
    middle = len(requirements) // 2
    return [
        missing
        for half in (requirements[:middle], requirements[middle:])
        for missing in install_packages(python, half, log, needed_too=needed_too)
    ]


def install_modellab(python: Path, log: Path) -> None:
    """Bring the ModelLab that is running now into a virtual environment: its code, copied.

    Its pin in a pack is not asked of an index, where somebody else's package may have the name.
    """
    done = run_program(
        [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        folder=log.parent,
        log=log,
        timeout_s=_MAKE_TIMEOUT_S,
    )
    if done.exit_code != 0:
        raise ModelLabError(f"The new virtual environment does not work: {done.tail[-300:]}")
    site = Path(done.tail.strip().splitlines()[-1])
    package = Path(__file__).parents[1]
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, site / "modellab", ignore=ignored, dirs_exist_ok=True)
    if (package.parent / "lab_logger.py").is_file():
        shutil.copy2(package.parent / "lab_logger.py", site)
    facts = site / f"modellab-{__version__}.dist-info"
    facts.mkdir(exist_ok=True)
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: modellab\nVersion: {__version__}\n")
    (facts / "INSTALLER").write_text("modellab repro\n")
