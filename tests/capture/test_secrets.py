from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from modellab.capture.git import capture_git
from modellab.capture.redaction import is_secret_file, is_secret_name, redact_arguments

SECRET_PATHS = [
    ".env",
    ".env.local",
    "app/.ENV.Production",
    "certs/server.pem",
    "deep/er/private.KEY",
    "store.p12",
    "store.pfx",
    "android.keystore",
    "id_rsa",
    "id_rsa.old",
    "keys/id_ed25519",
    ".netrc",
    ".pgpass",
    ".pypirc",
    "web/.npmrc",
    "credentials.json",
    "Credentials",
    "my_SECRET_plan.txt",
    "secrets.yaml",
    "secrets/database.yaml",
    "prod.tfvars",
    ".htpasswd",
]
SHAREABLE_PATHS = [".env.example", "app/.env.sample", ".env.template"]
PLAIN_PATHS = ["train.py", "environment.yml", "keyboard.py", "tokens.txt", "model.env.py", "monkey.txt"]
WORD = "hunter2"


class Repository(Protocol):  # as in conftest.py
    @property
    def path(self) -> Path: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, content: str | bytes) -> Path: ...
    def commit(self) -> str: ...


def capture_diff(repository: Repository) -> str:
    state = capture_git(repository.path)
    assert state is not None
    assert state.dirty is True
    assert state.diff is not None
    return state.diff


@pytest.mark.parametrize("path", SECRET_PATHS)
def test_these_files_are_secret(path: str) -> None:
    assert is_secret_file(path)


@pytest.mark.parametrize("path", SHAREABLE_PATHS + PLAIN_PATHS)
def test_these_files_are_not_secret(path: str) -> None:
    assert not is_secret_file(path)


@pytest.mark.parametrize("state", ["new", "staged", "changed", "deleted"])
def test_secret_bearing_files_are_named_but_never_shown(repository: Repository, state: str) -> None:
    for path in SECRET_PATHS:
        repository.write(path, f"password = {WORD}\n")
    if state in ("changed", "deleted"):
        repository.commit()
    for path in SECRET_PATHS:
        if state == "changed":
            repository.write(path, f"password = {WORD} and more\n")
        elif state == "deleted":
            (repository.path / path).unlink()
    if state == "staged":
        repository.git("add", "--all", "--force")
    repository.write("train.py", "print('two')\n")

    diff = capture_diff(repository)

    assert WORD not in diff
    assert "+print('two')" in diff
    note = diff.splitlines()[0]
    assert note.startswith(f"# {len(SECRET_PATHS)} files withheld")
    assert all(path in note for path in SECRET_PATHS)


def test_examples_of_settings_are_shown(repository: Repository) -> None:
    for path in SHAREABLE_PATHS:
        repository.write(path, "PROJECT=\n")
    repository.commit()
    for path in SHAREABLE_PATHS:
        repository.write(path, f"PROJECT={path}\n")
    repository.write("new/.env.example", "PROJECT=new\n")

    diff = capture_diff(repository)

    for path in SHAREABLE_PATHS:
        assert f"+PROJECT={path}" in diff
    assert "+PROJECT=new" in diff
    assert "withheld" not in diff


@pytest.mark.parametrize("stage", [True, False])
def test_renaming_a_secret_bearing_file_does_not_show_it(repository: Repository, stage: bool) -> None:
    repository.write(".env", f"password = {WORD}\n")
    repository.commit()
    (repository.path / ".env").rename(repository.path / "settings.txt")
    if stage:
        repository.git("add", "--all")
    repository.git("config", "diff.renames", "copies")
    repository.git("config", "status.renames", "copies")
    repository.write("train.py", "print('two')\n")

    diff = capture_diff(repository)

    assert WORD not in diff
    assert "settings.txt" in diff
    assert "+print('two')" in diff


def test_new_files_are_shown_when_a_secret_is_only_no_longer_tracked(repository: Repository) -> None:
    repository.write(".env", f"password = {WORD}\n")
    repository.commit()
    repository.git("rm", "--quiet", "--cached", ".env")
    repository.write("new.py", "x = 1\n")

    diff = capture_diff(repository)

    assert WORD not in diff
    assert "+x = 1" in diff


@pytest.mark.parametrize("name", ["LITERAL", "NOGLOB", "GLOB", "ICASE"])
def test_path_settings_of_the_user_do_not_disarm_the_exclusion(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    repository.write("app/.env", "")
    repository.commit()
    repository.write("app/.env", f"password = {WORD}\n")
    repository.write("train.py", "print('two')\n")
    monkeypatch.setenv(f"GIT_{name}_PATHSPECS", "1")

    diff = capture_diff(repository)

    assert WORD not in diff
    assert "+print('two')" in diff


@pytest.mark.parametrize(
    "name",
    [
        "api_key",
        "--api-key",
        "OPENAI_API_KEY",
        "apiKey",
        "--token",
        "--hf_token",
        "GITHUB_TOKEN",
        "password",
        "--db.password",
        "passwd",
        "clientSecret",
        "secret_key",
        "--aws_secret_access_key",
        "wandb.api_key",
        "credentials",
    ],
)
def test_these_names_speak_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "lr",
        "--max_tokens",
        "--tokenizer",
        "tokens_per_second",
        "pad_token",
        "--eos-token",
        "num_token",
        "key",
        "sort_key",
        "key_dim",
        "keyboard",
        "author",
        "secretary",
        "-k",
        "compass",
        "--password_file",
    ],
)
def test_these_names_do_not_speak_of_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("arguments", "redacted"),
    [
        (["--api_key=abc", "--lr=1"], ["--api_key=***", "--lr=1"]),
        (["--password", "abc", "--lr", "1"], ["--password", "***", "--lr", "1"]),
        (["--password", "-abc"], ["--password", "***"]),
        (["--use-token", "--lr", "1"], ["--use-token", "--lr", "1"]),
        (["wandb.api_key=abc", "+hf_token=abc"], ["wandb.api_key=***", "+hf_token=***"]),
        (["--token=a=b c"], ["--token=***"]),
        (["postgresql://ada:abc@host/db"], ["postgresql://ada:***@host/db"]),
        (["--url=https://ada:abc@host/?q=1"], ["--url=https://ada:***@host/?q=1"]),
        (["-c", "train(api_key='abc', lr='1')"], ["-c", "train(api_key='***', lr='1')"]),
        (['{"password": "a\\"bc", "lr": "1"}'], ['{"password": "***", "lr": "1"}']),
        (["--max_tokens", "512", "a:b@c"], ["--max_tokens", "512", "a:b@c"]),
        ([], []),
    ],
)
def test_values_of_secret_arguments_are_masked(arguments: list[str], redacted: list[str]) -> None:
    assert redact_arguments(arguments) == redacted
