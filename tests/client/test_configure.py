"""`configure` says where a process records and reads, until it says something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import modellab
from modellab.errors import InvalidInput, InvalidSetting


@pytest.fixture
def here(machine: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project's folder, with nothing configured before and after."""
    for name in ("MODELLAB_API_URL", "MODELLAB_API_KEY", "DB_PATH", "MODELLAB_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MODELLAB_CONSOLE", "0")
    monkeypatch.chdir(machine.root)
    yield machine.root
    modellab.configure()


@pytest.mark.parametrize("tail", ["", "/", "/api/modellab"])
def test_calls_go_to_the_server_that_was_configured(here: Path, server: Any, tail: str) -> None:
    modellab.configure(api_url=server.url + tail)

    @modellab.log_run(name="decorated")
    def train(lr: float) -> dict[str, float]:
        modellab.log_metrics({"loss": lr})
        return {"accuracy": 0.9}

    train(lr=0.1)
    (run,) = modellab.list_runs("metrics.accuracy = 0.9")
    assert run == server.store.runs.list().items[0]
    assert modellab.get_run(run.run_id).params == {"lr": 0.1}
    assert [point.value for point in modellab.get_metric_history(run.run_id, "loss")] == [0.1]


def test_each_call_replaces_what_the_one_before_said(here: Path, server: Any) -> None:
    modellab.configure(api_url=server.url)
    modellab.configure(db_path="elsewhere.db")
    with modellab.start_run("local"):
        pass
    assert [run.name for run in modellab.list_runs()] == ["local"]
    assert (here / "elsewhere.db").exists()
    modellab.configure(api_url=server.url)
    assert modellab.list_runs() == []


def test_the_environment_says_it_without_configure(
    here: Path, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELLAB_API_URL", server.url)
    with modellab.start_run() as run:
        pass
    assert server.store.runs.get(run.id).status == "completed"
    modellab.configure(db_path="elsewhere.db")  # an argument wins over the environment
    assert modellab.list_runs() == []


@pytest.mark.parametrize(
    "url",
    [
        "lab.example.org",
        "ftp://lab",
        "http://",
        "http://name:secret@lab",
        "http://a b",
        "http://lab:port",
        "http://lab:99999",
    ],
)
def test_what_is_no_address_is_refused_at_once_and_changes_nothing(here: Path, server: Any, url: str) -> None:
    modellab.configure(api_url=server.url)
    with pytest.raises(InvalidSetting, match=r"^api_url is "):
        modellab.configure(api_url=url)
    assert modellab.list_runs() == []


def test_a_wrong_address_in_the_environment_is_told_by_the_name_of_its_variable() -> None:
    with pytest.raises(InvalidSetting, match=r"^MODELLAB_API_URL is 'ftp://lab'"):
        modellab.load_settings(environ={"MODELLAB_API_URL": "ftp://lab"})


def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(here: Path) -> None:
    with pytest.raises(InvalidSetting) as caught:
        modellab.configure(api_url="http://lab", api_key="mlk_secret\r\nX-Evil: 1")
    assert "mlk_secret" not in str(caught.value)


def test_settings_do_not_show_the_key_when_they_are_printed(here: Path) -> None:
    assert "mlk_secret" not in repr(modellab.load_settings(api_url="http://lab", api_key="mlk_secret"))


def test_a_server_and_a_file_at_once_are_refused(here: Path) -> None:
    with pytest.raises(InvalidInput, match="api_url or db_path"):
        modellab.configure(api_url="http://lab", db_path="runs.db")
