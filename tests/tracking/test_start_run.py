"""What `start_run` takes, what it gives, and what is noted about a run."""

from __future__ import annotations

import datetime
import os
import sys
from typing import Any

import numpy as np
import pytest

import modellab
from modellab import InvalidInput, start_run


@pytest.fixture(autouse=True)
def _in_a_project(project: Any) -> None:
    """All tests here record into an empty project."""


def test_a_run_records_what_it_was_started_with() -> None:
    with start_run(
        "baseline",
        project_id="vision",
        seed=7,
        dataset_id="digits",
        params={"lr": 0.1},
        tags={"team": "a"},
        note="first try",
    ) as run:
        assert run.id == run.run_id
        assert len(run.id) == 32
    found = modellab.get_run(run.id)
    assert (found.name, found.project_id, found.seed) == ("baseline", "vision", 7)
    assert (found.dataset_id, found.params, found.tags) == ("digits", {"lr": 0.1}, {"team": "a"})
    assert (found.note, found.status) == ("first try", "completed")


def test_a_run_knows_what_it_ran_on() -> None:
    before = datetime.datetime.now(datetime.UTC)
    with start_run() as run:
        pass
    found = modellab.get_run(run.id)
    started = datetime.datetime.fromisoformat(found.timestamp)
    assert before <= started <= datetime.datetime.now(datetime.UTC)
    assert started.utcoffset() == datetime.timedelta(0)
    assert found.duration_s is not None
    assert found.duration_s >= 0
    assert found.python_version is not None
    assert found.python_version.startswith(f"{sys.version_info.major}.{sys.version_info.minor}")
    assert found.pip_freeze is not None
    assert any(line.lower().startswith("numpy==") for line in found.pip_freeze.splitlines())
    assert found.device_info is not None
    assert found.command
    assert found.hostname


def test_a_plain_run_goes_on_until_it_is_finished() -> None:
    run = start_run()
    run.log_metrics({"loss": 1}, step=0)
    assert modellab.get_run(run.id).status == "running"
    assert modellab.get_run(run.id).final_metrics == {"loss": 1.0}
    run.finish()
    assert modellab.get_run(run.id).status == "completed"


def test_ids_have_the_order_of_creation() -> None:
    ids = []
    for _ in range(3):
        with start_run() as run:
            ids.append(run.id)
    assert ids == sorted(ids)
    assert [found.run_id for found in modellab.list_runs()] == ids[::-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 251},
        {"name": 5},
        {"seed": 1.5},
        {"seed": True},
        {"seed": "7"},
        {"seed": 2**63},
        {"seed": np.array([1, 2])},
        {"project_id": ["a"]},
        {"project_id": "../.."},
        {"project_id": "x" * 129},
        {"dataset_id": b"digits"},
        {"tags": ["a"]},
        {"tags": {"": "a"}},
        {"note": 5},
        {"note": "x" * 100_001},
        {"run_id": ""},
        {"run_id": "../x"},
        {"run_id": "x" * 129},
        {"run_id": 5},
    ],
    ids=lambda wrong: ascii(wrong)[:30],
)
def test_what_cannot_be_recorded_is_refused_and_leaves_no_run_behind(wrong: Any, project: Any) -> None:
    with pytest.raises(InvalidInput):
        start_run(**wrong)
    assert not project.journals.exists()
    assert modellab.current_run() is None


@pytest.mark.parametrize("start", [modellab.start_run, modellab.log_run])
def test_a_project_id_that_cannot_be_is_refused_with_one_that_can(start: Any) -> None:
    with pytest.raises(InvalidInput, match="may not be 'iris study/2'") as refused:
        start(project_id="iris study/2")
    assert refused.value.hint == "For example iris-study-2."


def test_tags_are_set_one_by_one_and_replaced() -> None:
    with start_run(tags={"team": "a", "kind": "cnn"}) as run:
        run.set_tags({"team": "b", "size": 3})
    assert modellab.get_run(run.id).tags == {"team": "b", "kind": "cnn", "size": "3"}


@pytest.mark.parametrize("tags", [["a"], "a", {"": "x"}, {3: "x"}, {"x" * 251: "y"}], ids=repr)
def test_wrong_tags_are_refused_as_tags(tags: Any) -> None:
    with start_run() as run, pytest.raises(InvalidInput, match=r"(?i)\btags?\b"):
        run.set_tags(tags)
    assert modellab.get_run(run.id).tags == {}


def test_a_note_is_replaced_and_may_have_100_000_characters() -> None:
    with start_run(note="first") as run:
        run.set_note("ü" * 100_000)
        with pytest.raises(InvalidInput, match="has 100001 characters; at most 100000"):
            run.set_note("x" * 100_001)
        with pytest.raises(InvalidInput, match="is text, not int"):
            run.set_note(5)  # type: ignore[arg-type]
    assert modellab.get_run(run.id).note == "ü" * 100_000


def test_texts_that_no_encoding_has_are_recorded_with_replacements() -> None:
    with start_run(note="a\ud800b") as run:
        run.set_tags({"tag": "\udfff"})
    found = modellab.get_run(run.id)
    assert (found.note, found.tags) == ("a?b", {"tag": "?"})


def test_artifacts_are_recorded_once_as_seen_from_the_root(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project.root / "deep" / "sub"
    (folder / "plots").mkdir(parents=True)
    outside = project.root.parent / "outside.txt"
    for file in (folder / "model.pt", project.root / "top.txt", outside):
        file.touch()
    monkeypatch.chdir(folder)
    with start_run() as run:
        run.log_artifact("model.pt")
        run.log_artifact(folder / "model.pt")
        run.log_artifact("./model.pt")
        run.log_artifact("plots")
        run.log_artifact("../../top.txt")
        run.log_artifact("../../../outside.txt")
    found = modellab.get_run(run.id)
    absolute = str(folder / "model.pt")
    assert found.artifacts == ["deep/sub/model.pt", absolute, "deep/sub/plots", "top.txt", str(outside)]
    assert found.n_artifacts == 5


@pytest.mark.parametrize("path", ["lost.pt", "", None, 3, b"bytes", "x" * 5000, "a\x00b"], ids=ascii)
def test_an_artifact_that_is_not_there_is_refused(path: Any) -> None:
    with start_run() as run, pytest.raises(InvalidInput):
        run.log_artifact(path)
    assert modellab.get_run(run.id).artifacts == []


def test_a_current_folder_that_is_gone_does_not_stop_a_run(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = project.root / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    with start_run() as run:
        gone.rmdir()
        with pytest.raises(FileNotFoundError):
            os.getcwd()
        with pytest.warns(RuntimeWarning, match="do not exist"):
            run.record_result(({"accuracy": 1}, ["model.pt"]))
        run.log_artifact(project.root)
    monkeypatch.chdir(project.root)
    found = modellab.get_run(run.id)
    assert (found.status, found.artifacts) == ("completed", ["model.pt", str(project.root)])
