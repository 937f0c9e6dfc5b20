"""`stream.py`, run by Streamlit as in a browser, at a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).resolve().parents[2] / "stream.py"
CSV = b"epoch,train_loss,val_loss\n1,1.0,1.2\n2,0.5,0.7\n3,nan,0.6\n"
TABS = ["Runs Explorer", "Run Detail", "Compare Runs", "Assistant"]


def _open(address: str, monkeypatch: pytest.MonkeyPatch, key: str | None = None) -> AppTest:
    monkeypatch.setenv("MODELLAB_API_URL", address)
    if key:
        monkeypatch.setenv("MODELLAB_API_KEY", key)
    return AppTest.from_file(str(PAGE), default_timeout=60).run()


@pytest.fixture
def trained(lab: Any) -> Any:
    """A lab with two runs: `svm` has a metrics CSV among its artifacts, `mlp` has logged curves."""
    svm = lab.record(
        name="svm", params={"epochs": 3, "model": "svm", "lr": 0.1}, final={"accuracy": 0.95, "odd": "nan"}
    )
    answer = lab.api.post(
        f"/api/modellab/artifacts/{svm}", files={"file": ("svm_metrics_20260101.csv", CSV, "text/csv")}
    )
    assert answer.status_code == 201, answer.text
    curves = {"train/loss": [1.0, 0.5], "val/loss": [1.1, 0.6]}
    lab.record(
        name="mlp", params={"epochs": 3, "model": "mlp", "lr": 0.2}, final={"accuracy": 0.9}, points=curves
    )
    return lab


@pytest.fixture
def page(trained: Any, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return _open(trained.address, monkeypatch)


def _find(page: AppTest, kind: str, label: str) -> Any:
    elements: Any = page.get(kind)
    return next(one for one in elements if one.label == label)


def test_it_opens_with_four_tabs_and_no_error(page: AppTest) -> None:
    assert not page.exception
    assert not page.error
    assert page.title[0].value == "tested"
    assert [tab.label for tab in page.tabs] == TABS


def test_runs_are_explored_with_a_filter(page: AppTest) -> None:
    explorer = page.tabs[0]
    assert [name.split()[0] for name in explorer.dataframe[0].value["run"]] == ["mlp", "svm"]
    # A param that is the same in all runs explains nothing.
    assert _find(page, "selectbox", "Over").options == ["param: model", "param: lr"]
    _find(page, "text_input", "Filter").set_value('params.model = "svm"').run()
    assert [name.split()[0] for name in page.tabs[0].dataframe[0].value["run"]] == ["svm"]
    _find(page, "text_input", "Filter").set_value("params.model =").run()
    assert "Character" in page.tabs[0].error[0].value
    assert not page.exception
    assert len(page.tabs) == 4


def test_a_run_shows_the_losses_of_its_metrics_csv_or_what_it_logged(page: AppTest) -> None:
    captions = [one.value for one in page.tabs[1].caption]
    assert "From logged series" in captions
    choice = _find(page, "selectbox", "Run")
    choice.set_value(next(option for option in choice.options if option.startswith("svm"))).run()
    assert not page.exception
    assert any("svm\\_metrics\\_20260101.csv" in one.value for one in page.tabs[1].caption)
    assert _find(page, "multiselect", "Curves").value == ["train_loss", "val_loss"]


def test_a_note_is_saved(page: AppTest, trained: Any) -> None:
    _find(page, "text_area", "Note").set_value("keep this one")
    _find(page, "button", "Save").click().run()
    assert not page.exception
    assert [
        run["name"] for run in trained.get("/api/modellab/runs", query='note = "keep this one"')["items"]
    ] == ["mlp"]


def test_runs_are_compared_with_a_verdict_and_what_differs(page: AppTest) -> None:
    comparison = page.tabs[2]
    assert "cannot" in " ".join(one.value for one in comparison.text).lower()
    numbers, params = (one.value for one in comparison.dataframe)
    assert sorted(name.split()[0] for name in numbers) == ["mlp", "svm"]
    assert set(params.index) == {"model", "lr"}
    _find(page, "multiselect", "Runs").set_value([]).run()
    assert "Choose two runs" in page.tabs[2].info[0].value


def test_the_assistant_answers_and_remembers_what_was_asked(page: AppTest) -> None:
    page.chat_input[0].set_value("top 2 by accuracy").run()
    page.chat_input[0].set_value("Compare those two.").run()
    assert not page.exception
    said = [message.text[0].value for message in page.chat_message]
    assert said[0] == "top 2 by accuracy"
    assert "svm" in said[1]
    assert "Compared" in said[3]


def test_names_are_shown_as_they_are_and_never_read_as_markdown(
    lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.record(name="![](https://evil.example)", final={"![](https://evil.example)": 1.0})
    page = _open(lab.address, monkeypatch)
    assert not page.exception
    assert page.metric[0].label == r"\!\[\](https://evil.example)"


def test_an_empty_project_says_how_to_record_a_run(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = _open(lab.address, monkeypatch)
    assert not page.exception
    assert not page.error
    assert "examples/train_model/run.py" in page.tabs[0].info[0].value
    assert "examples/train_model/run.py" in page.tabs[1].info[0].value


def test_a_server_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _open("http://127.0.0.1:9", monkeypatch)
    assert not page.exception
    assert "http://127.0.0.1:9 does not answer" in page.error[0].value
    assert "modellab serve" in page.error[0].value
    assert not page.tabs


def test_a_key_that_is_not_valid_is_told_and_a_good_one_shows_its_runs(
    tmp_path: Path, open_team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_team(tmp_path) as team:
        team.lab.record(name="svm", final={"accuracy": 0.95})
        page = _open(team.lab.address, monkeypatch)
        assert "asks for a login: set MODELLAB" in page.tabs[0].error[0].value
        page = _open(team.lab.address, monkeypatch, "mlk_wrong")
        assert "The API key is not valid" in page.tabs[0].error[0].value
        page = _open(team.lab.address, monkeypatch, team.key("vera"))
        assert not page.error
        assert len(page.tabs[0].dataframe[0].value) == 1
        _find(page, "text_area", "Note").set_value("kept")
        _find(page, "button", "Save").click().run()
        assert "may not do this" in page.tabs[1].error[0].value
        assert not page.exception
