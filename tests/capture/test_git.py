from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Protocol

import pytest

from modellab.capture.git import MAX_DIFF_LENGTH, GitState, capture_git


class Repository(Protocol):  # as in conftest.py
    @property
    def path(self) -> Path: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, content: str | bytes) -> Path: ...
    def commit(self) -> str: ...


def capture_diff(repository: Repository) -> str:
    state = capture_git(repository.path)
    assert state is not None
    assert state.diff is not None
    return state.diff


def test_a_clean_repository_has_commit_and_branch_and_an_empty_diff(repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD")

    assert capture_git(repository.path) == GitState(commit, "main", False, "")


def test_the_repository_is_found_from_a_folder_below_and_captured_whole(repository: Repository) -> None:
    repository.write("train.py", "print('two')\n")
    (repository.path / "a/b").mkdir(parents=True)

    state = capture_git(repository.path / "a/b")

    assert state is not None
    assert state.dirty is True
    assert "+print('two')" in (state.diff or "")


def test_staged_unstaged_and_new_files_are_all_in_the_diff(repository: Repository) -> None:
    repository.write("staged.py", "staged = 1\n")
    repository.git("add", "staged.py")
    repository.write("train.py", "print('unstaged')\n")
    repository.write("new.py", "new = 1\n")
    repository.write("package/deep.py", "deep = 1\n")

    diff = capture_diff(repository)

    for line in ("+staged = 1", "-print('one')", "+print('unstaged')", "+new = 1", "+deep = 1"):
        assert line in diff.splitlines()


def test_the_diff_turns_the_commit_into_what_ran(repository: Repository, tmp_path: Path) -> None:
    repository.write("gone.py", "x = 1\n")
    commit = repository.commit()
    (repository.path / "gone.py").unlink()
    repository.write("train.py", "print('two')\r\nprint('ü')")
    repository.write("with space.py", "a\n\n\nb\n")
    repository.write("ünder/ta\tb.py", "no end of line")
    repository.write("empty.py", "")
    repository.write("run.sh", "#!/bin/sh\n").chmod(0o755)

    patch = tmp_path / "run.patch"
    patch.write_bytes(capture_diff(repository).encode())
    again = tmp_path / "again"
    repository.git("worktree", "add", "--quiet", str(again), commit)
    subprocess.run(["git", "apply", str(patch)], cwd=again, check=True)

    def read_all(folder: Path) -> dict[str, tuple[bytes, int]]:
        files = (file for file in folder.rglob("*") if file.is_file() and ".git" not in file.parts)
        return {
            str(file.relative_to(folder)): (file.read_bytes(), file.stat().st_mode)
            for file in files
            if file.name != ".git"
        }

    assert read_all(again) == read_all(repository.path)


def test_ignored_files_are_neither_dirt_nor_in_the_diff(repository: Repository) -> None:
    repository.write(".gitignore", "out/\n")
    repository.commit()
    repository.write("out/model.txt", "weights")

    state = capture_git(repository.path)

    assert state is not None
    assert (state.dirty, state.diff) == (False, "")


def test_without_a_commit_there_is_no_hash_but_a_branch_and_a_diff(repository: Repository) -> None:
    shutil.rmtree(repository.path / ".git")
    repository.git("init", "--quiet", "--initial-branch=trunk")
    repository.git("add", "train.py")
    repository.write("train.py", "print('two')\n")

    state = capture_git(repository.path)

    assert state is not None
    assert (state.hash, state.branch, state.dirty) == (None, "trunk", True)
    assert "+print('two')" in (state.diff or "")


def test_a_detached_head_has_no_branch(repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "--quiet", "--detach")

    assert capture_git(repository.path) == GitState(commit, None, False, "")


def test_a_merge_with_conflicts_is_captured(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "side")
    repository.write("train.py", "side\n")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    repository.write("train.py", "main\n")
    repository.commit()
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "side")

    state = capture_git(repository.path)

    assert state is not None
    assert state.dirty is True
    assert "train.py" in (state.diff or "")


def test_a_folder_outside_of_any_repository_has_no_state(tmp_path: Path) -> None:
    assert capture_git(tmp_path) is None
    assert capture_git(tmp_path / "not" / "there") is None


def test_a_folder_inside_a_zip_belongs_to_the_repository_around_the_zip(repository: Repository) -> None:
    repository.write("app.zip", b"PK\0")
    repository.commit()

    state = capture_git(repository.path / "app.zip" / "package")

    assert state is not None
    assert state.branch == "main"


def test_without_git_there_is_no_state(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository.path))

    assert capture_git(repository.path) is None


def test_a_broken_repository_has_no_state(repository: Repository) -> None:
    (repository.path / ".git/HEAD").write_text("nonsense")

    assert capture_git(repository.path) is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_that_git_does_not_trust_has_no_state(repository: Repository) -> None:
    os.chown(repository.path, 12_345, 12_345)

    assert capture_git(repository.path) is None


def test_a_git_that_fails_at_status_still_gives_commit_and_branch(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a git from before 2.17, which does not know the format asked for.
    commit = repository.git("rev-parse", "HEAD")
    repository.write("train.py", "print('two')\n")
    script = tmp_path / "bin/git"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\ncase " $* " in *" status "*) exit 129;; esac\nexec {shutil.which("git")} "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent))

    assert capture_git(repository.path) == GitState(commit, "main", None, None)


def test_nothing_is_written_into_the_repository(repository: Repository) -> None:
    index = repository.path / ".git/index"
    os.utime(repository.path / "train.py", (1_000_000_000, 1_000_000_000))  # looks changed, is not
    before = index.read_bytes(), index.stat().st_mtime_ns, sorted(os.listdir(repository.path / ".git"))
    repository.write("other.py", "x = 1\n")
    repository.git("--no-optional-locks", "status")

    diff = capture_diff(repository)

    after = index.read_bytes(), index.stat().st_mtime_ns, sorted(os.listdir(repository.path / ".git"))
    assert after == before
    assert "train.py" not in diff


def test_a_change_next_to_a_file_that_was_only_touched_is_all_there_is(repository: Repository) -> None:
    repository.write("other.py", "x = 1\n")
    repository.commit()
    index = (repository.path / ".git/index").read_bytes()
    os.utime(repository.path / "train.py", (1_000_000_000, 1_000_000_000))
    repository.write("other.py", "x = 2\n")

    diff = capture_diff(repository)

    assert "+x = 2" in diff
    assert "train.py" not in diff
    assert (repository.path / ".git/index").read_bytes() == index


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_repository_is_captured(repository: Repository) -> None:
    repository.write("train.py", "print('two')\n")
    for folder in (repository.path, repository.path / ".git"):
        folder.chmod(0o555)
    try:
        assert "+print('two')" in capture_diff(repository)
    finally:
        for folder in (repository.path, repository.path / ".git"):
            folder.chmod(0o755)


def test_settings_of_the_user_do_not_change_the_diff(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("a/deep.txt", "".join(f"{n}\n" for n in range(40)))
    repository.write(".gitattributes", "*.txt diff=loud\n")
    repository.commit()
    repository.write("a/deep.txt", "".join(f"{n if n % 10 else -n}\n" for n in range(40)))
    plain = capture_diff(repository)

    marker = repository.path / ".git" / "started"
    for name, value in {
        "color.ui": "always",
        "core.pager": f"touch {marker}",
        "core.fsmonitor": f"touch {marker};",
        "diff.external": f"touch {marker}; echo",
        "diff.loud.textconv": f"touch {marker}; echo",
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.context": "0",
        "diff.relative": "true",
        "status.relativePaths": "true",
        "status.showUntrackedFiles": "no",
    }.items():
        repository.git("config", name, value)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {marker}; echo")
    monkeypatch.setenv("GIT_DIFF_OPTS", "-u0")
    monkeypatch.setenv("GIT_DIR", "elsewhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "elsewhere")

    state = capture_git(repository.path / "a")

    assert state is not None
    assert state.diff == plain
    assert not marker.exists()


def test_binary_files_are_named_and_not_shown(repository: Repository) -> None:
    repository.write("tracked.bin", b"\0one")
    repository.commit()
    repository.write("tracked.bin", b"\0two")
    repository.write("new.bin", b"\0three")

    diff = capture_diff(repository)

    assert "Binary files a/tracked.bin and b/tracked.bin differ" in diff
    assert "# 1 file new and not shown: new.bin\n" in diff
    assert "\0" not in diff


def test_text_that_no_database_can_hold_is_replaced(repository: Repository) -> None:
    repository.write("train.py", b"# caf\xe9\n" + b"x = 1\n" * 3_000 + b"late = '\0'\n")

    diff = capture_diff(repository)

    diff.encode()
    assert "+# caf\N{REPLACEMENT CHARACTER}\n" in diff
    assert "\0" not in diff


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_names_that_are_not_utf_8_are_quoted(repository: Repository) -> None:
    Path(os.fsdecode(os.fsencode(repository.path) + b"/caf\xe9.py")).write_text("x = 1\n")

    diff = capture_diff(repository)

    diff.encode()
    assert '+++ "b/caf\\351.py"\n@@ -0,0 +1,1 @@\n+x = 1\n' in diff


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_links_pipes_and_folders_of_other_repositories_are_not_followed(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "outside.txt").write_text("private words")
    (repository.path / "link.txt").symlink_to(tmp_path / "outside.txt")
    (repository.path / "folder").symlink_to(tmp_path)
    os.mkfifo(repository.path / "pipe")
    nested = repository.path / "work/nested"
    nested.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", str(nested)], check=True)
    (nested / "file.txt").write_text("private words")

    diff = capture_diff(repository)

    assert "private words" not in diff
    assert "link.txt" in diff
    assert "work/nested/" in diff


def test_new_files_are_bounded_in_number_and_size(repository: Repository) -> None:
    repository.write("a_large.csv", "1,2,3\n" * 20_000)
    for n in range(130):
        repository.write(f"out/{n:03}.txt", f"text {n}\n")
    repository.write("train_new.py", "x = 1\n")

    diff = capture_diff(repository)

    assert diff.count("\nnew file mode") == 100
    assert "+x = 1" in diff
    assert diff.startswith("# 32 files new and not shown: a_large.csv, out/")


def test_bytecode_that_nobody_ignores_is_no_change(repository: Repository) -> None:
    repository.write("__pycache__/train.cpython-311.pyc", b"\0")
    repository.write("gone/__pycache__/model.cpython-311.pyc", b"\0")
    state = capture_git(repository.path)
    assert state is not None
    assert (state.dirty, state.diff) == (False, "")

    repository.write("lib/__pycache__/model.cpython-311.pyc", b"\0")
    repository.write("lib/model.py", "x = 1\n")
    diff = capture_diff(repository)
    assert "+x = 1" in diff
    assert "pyc" not in diff


def test_a_folder_with_very_many_new_files_is_listed_in_part(repository: Repository) -> None:
    for n in range(1_500):
        repository.write(f"out/{n:0100}.bin", b"\0")
    repository.write("train_new.py", "x = 1\n")

    diff = capture_diff(repository)

    assert diff.startswith("# at least ")
    assert "+x = 1" in diff
    assert len(diff) < 20_000


def test_a_large_diff_is_cut_at_a_line_and_says_how_much_is_missing(repository: Repository) -> None:
    repository.write("data.txt", "")
    repository.commit()
    repository.write("data.txt", "0123456789\n" * 200_000)

    diff = capture_diff(repository)
    whole = repository.git("diff", "HEAD") + "\n"

    assert len(diff) <= MAX_DIFF_LENGTH
    *kept, last = diff.splitlines(keepends=True)
    assert all(line == "+0123456789\n" for line in kept[10:])
    assert last == f"# {len(whole) - len(''.join(kept))} characters left out\n"


def test_a_changed_submodule_is_shown_by_its_commits(repository: Repository, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "--quiet", str(repository.path), str(other)], check=True)
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    repository.commit()
    (repository.path / "sub/train.py").write_text("print('three')\n")
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "--quiet", "-am", "three"]
    subprocess.run(command, cwd=repository.path / "sub", check=True)

    diff = capture_diff(repository)

    assert "+Subproject commit " in diff
    assert "three" not in diff
