"""Keys and tokens that are known by their shape are masked wherever they stand."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from modellab.capture.console import ConsoleCapture
from modellab.capture.git import capture_git
from modellab.capture.redaction import has_masked_token, holds_secret, mask_tokens, redact_arguments
from modellab.store import Store

if TYPE_CHECKING:
    from tests.capture.conftest import Repository, Streams

SECRET = "kQ9-" + "x_Y7" * 9 + "zz4"
KEY = f"mlk_5f0c2a91b7de_{SECRET}"
MASKED = "mlk_5f0c2a91b7de_***"


def test_a_key_that_the_store_makes_is_masked_but_for_its_public_id(sqlite_store: Store) -> None:
    sqlite_store.accounts.add("ada", "admin", "correct horse battery")
    for _ in range(20):
        made = sqlite_store.keys.add("ada", "laptop", "log")
        assert mask_tokens(f"'{made.token}'") == f"'mlk_{made.key.key_id}_***'"


@pytest.mark.parametrize(
    ("token", "masked"),
    [
        (KEY, MASKED),
        (KEY[:20], MASKED),  # of a text that was cut
        ("sk-" + "aB3d" * 12, "sk-***"),
        ("sk-proj-" + "aB3_" * 20, "sk-proj-***"),
        ("sk-ant-api03-" + "aB3-" * 23, "sk-ant-api03-***"),
        ("ghp_" + "aB3d" * 9, "ghp_***"),
        ("github_pat_" + "a1" * 11 + "_" + "b" * 59, "github_pat_***"),
        ("AKIA" + "IOSF7DNN" * 2, "AKIA***"),
        ("xoxb-123456789012-1234567890123-" + "aB3d" * 6, "xoxb-***"),
        ("hf_" + "aB" * 17, "hf_***"),
    ],
)
@pytest.mark.parametrize("around", ["{}", 'KEY = "{}"', "line\\n{}", "x={}&y=1", "+{}\n", "é{}é"])
def test_tokens_of_these_shapes_are_masked(token: str, masked: str, around: str) -> None:
    text = mask_tokens(around.format(token))
    assert text == around.format(masked)
    assert has_masked_token(text)
    assert mask_tokens(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "mlk_loss_weight_per_token_and_step = 0.1",
        "from huggingface_hub import hf_hub_download",
        "pip install sk-learn",
        "task-" + "0123456789ab" * 4,
        "disk-" + "a" * 64,
        "https://github.com/psf/black/commit/" + "0f" * 20,
        "AKIA = 'AKIAB'",
        "asciiASIAABCDEFGHIJKLMNOP",
        "xoxo-love-and-kisses-to-everyone",
        "half_" + "ab" * 17,
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert mask_tokens(text) == text


def test_code_with_a_masked_token_is_no_secret_any_more() -> None:
    line = f'modellab.configure(api_key="{KEY}")'
    assert holds_secret(line)
    assert not holds_secret(mask_tokens(line))
    assert holds_secret(mask_tokens(line) + '\napi_key="another"')


def test_arguments_and_console_lines_are_masked(streams: Streams) -> None:
    assert redact_arguments(["wk.py", KEY, f"--name={KEY}"]) == ["wk.py", MASKED, f"--name={MASKED}"]
    lines: list[tuple[str, str]] = []
    capture = ConsoleCapture(lambda stream, line: lines.append((stream, line)))
    capture.start()
    sys.stdout.write(f"key {KEY[:25]}")
    sys.stdout.write(f"{KEY[25:]}\n")
    capture.stop()
    assert lines == [("stdout", f"key {MASKED}")]
    assert KEY in streams.printed


def test_a_change_is_masked_and_says_in_which_files_and_still_applies(repository: Repository) -> None:
    repository.write("other.py", "x = 1\n")
    repository.commit()
    repository.write("train.py", f"print('one')\nKEY = '{KEY}'\n")
    repository.write("other.py", "x = 2\n")
    repository.write("my new.py", f"configure('{KEY}')\n")

    state = capture_git(repository.path)

    assert state is not None
    assert state.diff is not None
    assert SECRET not in state.diff
    assert state.diff.splitlines()[0] == "# secrets in 2 files, masked as ***: train.py, my new.py"
    clone = repository.path.parent / "clone"
    repository.git("clone", "--quiet", str(repository.path), str(clone))
    subprocess.run(["git", "apply"], input=state.diff, text=True, cwd=clone, check=True)
    assert (clone / "train.py").read_text() == f"print('one')\nKEY = '{MASKED}'\n"
    assert (clone / "my new.py").read_text() == f"configure('{MASKED}')\n"
    assert (clone / "other.py").read_text() == "x = 2\n"
