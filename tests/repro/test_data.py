from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.repro.conftest import Lab, Repeat

Rewrite = Callable[..., Path]

TRAIN = """\
import sys
from modellab import current_run, log_run

@log_run()
def train(path, seed=1):
    current_run().log_dataset(path, name="numbers", split="train")
    with open(path) as file:
        return {"total": sum(float(line) for line in list(file)[1:])}

train(sys.argv[1].partition("=")[2] or sys.argv[1])
"""


def make_run(lab: Lab, argument: str) -> str:
    lab.write({"train.py": TRAIN, ".gitignore": "data\nmanifests\n"})
    lab.commit()
    return lab.train("train.py", argument)


def find_data(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return next(name for name in archive.namelist() if name.endswith("numbers.csv"))


@pytest.mark.parametrize("form", ["{}", "--data={}"])
@pytest.mark.parametrize("place", ["relative", "inside", "outside"])
def test_data_in_the_pack_are_found_where_the_command_looks(
    lab: Lab, repeat: Repeat, tmp_path: Path, place: str, form: str
) -> None:
    lab.write({"data/numbers.csv": "x\n1\n2.5\n"})
    file = lab.root / "data" / "numbers.csv"
    if place == "outside":
        file = file.rename(tmp_path / "numbers.csv")
    named = "data/numbers.csv" if place == "relative" else str(file)
    path = lab.pack(make_run(lab, form.format(named)))
    file.unlink()
    attempt = repeat(path)
    assert attempt.outcome == "reproduced", attempt.verdict
    assert attempt.inputs == set()
    assert "Data: 1 of 1 are here" in attempt.stages


def test_data_that_are_not_in_the_pack_are_taken_from_a_file_that_is_named(
    lab: Lab, repeat: Repeat, tmp_path: Path
) -> None:
    lab.write({"data/numbers.csv": "x\n1\n"})
    path = lab.pack(make_run(lab, "data/numbers.csv"), data="none")
    failed = repeat(path)
    assert failed.outcome == "failed"
    told = (
        "numbers version 1 (numbers.csv, 4 bytes) is neither in the pack nor here; name it with --data FILE"
    )
    assert told in failed.details("dataset")
    assert failed.stages.index(f"Note: {told}") < next(
        n for n, stage in enumerate(failed.stages) if stage.startswith("Running ")
    )
    copy = tmp_path / "copy.csv"
    (lab.root / "data" / "numbers.csv").rename(copy)
    assert repeat(path, data=[copy]).outcome == "reproduced"


def test_data_that_the_command_gets_itself_are_not_said_to_differ(lab: Lab, repeat: Repeat) -> None:
    lab.write({"data/numbers.csv": "x\n1\n"})
    code = "from pathlib import Path\nPath('data').mkdir(exist_ok=True)\n"
    code += "Path('data/numbers.csv').write_text('x\\n1\\n')\n"
    lab.write({"train.py": code + TRAIN, ".gitignore": "data\nmanifests\n"})
    attempt = repeat(lab.pack(lab.train("train.py", "data/numbers.csv"), data="none"))
    assert attempt.outcome == "reproduced", attempt.verdict
    assert attempt.inputs == set()
    assert any(stage.startswith("Note: numbers version 1") for stage in attempt.stages)


def test_data_that_were_changed_are_named(lab: Lab, repeat: Repeat, rewrite: Rewrite) -> None:
    lab.write({"data/numbers.csv": "x\n1\n2\n"})
    path = lab.pack(make_run(lab, "data/numbers.csv"))
    attempt = repeat(rewrite(path, {find_data(path): b"x\n1\n3\n"}))
    assert attempt.outcome == "differs"
    assert attempt.inputs == {"dataset"}
    assert [check.found for check in attempt.verdict.metrics] == [4.0]


def test_data_that_the_code_makes_itself_need_no_file(lab: Lab, repeat: Repeat) -> None:
    lab.write(
        {
            "train.py": "from modellab import start_run\n\nwith start_run('frame', seed=1) as run:\n"
            "    run.log_dataset([{'a': 1}, {'a': 2}], name='made')\n    run.log_metrics({'loss': 0.5})\n"
        }
    )
    attempt = repeat(lab.pack(lab.train("train.py")))
    assert attempt.outcome == "reproduced", attempt.verdict
    assert attempt.inputs == set()
    assert sorted(path.name for path in attempt.place.code.iterdir()) == ["train.py"]
