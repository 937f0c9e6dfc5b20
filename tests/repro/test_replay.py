from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modellab.errors import InvalidInput, ModelLabError, NotFound
from modellab.repro.replay import make_workplace

if TYPE_CHECKING:
    from tests.repro.conftest import Lab, Repeat

Rewrite = Callable[..., Path]

DEMO = Path(__file__).parents[2] / "examples" / "train_model" / "run.py"


def make_dirty_run(lab: Lab) -> str:
    """A run in a repository with an uncommitted change that decides its metrics."""
    lab.commit()
    lab.write({"lib/model.py": "def scale(value: float) -> float:\n    return 0.75 * value\n"})
    return lab.train("train.py", "0.25")


def test_a_run_with_an_uncommitted_change_is_reproduced_in_an_empty_folder(lab: Lab, repeat: Repeat) -> None:
    run_id = make_dirty_run(lab)
    attempt = repeat(lab.pack(run_id))
    assert attempt.outcome == "reproduced", attempt.verdict
    assert attempt.verdict.differences == []
    assert attempt.verdict.run_id not in (None, run_id)
    checks = {check.name: check.agrees for check in attempt.verdict.metrics}
    assert checks == {"accuracy": True, "runtime_s": None}
    assert "Code from the pack" in attempt.stages
    assert not (lab.root / "manifests" / "journals" / str(attempt.verdict.run_id)).exists()


def test_the_code_comes_from_a_repository_that_has_the_commit(
    lab: Lab, repeat: Repeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lab.pack(make_dirty_run(lab))
    lab.git("checkout", "--quiet", "--", ".")
    lab.write({"train.py": "raise SystemExit('the newest code is not what was recorded')\n"})
    lab.commit()
    named = repeat(path, repository=lab.root)
    assert named.outcome == "reproduced", named.verdict
    assert any("and the uncommitted change" in stage for stage in named.stages)
    assert (named.place.code / ".gitignore").is_file()

    monkeypatch.chdir(lab.root)
    found = repeat(path)
    assert found.outcome == "reproduced"
    assert any(f"of {lab.root}" in stage for stage in found.stages)


def test_a_repository_without_the_commit_is_refused_if_named_and_passed_over_if_not(
    lab: Lab, repeat: Repeat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lab.pack(make_dirty_run(lab))
    other = type(lab)(tmp_path / "other")
    other.write({"readme.md": "another repository"})
    other.commit()
    with pytest.raises(InvalidInput, match="has no commit"):
        repeat(path, repository=other.root)
    monkeypatch.chdir(other.root)
    assert "Code from the pack" in repeat(path).stages


def test_a_run_outside_of_any_repository_is_reproduced_and_its_pack_says_what_is_weaker(
    lab: Lab, repeat: Repeat
) -> None:
    run_id = lab.train("../train.py", "0.25", folder="lib")
    manifest = lab.manifest(run_id)
    assert manifest.git_hash is None
    assert not manifest.in_repository
    assert any("not in a git repository" in sentence for sentence in manifest.weaknesses)
    assert manifest.folder == "lib"
    attempt = repeat(lab.pack(run_id))
    assert attempt.outcome == "reproduced", attempt.verdict


def test_the_commit_of_a_repository_that_the_script_is_not_in_is_not_said_to_be_that_of_the_code(
    lab: Lab, repeat: Repeat, tmp_path: Path
) -> None:
    commit = lab.commit()
    lab.write({"lib/model.py": "def scale(value: float) -> float:\n    return value\n"})
    outside = tmp_path / "scripts" / "train.py"
    outside.parent.mkdir()
    outside.write_text(TRAIN_JOB)
    run_id = lab.train(str(outside))
    manifest = lab.manifest(run_id)
    assert (manifest.git_hash, manifest.git_branch, manifest.has_diff) == (None, None, False)
    path = lab.pack(run_id)
    with zipfile.ZipFile(path) as archive:
        document = archive.read("reproduce.md").decode()
        assert not [name for name in archive.namelist() if name.startswith("git/")]
    assert "not in a git repository" not in document
    assert "Commit:" not in document
    assert (
        f"The script lay outside of the git repository that it was started in (commit {commit})" in document
    )
    assert repeat(path).outcome == "reproduced"


def test_a_module_run_with_m_from_a_subfolder_is_reproduced(lab: Lab, repeat: Repeat) -> None:
    lab.write({"work/job/__init__.py": "", "work/job/main.py": TRAIN_JOB})
    lab.commit()
    run_id = lab.train("-m", "job.main", folder="work")
    attempt = repeat(lab.pack(run_id))
    assert attempt.outcome == "reproduced", attempt.verdict


TRAIN_JOB = """\
from modellab import start_run

with start_run("job", seed=1) as run:
    run.log_metrics({"loss": 0.125})
"""


def test_of_several_runs_of_a_command_the_one_of_the_pack_is_compared(lab: Lab, repeat: Repeat) -> None:
    lab.write(
        {
            "train.py": "from modellab import log_run\n\n@log_run()\ndef train(rate, seed=1):\n"
            "    return {'loss': rate * 2}\n\nfor rate in (0.5, 0.25, 0.125):\n    train(rate)\n"
        }
    )
    lab.train("train.py")
    with lab.store as store:
        middle = next(run.run_id for run in store.runs.list().items if run.params["rate"] == 0.25)
    attempt = repeat(lab.pack(middle))
    assert attempt.outcome == "reproduced"
    assert [check.found for check in attempt.verdict.metrics] == [0.5]


def test_paths_below_the_projects_root_lead_to_the_new_place(lab: Lab, repeat: Repeat) -> None:
    lab.write(
        {
            "train.py": "import sys\nfrom pathlib import Path\nfrom modellab import log_run\n\n@log_run()\n"
            "def train(out, seed=1):\n    Path(out).mkdir(exist_ok=True)\n    return {'loss': 1.0}\n\n"
            "train(sys.argv[1].partition('=')[2])\n"
        }
    )
    run_id = lab.train(str(lab.root / "train.py"), f"--out={lab.root / 'models'}")
    attempt = repeat(lab.pack(run_id))
    assert attempt.outcome == "reproduced"
    assert attempt.inputs == set()
    assert (attempt.place.code / "models").is_dir()


def test_environment_variables_that_decide_are_those_of_the_run(
    lab: Lab, repeat: Repeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.write(
        {
            "train.py": "import os\nfrom modellab import log_run\n\n@log_run()\ndef train(seed=1):\n"
            "    threads = int(os.environ['OMP_NUM_THREADS'])\n"
            "    return {'hash': hash('x') % 1000, 'threads': threads}\n\ntrain()\n"
        }
    )
    run_id = lab.train("train.py", PYTHONHASHSEED="7", OMP_NUM_THREADS="3", MY_API_KEY="hidden-value")
    monkeypatch.setenv("PYTHONHASHSEED", "8")
    monkeypatch.setenv("MKL_NUM_THREADS", "2")
    attempt = repeat(lab.pack(run_id))
    assert attempt.outcome == "reproduced", attempt.verdict
    assert attempt.inputs == set()


def test_another_metric_than_expected_is_named_and_a_wider_tolerance_lets_it_pass(
    lab: Lab, repeat: Repeat, rewrite: Rewrite
) -> None:
    path = lab.pack(make_dirty_run(lab))
    with zipfile.ZipFile(path) as archive:
        expected = json.loads(archive.read("manifest.json"))["expected_metrics"]
    expected[0]["value"] *= 1 + 1e-6
    path = rewrite(path, expected_metrics=expected)
    attempt = repeat(path)
    assert attempt.outcome == "differs"
    assert [check.name for check in attempt.verdict.metrics if check.agrees is False] == ["accuracy"]
    assert attempt.inputs == set()
    assert repeat(path, tolerance=1e-5).outcome == "reproduced"


def test_code_that_was_edited_in_the_pack_is_named(lab: Lab, repeat: Repeat, rewrite: Rewrite) -> None:
    path = lab.pack(make_dirty_run(lab))
    attempt = repeat(
        rewrite(path, {"code/lib/model.py": b"def scale(value: float) -> float:\n    return value\n"})
    )
    assert attempt.outcome == "differs"
    assert attempt.inputs == {"code"}
    assert "lib/model.py" in attempt.details("code")


def test_packages_python_machine_and_seed_that_are_not_the_same_are_named(
    lab: Lab, repeat: Repeat, rewrite: Rewrite
) -> None:
    path = lab.pack(make_dirty_run(lab))
    attempt = repeat(
        rewrite(
            path,
            packages=["orjson==0.0.1", "not-here==1.0"],
            python_version="3.8.1",
            device_info={"cpu": "Abacus", "gpus": [{"name": "H200"}]},
            seed=None,
        )
    )
    assert attempt.outcome == "reproduced"
    assert attempt.inputs == {"packages", "python", "machine", "seed"}
    assert "orjson 0.0.1 →" in attempt.details("packages")
    assert "not-here 1.0 → not installed" in attempt.details("packages")
    assert "GPU H200 → none" in attempt.details("machine")


def test_a_command_that_fails_is_told_with_the_end_of_what_it_printed(
    lab: Lab, repeat: Repeat, rewrite: Rewrite
) -> None:
    path = lab.pack(make_dirty_run(lab))
    attempt = repeat(rewrite(path, {"code/lib/model.py": b"raise RuntimeError('not this time')\n"}))
    assert attempt.outcome == "failed"
    assert "not this time" in str(attempt.verdict.error)
    assert "not this time" in attempt.place.log.read_text()


def test_a_failure_is_reproduced_by_the_same_failure(lab: Lab, repeat: Repeat) -> None:
    lab.write({"lib/model.py": "def scale(value):\n    raise ValueError('the loss is nan')\n"})
    run_id = lab.train("train.py", "0.5", exit_code=1)
    attempt = repeat(lab.pack(run_id))
    assert attempt.outcome == "reproduced"
    assert attempt.verdict.error == "ValueError: the loss is nan"


def test_a_command_that_takes_too_long_is_stopped(lab: Lab, repeat: Repeat, rewrite: Rewrite) -> None:
    path = lab.pack(make_dirty_run(lab))
    endless = b"import time\nwhile True:\n    time.sleep(0.1)\n"
    attempt = repeat(rewrite(path, {"code/train.py": endless}), timeout_s=1)
    assert attempt.outcome == "failed"
    assert "stopped after 1 s" in str(attempt.verdict.error)


def test_a_run_without_metrics_is_not_called_reproduced(lab: Lab, repeat: Repeat) -> None:
    lab.write({"train.py": "from modellab import start_run\nwith start_run('empty', seed=1):\n    pass\n"})
    assert repeat(lab.pack(lab.train("train.py"))).outcome == "nothing to compare"


def test_the_new_run_goes_to_its_own_store_whatever_the_environment_and_the_code_say(
    lab: Lab, repeat: Repeat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.write({".env": f"MODELLAB_HOME={tmp_path / 'foreign'}\n"})
    lab.commit()
    path = lab.pack(lab.train("train.py", "0.5"))
    foreign = tmp_path / "foreign"
    monkeypatch.setenv("DB_PATH", str(foreign / "other.db"))
    monkeypatch.setenv("MODELLAB_API_URL", "http://127.0.0.1:9")
    before = sorted(foreign.rglob("*"))
    attempt = repeat(path, repository=lab.root)
    assert attempt.outcome == "reproduced"
    assert sorted(foreign.rglob("*")) == before
    assert attempt.place.db_path.is_file()


def test_a_script_that_configures_a_server_is_repeated_without_it(lab: Lab, repeat: Repeat) -> None:
    lab.write(
        {
            "train.py": "import os\nimport modellab\n"
            "modellab.configure(api_url=os.environ.get('LAB', 'http://127.0.0.1:9'))\n"
            "if 'LAB' in os.environ:\n    modellab.configure()\n"
            "with modellab.start_run(seed=1) as run:\n    run.log_metrics({'loss': 0.5})\n"
        }
    )
    path = lab.pack(lab.train("train.py", LAB="http://127.0.0.1:9"))
    assert repeat(path).outcome == "reproduced"


def test_a_run_from_a_prompt_has_a_pack_but_no_command(lab: Lab, repeat: Repeat) -> None:
    from modellab.ids import new_run_id
    from modellab.journal.writer import JournalWriter

    writer = JournalWriter(lab.settings.journals, new_run_id())
    writer.append_event("start", {})
    writer.append_event("context", {"replay": json.dumps({"arguments": ["python"]})})
    writer.append_event("end", {"status": "completed"})
    writer.close()
    with lab.store as store:
        store.collector.collect_open()
    assert any("prompt or a notebook" in text for text in lab.manifest(writer.run_id).weaknesses)
    with pytest.raises(InvalidInput, match="no command"):
        repeat(lab.pack(writer.run_id))


def test_without_its_code_a_pack_is_refused_before_anything_runs(
    lab: Lab, repeat: Repeat, rewrite: Rewrite
) -> None:
    path = lab.pack(make_dirty_run(lab))
    with zipfile.ZipFile(path) as source:
        kept = {name: source.read(name) for name in source.namelist() if not name.startswith("code/")}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
    with pytest.raises(ModelLabError, match=r"train\.py is neither in the pack nor in a repository"):
        repeat(path)


def test_the_folder_to_work_in_must_be_empty(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").touch()
    for folder in (tmp_path / "full", tmp_path / "full" / "thing"):
        with pytest.raises(InvalidInput, match="not an empty folder"):
            make_workplace(folder)


def test_data_that_are_not_there_or_not_of_the_run_are_refused(lab: Lab, repeat: Repeat) -> None:
    path = lab.pack(make_dirty_run(lab))
    with pytest.raises(NotFound):
        repeat(path, data=[lab.root / "gone.csv"])
    with pytest.raises(InvalidInput, match="no data of this run"):
        repeat(path, data=[lab.root / "train.py"])


def test_the_example_of_the_demo_is_reproduced(lab: Lab, repeat: Repeat) -> None:
    lab.write({"run.py": DEMO.read_text()})
    lab.commit()
    run_id = lab.train(
        "run.py", "--experiment_name", "iris_svm", "--model_name", "linear_svm", "--n_epochs", "3"
    )
    attempt = repeat(lab.pack(run_id))
    assert attempt.outcome == "reproduced", attempt.verdict
    agreed = {check.name for check in attempt.verdict.metrics if check.agrees}
    assert agreed == {"accuracy", "macro_f1", "train_loss", "val_loss", "test/accuracy", "test/f1"}
    assert attempt.inputs == set()


def test_without_git_the_code_of_the_pack_is_taken(
    lab: Lab, repeat: Repeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lab.pack(make_dirty_run(lab))
    monkeypatch.chdir(lab.root)
    monkeypatch.setenv("PATH", str(lab.root / "no-programs"))
    attempt = repeat(path)
    assert attempt.outcome == "reproduced", attempt.verdict
    assert "Code from the pack" in attempt.stages
    assert any(sys.executable in stage for stage in attempt.stages)


def test_a_project_that_is_installed_in_place_is_found_in_the_new_place(
    lab: Lab, repeat: Repeat, rewrite: Rewrite
) -> None:
    lab.write(
        {
            "src/mine/__init__.py": "",
            "src/mine/parts/layer.py": "WIDTH = 4\n",
            "jobs/train.py": "from mine.parts import layer\nfrom modellab import start_run\n\n"
            "with start_run('mine', seed=1) as run:\n    run.log_metrics({'width': layer.WIDTH})\n",
        }
    )
    lab.commit()
    run_id = lab.train("jobs/train.py", PYTHONPATH=str(lab.root / "src"))
    assert lab.manifest(run_id).import_roots == ["src"]
    # As an editable install would have it: found by a hook, not by a variable.
    path = rewrite(lab.pack(run_id), environment={})
    attempt = repeat(path)
    assert attempt.outcome == "reproduced", attempt.verdict
    assert attempt.inputs <= {"environment"}
