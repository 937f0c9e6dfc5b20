from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modellab.ids import new_run_id
from modellab.journal.writer import JournalWriter
from modellab.records.repro import PackManifest, Verdict
from modellab.repro.pack import build_pack, stream_pack
from modellab.repro.replay import Options, Workplace, make_workplace, run_pack
from modellab.settings import Settings, load_settings
from modellab.store import Store, open_store

TRAIN = """\
import random
import sys
from pathlib import Path

from lib.model import scale
from modellab import log_run


@log_run()
def train(rate: float = 0.1, seed: int = 3) -> dict[str, float]:
    random.seed(seed)
    offset = float(Path("offset.txt").read_text()) if Path("offset.txt").exists() else 0.0
    return {"accuracy": scale(random.random()) + rate + offset, "runtime_s": random.SystemRandom().random()}


if __name__ == "__main__":
    train(rate=float(sys.argv[1]))
"""
MODEL = "def scale(value: float) -> float:\n    return 0.5 * value\n"

REPLAY = {
    "arguments": ["python", "train.py", "--lr", "0.1"],
    "script": "train.py",
    "script_position": 1,
    "folder": ".",
    "root": "/home/ada/lab",
    "in_repository": True,
    "environment": {"PYTHONHASHSEED": "1"},
    "origins": {"mine": {"url": "file:///home/ada/mine", "editable": True}},
    "code_left_out": [],
}
DIFF = "diff --git a/train.py b/train.py\n--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-old\n+new\n"
CONTEXT: dict[str, Any] = {
    "git_hash": "c0ffee00" * 5,
    "git_dirty": True,
    "git_diff": DIFF,
    "command": "python train.py --lr 0.1",
    "python_version": "3.11.7",
    "pip_freeze": "mine==1.0\nmodellab==0.1.0\nnumpy==2.0.0",
    "device_info": '{"cpu":"EPYC","cores":2}',
    "replay": json.dumps(REPLAY),
    "code": json.dumps({"train.py": "new\n"}),
}

FOREIGN = ("MODELLAB_", "WANDB_", "DB_PATH", "DATASET_ID", "PROJECT_NAME", "GIT_")


def clean_environ(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | more


@dataclass(frozen=True)
class Lab:
    """A project folder in which scripts are run, and packs are made of their runs."""

    root: Path

    @property
    def settings(self) -> Settings:
        return load_settings(start=self.root, environ={})

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments]
        done = subprocess.run(
            command, cwd=self.root, env=clean_environ(), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self) -> str:
        if not (self.root / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main")
            (self.root / ".gitignore").write_text("manifests\n__pycache__\n*.zip\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")
        return self.git("rev-parse", "HEAD")

    def train(self, *arguments: str, folder: str = ".", exit_code: int = 0, **environ: str) -> str:
        """Run Python with these arguments in a process of its own; the id of the newest run then."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root / folder,
            env=clean_environ(**environ),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == exit_code, done.stderr
        with open_store(self.settings) as store:
            return store.runs.list(limit=1).items[0].run_id

    def pack(self, run_id: str, **options: Any) -> Path:
        """The archive of a run's pack."""
        path = self.root.parent / f"{run_id}.zip"
        with open_store(self.settings) as store:
            store.take_in_files()
            path.write_bytes(b"".join(stream_pack(store, build_pack(store, run_id, **options))))
        return path

    def manifest(self, run_id: str) -> PackManifest:
        with open_store(self.settings) as store:
            return build_pack(store, run_id).manifest

    @property
    def store(self) -> Store:
        return open_store(self.settings)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A project whose `train.py` imports `lib/model.py`; the test stands in an empty folder elsewhere."""
    for name in list(os.environ):
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    made = Lab(tmp_path / "project")
    made.write({".env": "", "train.py": TRAIN, "lib/__init__.py": "", "lib/model.py": MODEL})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return made


@dataclass(frozen=True)
class Attempt:
    """What came of running a pack."""

    verdict: Verdict
    place: Workplace
    stages: Sequence[str]

    @property
    def outcome(self) -> str:
        return self.verdict.outcome

    @property
    def inputs(self) -> set[str]:
        """The inputs that are said to differ."""
        return {difference.input for difference in self.verdict.differences}

    def details(self, name: str) -> str:
        return "\n".join(d.detail for d in self.verdict.differences if d.input == name)


Repeat = Callable[..., Attempt]


@pytest.fixture
def repeat(tmp_path: Path) -> Repeat:
    """Runs a pack in a fresh folder, with this Python unless told otherwise."""
    number = iter(range(100))

    def run(path: Path, **options: Any) -> Attempt:
        place = make_workplace(tmp_path / f"again-{next(number)}")
        stages: list[str] = []
        verdict = run_pack(path, place, Options(**{"here": True, "timeout_s": 50, **options}), stages.append)
        return Attempt(verdict, place, stages)

    return run


@pytest.fixture
def rewrite(tmp_path: Path) -> Callable[..., Path]:
    """Makes a copy of a pack in which some files are others; of JSON, some of its fields."""

    def change(path: Path, files: Mapping[str, bytes] | None = None, **fields: Any) -> Path:
        target = tmp_path / f"changed-{path.name}"
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
            for name in source.namelist():
                data = source.read(name)
                if name == "manifest.json":
                    data = json.dumps(json.loads(data) | fields).encode()
                archive.writestr(name, (files or {}).get(name, data))
        return target

    return change


Record = Callable[..., str]


@pytest.fixture
def context() -> dict[str, Any]:
    """What a run ran on, as its journal tells it."""
    return dict(CONTEXT)


@pytest.fixture
def record() -> Record:
    """Puts a run into a store, as a journal tells it; its id."""

    def write(store: Store, *, context: Mapping[str, Any], events: Any = (), **start: Any) -> str:
        writer = JournalWriter(store.settings.journals, new_run_id())
        writer.append_event("start", start)
        writer.append_event("context", context)
        for event, fields in events:
            writer.append_event(event, fields)
        writer.append_event("end", {"status": "completed"})
        writer.close()
        store.collector.collect_run(writer.run_id)
        return writer.run_id

    return write
