"""The code of a pack in a fresh folder: from a repository that has its commit, else from the pack itself."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from modellab.capture.git import find_top
from modellab.capture.redaction import MASK, has_masked_token, mask_tokens
from modellab.errors import InvalidInput, ModelLabError
from modellab.records.repro import InputDifference, PackManifest
from modellab.repro.manifest import hash_bytes
from modellab.repro.programs import Done, run_program

_is_commit = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}").fullmatch
_TIMEOUT_S = 600.0


def find_repository(manifest: PackManifest, given: Path | None, log: Path) -> Path | None:
    """The repository to take the code from: the one `given`, else the current folder's if it has the commit.

    `None` if there is none. Raises `InvalidInput` if the one given has not got the commit.
    """
    commit = manifest.git_hash if manifest.in_repository else None
    if commit is None or not _is_commit(commit):
        if given is not None:
            raise InvalidInput("The pack names no commit, so no repository can have its code.")
        return None
    top = find_top(given or Path.cwd())
    if (
        top is not None
        and _has_git(log)
        and _git(Path(top), log, "cat-file", "-e", f"{commit}^{{commit}}").exit_code == 0
    ):
        return Path(top)
    if given is not None:
        raise InvalidInput(
            f"{given} has no commit {commit}.", hint="Fetch it there first, or leave --repository out."
        )
    return None


def get_code(manifest: PackManifest, pack: Path, repository: Path | None, target: Path, log: Path) -> str:
    """Bring the code into `target`, with exactly the texts that the manifest tells; says where it is from.

    `pack` is the folder of the unpacked pack. Raises `ModelLabError` if there is no code at all.
    """
    target.mkdir()
    source = "the pack"
    if manifest.in_repository:
        _mark_root(target, manifest.git_hash or "", log)
    if repository is not None and manifest.git_hash is not None:
        source = _check_out(repository, manifest.git_hash, target, log)
        if manifest.has_diff:
            source += _apply(pack / "git" / "diff.patch", target, log)
    for file in manifest.code:
        packed, path = pack / "code" / file.path, target / file.path
        # What the pack says was run counts, wherever the rest comes from.
        if not _is_as_recorded(path, target, file.sha256) and packed.is_file() and _is_inside(path, target):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(packed.read_bytes())
    if manifest.script is not None and not (target / manifest.script).is_file():
        raise ModelLabError(
            f"The script {manifest.script} is neither in the pack nor in a repository here.",
            hint="Run this in a clone of the repository, or name one with --repository.",
        )
    return source


def compare_code(manifest: PackManifest, pack: Path, target: Path) -> list[InputDifference]:
    """Files of code in `target` that are not those that were recorded, or that have lost a secret by it."""
    found = []
    for file in manifest.code:
        path = target / file.path
        if not (_is_inside(path, target) and path.is_file()):
            found.append(f"{file.path} is missing")
        elif not _is_as_recorded(path, target, file.sha256):
            found.append(f"{file.path} is not the text that was recorded")
        elif has_masked_token(_read_text(path)):
            found.append(f"{file.path} had a secret in it that was not recorded; {MASK} stands for it")
    masked_too = [f"uncommitted change with {note}" for note in _read_masked(manifest, pack)]
    return [InputDifference(input="code", detail=detail) for detail in (*found, *masked_too)]


def _read_masked(manifest: PackManifest, pack: Path) -> list[str]:
    """What the uncommitted change says of secrets in it: in which files they are masked."""
    patch = pack / "git" / "diff.patch"
    lines = _read_text(patch).splitlines() if manifest.has_diff and patch.is_file() else []
    return [line.lstrip("# ") for line in lines if line.startswith("# secrets in ")]


def _apply(patch: Path, target: Path, log: Path) -> str:
    """Apply the uncommitted change as far as it fits; says how far that was."""
    if _git(target, log, "apply", "--whitespace=nowarn", str(patch)).exit_code == 0:
        return " and the uncommitted change"
    # A masked secret among the lines that it changes is no reason to leave out all others.
    _git(target, log, "apply", "--whitespace=nowarn", "--reject", str(patch))
    return " and as much of the uncommitted change as fits"


def _check_out(repository: Path, commit: str, target: Path, log: Path) -> str:
    for arguments in (
        ("fetch", "--quiet", "--no-tags", "--depth=1", str(repository), commit),
        ("checkout", "--quiet", "--detach", commit),
    ):
        done = _git(target, log, *arguments)
        if done.exit_code != 0:
            raise ModelLabError(f"git {arguments[0]} failed: {done.tail[-300:]}", hint=f"The log is {log}.")
    return f"commit {commit[:12]} of {repository}"


def _mark_root(target: Path, commit: str, log: Path) -> None:
    """Make the folder the top of a repository, as it was: the new run sees its files from there."""
    kind = "sha256" if len(commit) == 64 else "sha1"
    if _has_git(log):
        _git(target, log, "init", "--quiet", "--template=", f"--object-format={kind}")
    (target / ".git").mkdir(exist_ok=True)


def _has_git(log: Path) -> bool:
    try:
        return _git(log.parent, log, "--version").exit_code == 0
    except ModelLabError:
        return False


def _git(folder: Path, log: Path, *arguments: str) -> Done:
    # Without hooks: they belong to the repository's owner and have nothing to do with the code.
    options = ("-c", f"core.hooksPath={os.devnull}", "-c", "protocol.version=2", "-c", "core.autocrlf=false")
    environ = _clean_environ(os.environ)
    return run_program(
        ["git", *options, *arguments], folder=folder, log=log, environ=environ, timeout_s=_TIMEOUT_S
    )


def _clean_environ(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in environ.items() if not k.startswith("GIT_") or k.startswith("GIT_CONFIG")}
    return kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_LFS_SKIP_SMUDGE": "1"}


def _is_as_recorded(path: Path, folder: Path, sha256: str) -> bool:
    """Whether a file has the text that was recorded, be it that secrets in it were masked for that."""
    if not (_is_inside(path, folder) and path.is_file()):
        return False
    if hash_bytes(path.read_bytes()) == sha256:
        return True
    return hash_bytes(mask_tokens(_read_text(path)).encode("utf-8", "surrogateescape")) == sha256


def _read_text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _is_inside(path: Path, folder: Path) -> bool:
    """Whether a path is in a folder when links are followed: a repository may have links that lead out."""
    return path.resolve().is_relative_to(folder.resolve())
