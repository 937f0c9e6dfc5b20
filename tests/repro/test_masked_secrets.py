"""An API key in code, change, command, params or output is in no journal and no pack, and the pack runs."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.repro.conftest import Lab, Repeat

SECRET = "kQ9-" + "x_Y7" * 9 + "zz4"
KEY = f"mlk_5f0c2a91b7de_{SECRET}"
MASKED = "mlk_5f0c2a91b7de_***"
LEAK = """\
import sys
from modellab import current_run, log_run

KEY = "{key}"
WIDTH = 4

@log_run
def train(key, nested, seed=1):
    print("using", key)
    current_run().set_tags({{"key": key}})
    return {{"width": float(WIDTH)}}

train(sys.argv[1], {{"list": [KEY]}})
"""


def write_key(lab: Lab, *, name: str = "train.py", key: str = KEY) -> None:
    lab.write({name: LEAK.format(key=key)})


def assert_nowhere(lab: Lab, run_id: str) -> None:
    with zipfile.ZipFile(lab.pack(run_id)) as archive:
        for name in archive.namelist():
            assert SECRET.encode() not in archive.read(name), name
    journals = [path for path in (lab.root / "manifests" / "journals").rglob("*") if path.is_file()]
    assert journals
    for path in journals:
        assert SECRET.encode() not in path.read_bytes(), path


def test_a_key_of_ours_is_nowhere_in_journal_and_pack_and_the_pack_says_where_it_was(lab: Lab) -> None:
    lab.commit()
    write_key(lab)
    lab.write({"new.py": f"modellab.configure(api_key='{KEY}')\n"})
    run_id = lab.train("train.py", KEY)
    assert_nowhere(lab, run_id)
    with lab.store as store:
        run = store.runs.get(run_id)
    assert run.params["key"] == MASKED
    assert run.params["nested"] == {"list": [MASKED]}
    assert run.tags == {"key": MASKED}
    assert MASKED in str(run.command)
    sentences = "\n".join(lab.manifest(run_id).weaknesses)
    assert "Secrets in the code were not recorded; *** stands for them: train.py." in sentences
    assert "secrets in 2 files, masked as ***: train.py, new.py" in sentences


def test_an_error_and_its_traceback_show_no_key(lab: Lab) -> None:
    lab.write(
        {
            "train.py": "from modellab import start_run\n\nwith start_run('bad'):\n"
            f"    error = ValueError('no such key: {KEY}')\n    error.add_note('{KEY}')\n    raise error\n"
        }
    )
    run_id = lab.train("train.py", exit_code=1)
    assert_nowhere(lab, run_id)
    with lab.store as store:
        run = store.runs.get(run_id)
    assert run.error == f"ValueError: no such key: {MASKED}"
    assert MASKED in str(run.traceback)


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_run_is_repeated_in_a_repository_and_masked_secrets_are_told(
    lab: Lab, repeat: Repeat, is_committed: bool
) -> None:
    lab.write({"lib/conf.py": "x = 1\n"})
    if is_committed:
        write_key(lab)
    lab.commit()
    text = LEAK.format(key=KEY)
    lab.write({"train.py": text.replace("WIDTH = 4", "WIDTH = 5"), "lib/conf.py": "x = 2\n"})
    path = lab.pack(lab.train("train.py", "plain"))
    for options in ({"repository": lab.root}, {}):
        attempt = repeat(path, **options)
        assert attempt.outcome == "reproduced", attempt.verdict
        assert attempt.inputs == {"code"}
        assert "train.py had a secret in it that was not recorded; *** stands for it" in attempt.details(
            "code"
        )
        if options:
            assert (attempt.place.code / "lib" / "conf.py").read_text() == "x = 2\n"


def test_a_key_that_the_commit_has_is_there_again_and_nothing_differs(lab: Lab, repeat: Repeat) -> None:
    write_key(lab)
    lab.commit()
    attempt = repeat(lab.pack(lab.train("train.py", "plain")), repository=lab.root)
    assert attempt.outcome == "reproduced", attempt.verdict
    assert attempt.inputs == set()
    assert KEY in (attempt.place.code / "train.py").read_text()
