"""The steps of `reproduce.md` work as they stand, in another folder."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.repro.conftest import Lab

SWEEP = """\
import sys
from pathlib import Path
from mine.parts import WIDTH
from modellab import current_run, log_run

@log_run
def train(data, seed=1):
    current_run().log_dataset(data, name="numbers")
    Path("ran.txt").write_text(f"{WIDTH} {Path(data).read_text()}")
    return {"width": float(WIDTH)}

train(sys.argv[1].partition("=")[2])
"""


@pytest.mark.parametrize("place", ["inside", "outside"])
@pytest.mark.parametrize("is_in_repository", [True, False])
def test_the_steps_by_hand_run_the_code_of_the_pack_with_its_data(
    lab: Lab, tmp_path: Path, place: str, is_in_repository: bool
) -> None:
    data = (lab.root if place == "inside" else tmp_path) / "data" / "numbers.csv"
    lab.write({"jobs/sweep.py": SWEEP, "src/mine/parts.py": "WIDTH = 4\n", ".gitignore": "data\nmanifests\n"})
    data.parent.mkdir()
    data.write_text("x\n1\n")
    if is_in_repository:
        lab.git("init", "--quiet")
        lab.commit()
    script = str(lab.root / "jobs" / "sweep.py")
    src = str(lab.root / "src") if is_in_repository else f"{lab.root}/jobs"
    if not is_in_repository:  # then the code is what lies beside the script
        (lab.root / "src" / "mine").rename(lab.root / "jobs" / "mine")
    run_id = lab.train(script, f"--data={data}", PYTHONPATH=src)
    pack = tmp_path / "pack"
    with zipfile.ZipFile(lab.pack(run_id)) as archive:
        archive.extractall(pack)
    document = (pack / "reproduce.md").read_text()
    steps = document[document.index("## Step by step") : document.index("## What should come out")]
    code_step, _, *rest = re.findall(r"^```sh\n(.*?)^```$", steps, re.DOTALL | re.MULTILINE)
    run_step = "\n".join(rest)
    assert str(lab.root) not in run_step
    lab.root.rename(tmp_path / "away")
    data.unlink(missing_ok=True)
    code_step = code_step.replace("REPOSITORY", str(tmp_path / "away"))
    beside = Path(sys.executable).parent
    subprocess.run(
        ["sh", "-e", "-c", f"{code_step}\n{run_step}"],
        cwd=pack,
        env={"PATH": f"{beside}:/usr/bin:/bin", "DB_PATH": str(tmp_path / "again" / "again.db")},
        check=True,
        timeout=60,
    )
    ran = [path.read_text() for path in pack.rglob("ran.txt")]
    assert ran == ["4 x\n1\n"]
