"""Files that runs log: copied at once, named in the journal, kept when the run ends."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import modellab
from modellab.errors import InvalidInput
from modellab.settings import load_settings
from modellab.store import open_store
from modellab.tracking.spool import spool_artifact, spool_file

if TYPE_CHECKING:
    from tests.conftest import Project


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def events(project: Project, run_id: str) -> Sequence[dict[str, Any]]:
    """The `artifact` events of a run's journal."""
    (journal,) = (project.journals / run_id).glob("*.jsonl")
    lines = map(orjson.loads, journal.read_bytes().splitlines())
    return [line for line in lines if isinstance(line, dict) and line["event"] == "artifact"]


def read(run_id: str, path: str) -> bytes:
    """The kept bytes of a run's file."""
    with open_store(load_settings()) as store:
        return b"".join(store.files.read(store.artifacts.get(run_id, path).sha256))


def kept(run_id: str) -> list[str]:
    """The paths of a run's files whose bytes are kept."""
    with open_store(load_settings()) as store:
        return [file.path for file in store.artifacts.list(run_id, limit=1000).items if file.is_stored]


def test_a_logged_file_is_kept_and_its_path_is_recorded(project: Project) -> None:
    (project.root / "models").mkdir()
    (project.root / "models" / "best.pt").write_bytes(b"weights")

    with modellab.start_run() as run:
        run.log_artifact("models/best.pt")

    assert modellab.get_run(run.id).artifacts == ["models/best.pt"]
    assert kept(run.id) == ["models/best.pt"]
    assert read(run.id, "models/best.pt") == b"weights"
    assert events(project, run.id)[0]["files"] == [
        {
            "path": "models/best.pt",
            "sha256": digest_of(b"weights"),
            "size": 7,
            "media_type": "application/octet-stream",
        }
    ]


def test_a_file_is_kept_as_it_was_when_it_was_logged(project: Project) -> None:
    path = project.root / "best.pt"
    with modellab.start_run() as run:
        path.write_bytes(b"epoch 1")
        run.log_artifact(path, "checkpoints/1.pt")
        with path.open("r+b") as file:  # the same file, written into
            file.write(b"epoch 2")
        run.log_artifact(path, "checkpoints/2.pt")
        path.unlink()

    assert read(run.id, "checkpoints/1.pt") == b"epoch 1"
    assert read(run.id, "checkpoints/2.pt") == b"epoch 2"


def test_a_name_says_where_a_file_goes(project: Project) -> None:
    (project.root / "a.txt").write_text("a")
    with modellab.start_run() as run:
        modellab.log_artifact("a.txt", "notes/first.txt")
        modellab.log_artifact("a.txt", name="folder/")
    assert kept(run.id) == ["folder/a.txt", "notes/first.txt"]
    assert modellab.get_run(run.id).artifacts == ["notes/first.txt", "folder/a.txt"]


def test_with_only_paths_recorded_the_name_is_the_path_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELLAB_KEEP_ARTIFACTS", "0")
    (project.root / "a.txt").write_text("a")
    with modellab.start_run() as run:
        run.log_artifact("a.txt", "notes/first.txt")
        run.log_artifact("a.txt")
    assert modellab.get_run(run.id).artifacts == ["notes/first.txt", "a.txt"]


@pytest.mark.parametrize("name", ["../up.txt", "/abs.txt", "C:\\x", "a//b", "", "/", 7, "nul"])
def test_a_name_that_can_be_none_is_refused_at_once(project: Project, name: Any) -> None:
    (project.root / "a.txt").write_text("a")
    with modellab.start_run() as run:
        with pytest.raises(InvalidInput):
            run.log_artifact("a.txt", name)
        assert events(project, run.id) == []


def test_a_folder_is_kept_whole(project: Project) -> None:
    for path in ("out/a.txt", "out/deep/er/b.txt", "out/.hidden"):
        (project.root / path).parent.mkdir(parents=True, exist_ok=True)
        (project.root / path).write_text(path)
    (project.root / "out" / "empty").mkdir()

    with modellab.start_run() as run:
        run.log_artifact("out")
        run.log_artifact("out/deep", "plots")
        run.log_artifact(project.root / "out" / "deep", "more/")

    assert modellab.get_run(run.id).artifacts == ["out", "plots", "more/deep"]
    assert kept(run.id) == [
        "more/deep/er/b.txt",
        "out/.hidden",
        "out/a.txt",
        "out/deep/er/b.txt",
        "plots/er/b.txt",
    ]


def test_links_that_lead_out_of_a_folder_are_not_followed(project: Project) -> None:
    secret = project.root / "secret.txt"
    secret.write_text("not yours")
    out = project.root / "out"
    (out / "epoch_3").mkdir(parents=True)
    (out / "epoch_3" / "model.pt").write_bytes(b"weights")
    (out / "latest").symlink_to("epoch_3")
    (out / "best.pt").symlink_to("epoch_3/model.pt")
    (out / "stolen.txt").symlink_to(secret)
    (out / "above").symlink_to(project.root)
    (out / "itself").symlink_to(out)
    (out / "broken").symlink_to("nowhere")

    with modellab.start_run() as run:
        run.log_artifact("out")

    assert kept(run.id) == ["out/best.pt", "out/epoch_3/model.pt", "out/latest/model.pt"]


def test_a_logged_project_does_not_take_in_its_own_records(project: Project) -> None:
    (project.root / "train.txt").write_text("code")
    with modellab.start_run() as run:
        run.log_artifact(project.root)
        run.log_artifact(".", "again")
    assert kept(run.id) == [".env", "again/.env", "again/train.txt", "train.txt"]


def test_what_is_no_file_is_passed_over_without_waiting_for_it(project: Project) -> None:
    (project.root / "out").mkdir()
    os.mkfifo(project.root / "out" / "pipe")
    (project.root / "out" / "file").write_text("here")

    with modellab.start_run() as run:
        run.log_artifact("out")
        with pytest.warns(RuntimeWarning, match="no regular file"):
            run.log_artifact("out/pipe")

    assert kept(run.id) == ["out/file"]
    assert run.dropped == 1


def test_a_path_outside_of_the_project_goes_by_its_last_part(project: Project) -> None:
    elsewhere = project.root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.txt").write_text("x")
    (project.root / "sub").mkdir()
    os.chdir(project.root / "sub")
    (project.root / "sub" / "y.txt").write_text("y")

    with modellab.start_run() as run:
        run.log_artifact(elsewhere / "x.txt")
        run.log_artifact("../../elsewhere")
        run.log_artifact("y.txt")

    assert kept(run.id) == ["elsewhere/x.txt", "sub/y.txt", "x.txt"]


def test_names_that_no_path_can_have_are_made_harmless(project: Project) -> None:
    out = project.root / "out"
    out.mkdir()
    for name in ("a\\b.txt", "line\nbreak", "aux.txt", "ends with dot.", "%2e%2e"):
        (out / name).write_text(name)
    with modellab.start_run() as run:
        run.log_artifact("out")
    assert kept(run.id) == [
        "out/_2e_2e",
        "out/_aux.txt",
        "out/a_b.txt",
        "out/ends with dot_",
        "out/line_break",
    ]


def test_returned_files_are_kept_too_and_missing_ones_only_named(project: Project) -> None:
    @modellab.log_run
    def train() -> dict[str, Any]:
        (project.root / "model.joblib").write_bytes(b"model")
        return {"final_metrics": {"accuracy": 0.9}, "artifacts": ["model.joblib", "missing.txt"]}

    with pytest.warns(RuntimeWarning, match=r"do not exist: missing\.txt"):
        train()

    (run,) = modellab.list_runs()
    assert modellab.get_run(run.run_id).artifacts == ["model.joblib", "missing.txt"]
    assert kept(run.run_id) == ["model.joblib"]


def test_keeping_can_be_switched_off(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELLAB_KEEP_ARTIFACTS", "0")
    (project.root / "a.txt").write_text("a")

    with modellab.start_run() as run:
        run.log_artifact("a.txt")

    assert modellab.get_run(run.id).artifacts == ["a.txt"]
    assert kept(run.id) == []
    assert "files" not in events(project, run.id)[0]
    assert not (project.root / "manifests" / "spool").exists()


def test_a_disk_that_takes_nothing_is_told_once_and_training_goes_on(project: Project) -> None:
    done = project.run(
        """
import modellab, resource, signal, warnings
warnings.simplefilter("always")
with modellab.start_run() as run:
    for name in ("a.bin", "b.bin"):
        with open(name, "wb") as file:
            file.write(bytes(300_000))
    open("small.txt", "w").write("small")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    run.log_artifact("a.bin")
    run.log_artifact("b.bin")
    run.log_artifact("small.txt")
    print("dropped", run.dropped)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(run.id)
"""
    )
    dropped, run_id = done.stdout.split("\n")[:2]
    assert dropped == "dropped 2"
    assert done.stderr.count("not all files could be kept, only their paths; the first is a.bin") == 1
    assert modellab.get_run(run_id).artifacts == ["a.bin", "b.bin", "small.txt"]
    assert kept(run_id) == ["small.txt"]
    assert [path.name for path in (project.root / "manifests" / "spool").iterdir()] == []


def test_a_killed_run_keeps_what_it_logged(project: Project) -> None:
    done = project.run(
        """
import modellab, os, signal
open("a.txt", "w").write("still here")
run = modellab.start_run()
run.log_artifact("a.txt")
print(run.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
""",
        exit_code=-9,
    )
    run_id = done.stdout.strip()
    assert modellab.get_run(run_id).status == "failed"
    assert read(run_id, "a.txt") == b"still here"


def test_a_failing_place_is_told_when_the_run_ends_and_the_file_waits(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "a.txt").write_text("patient")
    (project.root / "in_the_way").write_text("no folder")
    monkeypatch.setenv("MODELLAB_ARTIFACTS", "in_the_way/artifacts")
    with pytest.warns(RuntimeWarning, match="not kept yet"), modellab.start_run() as run:
        run.log_artifact("a.txt")
    assert run.dropped == 0

    (project.root / "in_the_way").unlink()
    assert modellab.get_run(run.id).artifacts == ["a.txt"]
    assert read(run.id, "a.txt") == b"patient"


def test_a_folder_with_too_many_files_is_kept_as_far_as_the_limit(project: Project) -> None:
    (project.root / "out").mkdir()
    for n in range(5):
        (project.root / "out" / str(n)).write_text(str(n))

    copied = spool_artifact("out", None, root=project.root, spool=project.root / "spool", max_files=3)

    assert [file["path"] for file in copied.files] == ["out/0", "out/1", "out/2"]
    assert copied.n_failed == 1
    assert copied.trouble == "out: only its first 3 files are kept"


def test_a_copy_in_the_spool_is_named_by_its_checksum(project: Project) -> None:
    (project.root / "a.bin").write_bytes(b"content")
    spool = project.root / "spool"

    assert spool_file("a.bin", spool) == (digest_of(b"content"), 7)
    assert spool_file("a.bin", spool) == (digest_of(b"content"), 7)

    assert [path.name for path in spool.iterdir()] == [digest_of(b"content")]
