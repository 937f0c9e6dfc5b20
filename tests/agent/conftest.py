"""A project with a fixed set of runs, asked in this process through the whole server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from modellab.agent.answer import AgentAnswer, Turn
from modellab.agent.api import LabAPI
from modellab.agent.in_process import open_app
from modellab.agent.rules.answering import answer_by_rules
from modellab.agent.toolbox import Toolbox
from modellab.agent.tools import list_tools
from modellab.journal.line import encode_event, encode_points
from modellab.journal.writer import JournalWriter
from modellab.server import create_app
from modellab.settings import Settings, load_settings
from modellab.store import Store, open_store

DAY_US = 86_400_000_000


def make_settings(folder: Path, **environ: str) -> Settings:
    """The settings of a project in a folder of its own."""
    (folder / "manifests").mkdir(exist_ok=True)
    return load_settings(start=folder, environ={"PROJECT_NAME": "asked", **environ})


class Recorder:
    """Writes runs as training processes do."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def record(
        self,
        store: Store,
        run_id: str,
        *,
        days_ago: float = 0,
        final: Mapping[str, float | str] | None = None,
        curves: Mapping[str, Sequence[float]] | None = None,
        end: Mapping[str, Any] | None = None,
        events: Sequence[tuple[str, Mapping[str, Any]]] = (),
        seconds: float = 60,
        **start: Any,
    ) -> None:
        """A run that began some days ago; one without an end goes on."""
        begun_us = time.time_ns() // 1000 - int(days_ago * DAY_US)
        writer = JournalWriter(self.settings.journals, run_id)
        begun_ms = begun_us // 1000
        writer.append(encode_event("start", begun_ms, {"started_us": begun_us, "params": {}, **start}))
        for name, values in (curves or {}).items():
            for step, value in enumerate(values):
                writer.append(encode_points(step, begun_ms + step, {name: value}))
        for event, fields in events:
            writer.append(encode_event(event, begun_ms, fields))
        if final:
            writer.append(encode_event("final", begun_ms, {"metrics": dict(final)}))
        if end is None or end:
            ended_ms = begun_ms + int(seconds * 1000)
            writer.append(encode_event("end", ended_ms, {"status": "completed", **(end or {})}))
        writer.close()
        store.collector.collect_run(run_id)


def fill(store: Store, settings: Settings) -> None:
    """The fixed runs: their ids begin with a digit for the order, and end with a letter for the name."""
    record = Recorder(settings).record
    rows = (
        # id, name, model, lr, seed, accuracy, dataset, days ago, seconds
        ("a", "svm-small", "linear_svm", 0.1, 0, 0.91, "iris-v1", 40, 30),
        ("b", "svm-large", "linear_svm", 0.01, 1, 0.953, "iris-v1", 12, 7200),
        ("c", "perceptron", "perceptron", 0.1, 0, 0.88, "iris-v1", 10, 45),
        ("d", "logreg", "logistic_regression", 0.5, 0, 0.94, "digits-v2", 5, 61),
        ("e", "logreg-long", "logistic_regression", 0.05, 2, 0.947, "digits-v2", 3, 600),
        ("f", "twin", "perceptron", 0.2, 3, 0.86, "digits-v2", 2, 50),
        ("1f", "twin", "perceptron", 0.3, 4, 0.85, "digits-v2", 2, 51),
    )
    for n, (end, name, model, lr, seed, accuracy, dataset, days, seconds) in enumerate(rows):
        record(
            store,
            make_id(n, end),
            name=name,
            project_id="iris-study" if dataset == "iris-v1" else "digits-study",
            days_ago=days,
            seconds=seconds,
            dataset_id=dataset,
            seed=seed,
            params={"model_name": model, "learning_rate": lr, "n_epochs": 30, "seed": seed},
            final={"val/accuracy": accuracy, "val/loss": round(1 - accuracy, 3)},
            curves={
                "train/loss": [1.0, 0.5, 0.25, 0.2],
                "val/loss": [1.1, 0.6, 0.4, round(1 - accuracy, 3)],
            },
            events=[("note", {"note": "warmup helps, keep it"})] if end == "b" else (),
        )
    record(
        store,
        make_id(7, "d1"),
        name="broken",
        days_ago=1.0,
        seconds=65,
        dataset_id="iris-v1",
        params={"model_name": "linear_svm", "learning_rate": 10.0, "n_epochs": 30},
        curves={"train/loss": [1.0, 90.0, float("nan")]},
        end={
            "status": "failed",
            "error": "ValueError: the loss is nan",
            "traceback": 'Traceback:\n  File "train.py", line 7\nValueError: the loss is nan',
        },
    )
    record(
        store,
        make_id(8, "d2"),
        name="overfit-demo",
        days_ago=0.01,
        seconds=70,
        dataset_id="iris-v1",
        tags={"team": "vision"},
        params={"model_name": "perceptron", "learning_rate": 0.4, "n_epochs": 5},
        final={"val/accuracy": 0.87},
        curves={"train/loss": [1.0, 0.5, 0.2, 0.1, 0.05], "val/loss": [1.0, 0.6, 0.5, 0.7, 0.9]},
    )


def make_id(n: int, end: str) -> str:
    """An id whose order is that of its number, and whose end is known."""
    return f"{n + 1:016x}{end:0>16}"


Ask = Callable[..., AgentAnswer]


@pytest.fixture(scope="session")
def make_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], LabAPI]]:
    """Makes the API of the fixed runs, each time in a project of its own."""
    with ExitStack() as opened:

        def make() -> LabAPI:
            settings = make_settings(tmp_path_factory.mktemp("lab"))
            with open_store(settings) as store:
                fill(store, settings)
            return opened.enter_context(open_app(create_app(settings)))

        yield make


@pytest.fixture(scope="session")
def lab_api(make_lab: Callable[[], LabAPI]) -> LabAPI:
    """The API of the fixed runs; only questions that change nothing may be asked of it."""
    return make_lab()


@pytest.fixture
def own_api(tmp_path: Path) -> Iterator[LabAPI]:
    """The same runs for one test alone, which may change them."""
    settings = make_settings(tmp_path)
    with open_store(settings) as store:
        fill(store, settings)
    with open_app(create_app(settings)) as api:
        yield api


@pytest.fixture
def empty_api(tmp_path: Path) -> Iterator[LabAPI]:
    with open_app(create_app(make_settings(tmp_path))) as api:
        yield api


@pytest.fixture(scope="session")
def by_rules() -> Ask:
    def ask(api: LabAPI, question: str, *before: AgentAnswer, with_writing: bool = True) -> AgentAnswer:
        turns = [Turn(question="", used_run_ids=answer.used_run_ids) for answer in before]
        return answer_by_rules(question, turns, Toolbox(api, list_tools(with_writing=with_writing)))

    return ask


@pytest.fixture
def ask(lab_api: LabAPI, by_rules: Ask) -> Ask:
    return lambda question, *before: by_rules(lab_api, question, *before)
