"""The mirror to Weights & Biases, against the real package in offline mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import modellab

MIRRORED = """
import math, modellab

@modellab.log_run(name="mirrored")
def train(learning_rate=0.125, broken=math.nan):
    for step in (2, 0, 1):
        modellab.log_metrics({"our_loss": 1 / (step + 1), "odd": [math.nan, math.inf, 1][step]}, step=step)
    modellab.log_metrics({"implicit_one": 1})
    modellab.log_params({"later_param": "x"})
    return {"our_accuracy": 0.9}

train()
train()
"""


@pytest.fixture
def wandb_dir(project: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where wandb writes; it sends nothing and knows a key that is none."""
    folder: Path = project.root / "mirror"
    folder.mkdir()
    for name, value in {
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(folder),
        "WANDB_CACHE_DIR": str(folder / "cache"),
        "WANDB_CONFIG_DIR": str(folder / "config"),
        "WANDB_ERROR_REPORTING": "false",
        "WANDB_X_DISABLE_STATS": "true",
        "WANDB_X_DISABLE_META": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def _set_up(wandb_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_PROJECT", "mirror-test")
    monkeypatch.setenv("WANDB_API_KEY", "a" * 40)


def _read_mirror(folder: Path, run_id: str) -> bytes:
    [file] = folder.glob(f"wandb/offline-run-*-{run_id}/run-{run_id}.wandb")
    return file.read_bytes()


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_run_is_mirrored(
    project: Any, wandb_dir: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"WANDB_PROJECT": "mirror-test", "WANDB_API_KEY": "a" * 40}
    if where == "environment":
        for name, value in key.items():
            monkeypatch.setenv(name, value)
    else:
        (project.root / ".env").write_text("".join(f"{name}={value}\n" for name, value in key.items()))
    done = project.run(MIRRORED)
    assert done.stderr == ""
    found = modellab.list_runs()
    assert len(found) == 2
    for run in found:
        assert (run.status, run.wandb_url) == ("completed", None)  # offline there is no address
        assert run.final_metrics["our_accuracy"] == 0.9
        assert modellab.get_run(run.run_id).metrics["our_loss"].count == 3
        mirror = _read_mirror(wandb_dir, run.run_id)
        for key_text in ("our_loss", "odd", "implicit_one", "our_accuracy", "learning_rate", "later_param"):
            assert key_text.encode() in mirror


@pytest.mark.usefixtures("_set_up")
def test_a_failed_run_is_mirrored_as_failed(project: Any, wandb_dir: Path) -> None:
    project.run("import modellab\nwith modellab.start_run(): raise ValueError('bad')", exit_code=1)
    [run] = modellab.list_runs()
    assert run.status == "failed"
    assert _read_mirror(wandb_dir, run.run_id)


FORKED = """
import os, modellab
with modellab.start_run() as run:
    child = os.fork()
    if child == 0:
        for step in range(3):
            run.log_metrics({"in_the_child": 1}, step=step)
        run.finish()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    run.log_metrics({"afterwards": 1}, step=9)
"""


@pytest.mark.usefixtures("_set_up")
def test_a_forked_child_leaves_the_mirror_to_its_parent(project: Any, wandb_dir: Path) -> None:
    project.run(FORKED)
    [run] = modellab.list_runs()
    mirror = _read_mirror(wandb_dir, run.run_id)
    assert b"afterwards" in mirror
    assert b"in_the_child" not in mirror
    assert modellab.get_run(run.run_id).metrics["in_the_child"].count == 3


PLAIN = """
import modellab
with modellab.start_run() as run:
    for step in range(3):
        run.log_metrics({"loss": 1}, step=step)
"""


@pytest.mark.usefixtures("_set_up")
def test_a_mirror_that_cannot_be_opened_is_told_once_and_does_not_hurt(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", "nonsense")
    done = project.run(PLAIN)
    assert done.stderr.count("is not mirrored to Weights & Biases") == 1
    [run] = modellab.list_runs()
    assert (run.status, run.final_metrics) == ("completed", {"loss": 1.0})


@pytest.mark.usefixtures("_set_up")
def test_a_mirror_that_breaks_is_told_once_and_does_not_hurt(project: Any) -> None:
    ended_by_the_user = "    import wandb\n    run.log_metrics({'loss': 2}, step=0)\n    wandb.teardown()\n"
    done = project.run(PLAIN.replace("as run:\n", f"as run:\n{ended_by_the_user}"))
    assert done.stderr.count("is no longer mirrored to Weights & Biases") == 1
    [run] = modellab.list_runs()
    assert (run.status, modellab.get_run(run.run_id).metrics["loss"].count) == ("completed", 4)


@pytest.mark.usefixtures("_set_up")
def test_without_the_package_nothing_changes(project: Any) -> None:
    done = project.run("import sys\nsys.modules['wandb'] = None\n" + PLAIN)
    assert done.stderr == ""
    assert [run.status for run in modellab.list_runs()] == ["completed"]


@pytest.mark.usefixtures("_set_up")
def test_a_folder_named_wandb_is_not_the_package(project: Any) -> None:
    imported = "import sys, types\nsys.modules['wandb'] = types.ModuleType('wandb')\n"
    assert project.run(imported + PLAIN).stderr == ""
    assert [run.status for run in modellab.list_runs()] == ["completed"]


@pytest.mark.parametrize("half", [{}, {"WANDB_PROJECT": "p"}, {"WANDB_API_KEY": "a" * 40}], ids=str)
def test_without_both_variables_wandb_is_not_even_imported(
    project: Any, half: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in half.items():
        monkeypatch.setenv(name, value)
    project.run(f"import sys\n{PLAIN}\nassert 'wandb' not in sys.modules")
    [run] = modellab.list_runs()
    assert (run.status, run.wandb_url) == ("completed", None)
