"""What importing the package costs a training script, and who may import whom."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import modellab

ROOT = Path(__file__).parents[2]

HEAVY = {
    "asyncio",
    "click",
    "dotenv",
    "fastapi",
    "numpy",
    "psutil",
    "pydantic",
    "rich",
    "sqlalchemy",
    "sqlite3",
    "starlette",
    "subprocess",
    "uvicorn",
    "wandb",
}


def _imported_by(statement: str, folder: Path) -> set[str]:
    script = f"{statement}\nimport sys, json\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "statement",
    [
        "import modellab",
        "from modellab import log_run, start_run",
        "from lab_logger import log_run",
        "from modellab import *",
    ],
)
def test_importing_the_package_loads_nothing_heavy(statement: str, tmp_path: Path) -> None:
    assert _imported_by(statement, tmp_path) & HEAVY == set()


def test_what_a_training_script_names_brings_no_records_or_reports(tmp_path: Path) -> None:
    loaded = _imported_by("from modellab import log_run, log_metrics, start_run", tmp_path)
    assert loaded & {"dataclasses", "hashlib", "modellab.records", "modellab.tracking.evaluations"} == set()


def test_importing_the_package_alone_loads_none_of_its_rooms(tmp_path: Path) -> None:
    ours = {name for name in _imported_by("import modellab", tmp_path) if name.startswith("modellab.")}
    assert ours == set()


def test_a_run_in_progress_needs_no_database(tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    script = (
        "import modellab\nrun = modellab.start_run(params={'lr': 0.1})\n"
        "run.log_metrics({'loss': 1})\nrun.log_metrics({'loss': 1}, step=4)\n"
    )
    assert _imported_by(script, tmp_path) & {"sqlalchemy", "sqlite3", "numpy", "rich", "wandb"} == set()


def test_every_public_name_resolves_and_every_lazy_name_is_public() -> None:
    assert list(modellab.__all__) == sorted(modellab.__all__)
    values = {name: getattr(modellab, name) for name in modellab.__all__}
    assert all(value is not None for value in values.values())
    homes = {name for names in modellab._HOMES.values() for name in names.split()}
    assert homes == set(modellab.__all__)
    assert set(modellab.__all__) <= set(dir(modellab))


def test_every_verb_of_the_sdk_is_public() -> None:
    from modellab import sdk

    assert set(sdk.__all__) <= set(modellab.__all__)


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = modellab.nonsense
    assert not hasattr(modellab, "nonsense")


def test_the_floors_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout
