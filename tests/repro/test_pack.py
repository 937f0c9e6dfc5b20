from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modellab.errors import InvalidInput, NotFound
from modellab.ids import new_run_id
from modellab.repro.document import write_document
from modellab.repro.manifest import read_manifest
from modellab.repro.pack import SMALL_DATASET, build_pack, stream_pack
from modellab.repro.unpack import unpack
from modellab.store import Store

if TYPE_CHECKING:
    from tests.repro.conftest import Lab, Record

Context = dict[str, str]


def use_dataset(data: bytes, name: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    told = {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "format": "csv"}
    return "dataset", told | {"filename": f"{name}.csv", **fields}


def keep(store: Store, data: bytes) -> None:
    upload = store.files.start()
    upload.write(data)
    upload.finish()


def open_archive(store: Store, run_id: str, **options: Any) -> zipfile.ZipFile:
    data = b"".join(stream_pack(store, build_pack(store, run_id, **options)))
    return zipfile.ZipFile(io.BytesIO(data))


def read_json(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def replay_of(context: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(context["replay"])
    return facts


def test_a_pack_has_all_that_is_needed_to_repeat_its_run(
    store: Store, record: Record, context: Context
) -> None:
    run_id = record(
        store, context=context, seed=7, params={"lr": 0.1}, events=[("final", {"metrics": {"loss": "nan"}})]
    )
    archive = open_archive(store, run_id)
    assert archive.namelist() == [
        "code/train.py",
        "datasets/checksums.json",
        "environment.json",
        "expected_metrics.json",
        "git/commit.txt",
        "git/diff.patch",
        "manifest.json",
        "params.json",
        "reproduce.md",
        "requirements.txt",
    ]
    assert archive.testzip() is None
    assert archive.read("code/train.py") == b"new\n"
    assert archive.read("git/commit.txt").decode().strip() == context["git_hash"]
    assert archive.read("git/diff.patch").decode() == context["git_diff"]
    assert read_json(archive, "params.json") == {"lr": 0.1}
    assert read_json(archive, "expected_metrics.json")["loss"] == {
        "name": "loss",
        "value": "nan",
        "tolerance": 1e-9,
    }
    assert read_json(archive, "environment.json")["variables"] == {"PYTHONHASHSEED": "1"}
    manifest = read_manifest(archive.read("manifest.json"))
    assert (manifest.seed, manifest.arguments) == (7, replay_of(context)["arguments"])
    assert (manifest.in_repository, manifest.is_diff_complete) == (True, True)


def test_the_same_run_gives_the_same_bytes(store: Store, record: Record, context: Context) -> None:
    run_id = record(store, context=context)
    first, second = (b"".join(stream_pack(store, build_pack(store, run_id))) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_pins_are_exact_and_what_cannot_be_installed_elsewhere_is_a_comment(
    store: Store, record: Record, context: Context
) -> None:
    lines = "mine==1.0\nmodellab==0.1.0\nnumpy==2.0.0\n--no-binary :all:\nours==2.0"
    origins = {
        "mine": {"url": "file:///home/ada/mine", "editable": True},
        "ours": {"url": "https://example.org/ours.git", "vcs": "git", "commit": "abc1234"},
    }
    replay = json.dumps({**replay_of(context), "origins": origins})
    run_id = record(store, context={**context, "pip_freeze": lines, "replay": replay})
    pins = open_archive(store, run_id).read("requirements.txt").decode().splitlines()
    assert [line for line in pins if not line.startswith("#")] == [
        "numpy==2.0.0",
        "ours @ git+https://example.org/ours.git@abc1234",
    ]
    assert any(line.startswith("# mine==1.0: an editable install") for line in pins)
    assert any(line.startswith("# --no-binary") for line in pins)
    assert any("mine==1.0" in sentence for sentence in build_pack(store, run_id).manifest.weaknesses)


def test_times_and_memory_are_expected_but_not_compared(
    store: Store, record: Record, context: Context
) -> None:
    names = (
        "accuracy",
        "runtime_s",
        "train_time",
        "tokens_per_second",
        "peak_memory_mb",
        "timesteps",
        "loss/s1",
    )
    run_id = record(store, context=context, events=[("final", {"metrics": dict.fromkeys(names, 1.0)})])
    metrics = build_pack(store, run_id, tolerance=1e-3).manifest.expected_metrics
    compared = {metric.name: metric.tolerance for metric in metrics if metric.tolerance is not None}
    assert compared == {"accuracy": 1e-3, "timesteps": 1e-3, "loss/s1": 1e-3}


def test_small_data_that_are_kept_are_in_the_pack_and_other_data_are_named(
    store: Store, record: Record, context: Context
) -> None:
    small, other = b"a,b\n1,2\n", b"a,b\n3,4\n"
    keep(store, small)
    run_id = record(
        store,
        context=context,
        events=[use_dataset(small, "iris", split="train"), use_dataset(other, "wine", split="test")],
    )
    archive = open_archive(store, run_id)
    iris, wine = read_json(archive, "datasets/checksums.json")
    assert (iris["name"], iris["split"], iris["sha256"]) == (
        "iris",
        "train",
        hashlib.sha256(small).hexdigest(),
    )
    assert archive.read(iris["path"]) == small
    assert (wine["name"], wine["path"]) == ("wine", None)
    sentences = "\n".join(read_json(archive, "manifest.json")["weaknesses"])
    assert "data of wine version 1 is not in the pack" in sentences
    assert wine["sha256"] in archive.read("reproduce.md").decode()

    without = open_archive(store, run_id, data="none")
    assert [name for name in without.namelist() if name.startswith("datasets/")] == [
        "datasets/checksums.json"
    ]


def test_content_that_has_several_names_is_in_the_pack_once_and_the_pack_can_be_opened(
    store: Store, record: Record, context: Context, tmp_path: Path
) -> None:
    data = b"a\n1\n"
    keep(store, data)
    names = ("Iris", "iris")  # one and the same where letter case does not count
    run_id = record(store, context=context, events=[use_dataset(data, name) for name in names])
    path = tmp_path / "pack.zip"
    path.write_bytes(b"".join(stream_pack(store, build_pack(store, run_id))))
    manifest = unpack(path, tmp_path / "unpacked")
    assert [dataset.name for dataset in manifest.datasets] == ["Iris", "iris"]
    for dataset in manifest.datasets:
        assert (tmp_path / "unpacked" / str(dataset.path)).read_bytes() == data


def test_a_run_whose_data_were_purged_still_has_a_pack_that_names_them(
    store: Store, record: Record, context: Context
) -> None:
    data = b"a\n1\n"
    keep(store, data)
    run_id = record(store, context=context, events=[use_dataset(data, "iris"), use_dataset(data, "copy")])
    used = {use.name: use.dataset_id for use in store.runs.get(run_id).datasets}
    store.trash.put_dataset(used["iris"])
    store.trash.purge()
    copy, iris = build_pack(store, run_id).manifest.datasets
    assert copy.path is not None  # the same bytes under a name that is still there
    assert (iris.name, iris.size, iris.path) == ("iris", len(data), None)
    assert iris.sha256 == copy.sha256


def test_large_data_are_in_the_pack_only_if_asked_for_and_go_through_in_pieces(
    store: Store, record: Record, context: Context
) -> None:
    data = b"0123456789abcdef" * (SMALL_DATASET // 16 + 1)
    keep(store, data)
    run_id = record(store, context=context, events=[use_dataset(data, "big")])
    assert read_json(open_archive(store, run_id), "datasets/checksums.json")[0]["path"] is None
    chunks = list(stream_pack(store, build_pack(store, run_id, data="all")))
    assert max(map(len, chunks)) <= 4 * 2**20
    with zipfile.ZipFile(io.BytesIO(b"".join(chunks))) as archive:
        path = read_json(archive, "datasets/checksums.json")[0]["path"]
        assert hashlib.sha256(archive.read(path)).hexdigest() == hashlib.sha256(data).hexdigest()


def test_data_of_a_project_that_the_caller_may_not_see_are_not_in_the_pack(
    store: Store, record: Record, context: Context
) -> None:
    data = b"a\n1\n"
    keep(store, data)
    run_id = record(store, context=context, events=[use_dataset(data, "iris", project_id="theirs")])
    for visible, is_packed in ((None, True), (frozenset({"theirs"}), True), (frozenset({"ours"}), False)):
        manifest = build_pack(store, run_id, visible=visible).manifest
        assert (manifest.datasets[0].path is not None) == is_packed


@pytest.mark.parametrize(
    "path",
    [
        "../../evil.py",
        "/etc/passwd",
        "C:\\evil.py",
        "a/../../evil.py",
        "a//b",
        ".git/config",
        "nul",
        "x\0y",
        "",
    ],
)
def test_a_journal_cannot_put_a_name_into_a_pack_that_leads_out_of_it(
    store: Store, record: Record, context: Context, path: str
) -> None:
    code = json.dumps({path: "import os\n", "train.py": "new\n"})
    replay = json.dumps({**replay_of(context), "script": path, "folder": path})
    run_id = record(store, context={**context, "code": code, "replay": replay})
    pack = build_pack(store, run_id)
    assert [name for name in pack.texts if name.startswith("code/")] == ["code/train.py"]
    assert (pack.manifest.script, pack.manifest.folder) == (None, None)


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"arguments": 5, "origins": [], "environment": {"A": 1}}', "null"]
)
def test_what_has_another_shape_than_it_should_is_left_out_of_the_pack(
    store: Store, record: Record, context: Context, text: str
) -> None:
    run_id = record(store, context={**context, "replay": text, "code": text, "device_info": text})
    manifest = build_pack(store, run_id).manifest
    assert (manifest.arguments, manifest.origins, manifest.environment) == (None, {}, {})


def test_a_run_of_which_nothing_is_known_has_a_pack_that_says_so(
    store: Store, record: Record, context: Context
) -> None:
    run_id = record(store, context={})
    archive = open_archive(store, run_id)
    assert "git/commit.txt" not in archive.namelist()
    text = archive.read("reproduce.md").decode()
    for words in ("not in a git repository", "How the run was started was not recorded", "No seed"):
        assert words in text


def test_a_change_with_parts_withheld_is_called_incomplete(
    store: Store, record: Record, context: Context
) -> None:
    diff = f"# 1 file withheld, as they may hold secrets: .env\n{context['git_diff']}"
    manifest = build_pack(store, record(store, context={**context, "git_diff": diff})).manifest
    assert not manifest.is_diff_complete
    assert any("1 file withheld" in sentence for sentence in manifest.weaknesses)


def test_a_change_of_which_no_line_is_known_is_not_to_be_applied(
    store: Store, record: Record, context: Context
) -> None:
    diff = "# 1 file new and not shown: mask.png\n"
    pack = build_pack(store, record(store, context={**context, "git_diff": diff}))
    assert (pack.manifest.has_diff, pack.manifest.is_diff_complete) == (False, False)
    assert any("mask.png" in sentence for sentence in pack.manifest.weaknesses)
    document = write_document(pack.manifest)
    assert "git checkout" in document
    assert "git apply" not in document


def test_secrets_of_the_training_process_are_nowhere_in_a_pack(lab: Lab) -> None:
    lab.write({".env": "WANDB_NOTE=hidden-value\n", "secrets.py": "KEY = 'hidden-value'\n"})
    lab.write({"train.py": "import secrets_of_mine\n" + (lab.root / "train.py").read_text()})
    lab.write({"secrets_of_mine.py": "import secrets\n"})
    lab.commit()
    lab.write({".env": "WANDB_NOTE=hidden-value-2\n"})
    run_id = lab.train(
        "train.py", "0.5", "--token=hidden-value", MY_SECRET="hidden-value", TORCH_KEY="hidden-value"
    )
    with zipfile.ZipFile(lab.pack(run_id)) as archive:
        for name in archive.namelist():
            assert b"hidden-value" not in archive.read(name), name


def test_a_pack_applies_to_a_clone_by_hand_as_its_document_says(lab: Lab, tmp_path: Path) -> None:
    commit = lab.commit()
    lab.write({"lib/model.py": "def scale(value):\n    return value\n", "lib/extra.py": "x = 1\n"})
    path = lab.pack(lab.train("train.py", "0.5"))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "pack")
        document = archive.read("reproduce.md").decode()
    assert f"git checkout --detach {commit}" in document
    assert "git apply ../git/diff.patch" in document
    clone = tmp_path / "pack" / "repository"
    for command in (
        ["git", "clone", "--quiet", str(lab.root), str(clone)],
        ["git", "-C", str(clone), "checkout", "--quiet", "--detach", commit],
        ["git", "-C", str(clone), "apply", "../git/diff.patch"],
    ):
        subprocess.run(command, check=True, capture_output=True)
    for name in ("lib/model.py", "lib/extra.py"):
        assert (clone / name).read_text() == (lab.root / name).read_text()


def test_a_run_that_is_not_there_and_a_tolerance_that_is_none_are_refused(
    store: Store, record: Record, context: Context
) -> None:
    with pytest.raises(NotFound):
        build_pack(store, new_run_id())
    run_id = record(store, context=context)
    for tolerance in (-1.0, 1.5, float("nan")):
        with pytest.raises(InvalidInput, match="tolerance"):
            build_pack(store, run_id, tolerance=tolerance)


def test_purging_the_trash_takes_the_code_of_a_run_only_when_no_run_has_it_any_more(
    store: Store, record: Record, context: Context
) -> None:
    first, second = record(store, context=context), record(store, context=context)
    for run_id, left in ((first, second), (second, None)):
        store.trash.put_run(run_id)
        store.trash.purge()
        assert store.runs.read_replay(run_id) is None
        if left is not None:
            replay = store.runs.read_replay(left)
            assert replay is not None
            assert replay.code == {"train.py": "new\n"}
