"""The facts of a pack: gathered from a run, written as JSON, and read back from a stranger's file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from modellab import __version__
from modellab.capture.environment import is_relevant
from modellab.capture.redaction import MASK, has_masked_token
from modellab.errors import InvalidInput
from modellab.ids import digest_text
from modellab.records import Run
from modellab.records.repro import PACK_FORMAT, PackedDataset, PackedFile, PackManifest, Replay, is_safe_path
from modellab.repro.decoding import decode_record, encode_record
from modellab.repro.metrics import expect_metrics
from modellab.repro.requirements import is_part_of_code, read_requirement

_CUT = "characters left out\n"


def make_manifest(
    run: Run, replay: Replay | None, datasets: Sequence[PackedDataset], *, tolerance: float
) -> PackManifest:
    """All facts of a run that are needed to repeat it; without `checksums` as yet.

    A commit, branch and change that are not those of the code are left out.
    """
    packages = (run.pip_freeze or "").splitlines()
    origins = replay.origins if replay else {}
    environment = replay.environment if replay else {}
    device_info = read_devices(run.device_info)
    in_repository = run.git_hash is not None and (replay is None or replay.in_repository)
    diff = (run.git_diff or "") if in_repository else ""
    return PackManifest(
        format=PACK_FORMAT,
        modellab_version=__version__,
        run_id=run.run_id,
        name=run.name,
        function=run.function,
        project_id=run.project_id,
        status=run.status,
        error=run.error,
        timestamp=run.timestamp,
        duration_s=run.duration_s,
        command=run.command,
        arguments=_list_arguments(replay),
        script=replay.script if replay else None,
        script_position=replay.script_position if replay else None,
        folder=replay.folder if replay else None,
        root=replay.root if replay else None,
        import_roots=replay.import_roots if replay else (),
        in_repository=in_repository,
        seed=run.seed,
        dataset_id=run.dataset_id,
        git_hash=run.git_hash if in_repository else None,
        git_branch=run.git_branch if in_repository else None,
        git_remote=replay.remote if replay else None,
        has_diff=any(line.startswith("diff --git ") for line in diff.splitlines()),
        is_diff_complete=not diff.startswith("#") and not diff.endswith(_CUT),
        python_version=run.python_version,
        packages=packages,
        origins=origins,
        device_info=device_info,
        environment={name: value for name, value in environment.items() if is_relevant(name, value)},
        params=run.params,
        config=run.config,
        code=[
            PackedFile(path=path, sha256=digest_text(text), size=len(text.encode("utf-8", "surrogatepass")))
            for path, text in sorted((replay.code if replay else {}).items())
        ],
        datasets=datasets,
        expected_metrics=expect_metrics(run.final_metrics, tolerance),
        weaknesses=list(_find_weaknesses(run, replay, datasets)),
        checksums={},
    )


def write_manifest(manifest: PackManifest) -> bytes:
    """`manifest.json`."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(encode_record(manifest), option=options)


def read_manifest(data: bytes) -> PackManifest:
    """The facts in a `manifest.json`, whoever wrote it; raises `InvalidInput`."""
    try:
        content = orjson.loads(data)
    except ValueError as error:
        raise InvalidInput(f"manifest.json is not JSON: {error}.") from None
    number = content.get("format") if isinstance(content, dict) else None
    if number != PACK_FORMAT:
        raise InvalidInput(
            f"manifest.json has format {repr(number)[:40]}; this ModelLab reads format {PACK_FORMAT}.",
            hint="A newer ModelLab may read it." if isinstance(number, int) else None,
        )
    manifest = decode_record(PackManifest, content)
    named = [file.path for file in manifest.code] + [data.path for data in manifest.datasets]
    for path in (manifest.script, manifest.folder, *manifest.import_roots, *named, *manifest.checksums):
        if path not in (None, ".") and not is_safe_path(str(path)):
            raise InvalidInput(f"manifest.json names the file {str(path)[:100]!r}, which is no safe path.")
    return manifest


def hash_bytes(data: bytes) -> str:
    """The SHA-256 of `data` as 64 hex characters."""
    return hashlib.sha256(data).hexdigest()


def _list_arguments(replay: Replay | None) -> Sequence[str] | None:
    """The arguments, unless they start something that asks for input: a prompt or a notebook."""
    if replay is None or len(replay.arguments) < 2 or list(replay.arguments[:2]) == ["jupyter", "notebook"]:
        return None
    return None if replay.arguments[1] == "-" or "-i" in replay.arguments[1:2] else replay.arguments


def read_devices(text: str | None) -> dict[str, Any]:
    """What a run's `device_info` says; empty if it says nothing that can be read."""
    try:
        found = orjson.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _find_weaknesses(run: Run, replay: Replay | None, datasets: Sequence[PackedDataset]) -> Sequence[str]:
    return [
        *_find_weak_code(run, replay),
        *_find_weak_start(run, replay),
        *_find_weak_inputs(run, replay, datasets),
    ]


def _find_weak_code(run: Run, replay: Replay | None) -> Sequence[str]:
    found = []
    diff = run.git_diff or ""
    if run.git_hash is None:
        found.append(
            "The run was not in a git repository with a commit: only the code in this pack is known."
        )
    elif replay and not replay.in_repository:
        diff = ""
        found.append(
            f"The script lay outside of the git repository that it was started in (commit {run.git_hash}): "
            "only the code in this pack is known."
        )
    elif run.git_dirty and not diff:
        found.append("Files differed from the commit, and the change was not recorded.")
    if diff.startswith("#") or diff.endswith(_CUT):
        notes = [line.lstrip("# ") for line in diff.splitlines() if line.startswith("# ")]
        found += [f"Not in the uncommitted change: {note}." for note in notes[:20]]
    masked = [path for path, text in (replay.code if replay else {}).items() if has_masked_token(text)]
    if masked:
        found.append(
            f"Secrets in the code were not recorded; {MASK} stands for them: {', '.join(masked[:10])}."
        )
    if replay is None or not replay.code:
        found.append("The text of the script was not recorded: the code comes from the repository alone.")
    elif replay.code_left_out:
        shown = ", ".join(replay.code_left_out[:10])
        more = len(replay.code_left_out) - 10
        found.append(
            f"Code that is too large, no text, or may hold secrets is not in the pack: {shown}"
            + (f" and {more} more." if more > 0 else ".")
        )
    return found


def _find_weak_start(run: Run, replay: Replay | None) -> Sequence[str]:
    found = []
    if run.status != "completed":
        found.append(f"The run itself has not completed: its status is {run.status}.")
    if replay is None:
        found.append("How the run was started was not recorded; it must be repeated by hand.")
    elif _list_arguments(replay) is None:
        found.append("The run was started from a prompt or a notebook; no command repeats it.")
    elif any("***" in argument for argument in replay.arguments):
        found.append("Values of arguments that are secret were not recorded: *** stands for them.")
    if replay is not None and replay.folder is None:
        found.append("The command was typed outside the folder of the code; paths in it may lead nowhere.")
    if not run.final_metrics:
        found.append("The run has no final metrics: there is nothing to compare.")
    return found


def _find_weak_inputs(run: Run, replay: Replay | None, datasets: Sequence[PackedDataset]) -> Sequence[str]:
    found = []
    if run.seed is None:
        found.append("No seed was recorded: a second run may differ by chance.")
    if not run.pip_freeze:
        found.append("The installed packages were not recorded.")
    origins = replay.origins if replay else {}
    for line in (run.pip_freeze or "").splitlines():
        requirement, reason = read_requirement(line, origins)
        if is_part_of_code(line, origins, replay.root if replay else None):
            continue  # which is brought along
        if requirement is None and line.partition("==")[0].lower() not in ("modellab", "pip"):
            found.append(f"A package cannot be installed elsewhere: {line[:100]}, {reason}.")
    if not datasets:
        found.append("No dataset was recorded: data that the code reads must be the same.")
    for dataset in datasets:
        if dataset.path is None:
            found.append(
                f"The data of {dataset.name} version {dataset.version} is not in the pack; "
                f"its SHA-256 is {dataset.sha256}."
            )
    return found
