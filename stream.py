"""A dashboard of ModelLab's runs to be changed by its users: `streamlit run stream.py`.

It asks a server over HTTP and nothing else: start one with `modellab serve`. MODELLAB_API_URL says where it
is (http://127.0.0.1:8000 if not set) and MODELLAB_API_KEY is a key for it; both may stand in `.env` beside
this file. Each tab is one function below; add your own to `TABS`.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import altair as alt
import httpx
import pandas as pd  # type: ignore[import-untyped]
import streamlit as st
from dotenv import load_dotenv

load_dotenv(Path(__file__).with_name(".env"))
API_URL = os.environ.get("MODELLAB_API_URL", "http://127.0.0.1:8000").rstrip("/")
FRESH_S = 5  # how long an answer is kept before it is asked for again
MAX_COMPARED = 10
MAX_POINTS = 1000
STATUSES = ("pending", "running", "completed", "failed")


# --- the server ---------------------------------------------------------------------------------------------


class LabError(Exception):
    """What the server, or the way to it, has to say."""


@st.cache_resource
def connect(url: str, key: str | None) -> httpx.Client:
    """One connection for all visitors."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=url, headers=headers, timeout=60)


def ask(method: str, path: str, **options: Any) -> httpx.Response:
    """A good answer; raises `LabError` with what the server says of any other."""
    try:
        answer = connect(API_URL, os.environ.get("MODELLAB_API_KEY")).request(method, path, **options)
    except httpx.HTTPError as error:
        raise LabError(
            f"The server at {API_URL} does not answer ({error}). Start it with `modellab serve`, or set "
            "MODELLAB_API_URL to where it is."
        ) from error
    if answer.is_success:
        return answer
    if answer.status_code == 401 and not os.environ.get("MODELLAB_API_KEY"):
        raise LabError(f"{API_URL} asks for a login: set MODELLAB_API_KEY to a key of `modellab keys add`.")
    try:
        problem = answer.json()
        raise LabError(" ".join(filter(None, (problem["detail"], problem.get("hint")))))
    except (ValueError, KeyError, TypeError):
        raise LabError(f"{API_URL} answers {answer.status_code}: is it a ModelLab server?") from None


def read(path: str, **params: Any) -> Any:
    """The JSON at an address."""
    return read_from(API_URL, path, **params)


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def read_from(url: str, path: str, **params: Any) -> Any:
    """The same of one server, kept for a moment."""
    del url  # a part of the key of the cache
    return ask(
        "GET", path, params={name: value for name, value in params.items() if value is not None}
    ).json()


@st.cache_data(ttl=3600, show_spinner=False)
def read_csv(run_id: str, path: str, sha256: str) -> pd.DataFrame:
    """A CSV file of a run; one of the same checksum never changes."""
    del sha256  # a part of the key of the cache
    answer = ask("GET", f"/api/modellab/artifacts/{quote(run_id)}/download/{quote(path)}")
    return pd.read_csv(io.BytesIO(answer.content))


# --- runs and curves as tables ------------------------------------------------------------------------------


def label(run: Mapping[str, Any]) -> str:
    """What a run is called here."""
    return f"{run['name'] or 'run'} · {run['run_id'][-8:]}"


def plain(text: str) -> str:
    """A text that somebody recorded, for places where Streamlit reads Markdown: no links, no pictures."""
    return re.sub(r"[\\`*_\[\]<>#!|$~]", r"\\\g<0>", text)


def list_runs(query: str | None, limit: int) -> Sequence[dict[str, Any]]:
    """The newest runs that match a text of the query language."""
    found: list[dict[str, Any]] = read("/api/modellab/runs", query=query or None, limit=limit)["items"]
    return found


def as_numbers(values: Any) -> pd.Series:
    """Values as numbers: the API writes NaN and infinity as words."""
    return pd.to_numeric(pd.Series(values), errors="coerce").astype(float)


def read_series(run_id: str, metrics: Sequence[str]) -> pd.DataFrame:
    """Curves that a run logged, with the columns `metric`, `step` and `value`."""
    columns = ["metric", "step", "value"]
    if not metrics:
        return pd.DataFrame(columns=columns)
    path = f"/runs/{quote(run_id)}/series"
    found = read(path, metric=list(metrics), max_points=MAX_POINTS)["series"]
    parts = [
        pd.DataFrame({"metric": one["name"], "step": one["steps"], "value": as_numbers(one["values"])})
        for one in found
    ]
    return pd.concat(parts) if parts else pd.DataFrame(columns=columns)


def find_metrics_csv(run_id: str) -> Mapping[str, Any] | None:
    """The file `<model>_metrics_<timestamp>.csv` among the kept artifacts of a run."""
    for one in read(f"/api/modellab/artifacts/{quote(run_id)}")["items"]:
        name = one["path"].rpartition("/")[2]
        if one["is_stored"] and name.endswith(".csv") and ("_metrics_" in name or name.startswith("metrics")):
            return dict(one)
    return None


def read_curves(run: Mapping[str, Any]) -> tuple[pd.DataFrame, str]:
    """The curves of a run and where they come from: its metrics CSV, else what it logged."""
    file = find_metrics_csv(run["run_id"])
    if file is not None:
        table = read_csv(run["run_id"], file["path"], file["sha256"])
        step = "epoch" if "epoch" in table else table.columns[0]
        long = table.melt(id_vars=[step], var_name="metric").rename(columns={step: "step"})
        return long.assign(value=as_numbers(long["value"])), file["path"]
    names = [
        name for name, one in run["metrics"].items() if one["count"] > 1 and not name.startswith("system/")
    ]
    return read_series(run["run_id"], names[:20]), "logged series"


def smooth(curves: pd.DataFrame, amount: float, by: Sequence[str]) -> pd.DataFrame:
    """Curves as exponential moving averages; 0 leaves them as they are."""
    if amount == 0 or curves.empty:
        return curves
    averaged = curves.groupby(list(by), sort=False)["value"].transform(
        lambda values: values.ewm(alpha=1 - amount).mean()
    )
    return curves.assign(value=averaged)


def draw_lines(curves: pd.DataFrame, color: str) -> None:
    """Lines over steps, which can be zoomed and read point by point."""
    is_log = st.toggle("Logarithmic", key=f"log of {color}")
    scale = alt.Scale(type="log" if is_log else "linear", zero=False)
    chart = (
        alt.Chart(curves)
        .mark_line(point=len(curves) < 200)
        .encode(
            x=alt.X("step:Q", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("value:Q", scale=scale, title=None),
            color=alt.Color(f"{color}:N", title=None),
            tooltip=[f"{color}:N", "step:Q", alt.Tooltip("value:Q", format=".5g")],
        )
    )
    st.altair_chart(chart.interactive(), width="stretch")


# --- the tabs -----------------------------------------------------------------------------------------------


def show_explorer() -> None:
    """Runs as a table with filters, and any metric over any param."""
    left, middle, right = st.columns([4, 2, 1])
    query = left.text_input(
        "Filter",
        placeholder='metrics.accuracy > 0.9 and params.model_name = "linear_svm"',
        help="The query language of ModelLab.",
    )
    statuses = middle.multiselect("Status", STATUSES)
    limit = right.selectbox("Newest", [50, 200, 1000])
    runs = [run for run in list_runs(query, limit) if not statuses or run["status"] in statuses]
    if not runs:
        st.info("No run matches. Record one: `python examples/train_model/run.py`.")
        return
    table = pd.DataFrame(
        {
            "run": label(run),
            "status": run["status"],
            "started": pd.to_datetime(run["timestamp"]),
            "dataset": run["dataset_id"],
            "note": run["note"],
            **{f"metric: {name}": value for name, value in run["final_metrics"].items()},
            **{f"param: {name}": str(value) for name, value in run["params"].items()},
            "run_id": run["run_id"],
        }
        for run in runs
    )
    metrics = [name for name in table if name.startswith("metric: ")]
    table[metrics] = table[metrics].apply(as_numbers)
    commonest = table[metrics].count().sort_values(ascending=False, kind="stable").index[:4]
    chosen = st.multiselect("Columns", list(table), default=[*table.columns[:4], *commonest])
    st.caption(f"{len(runs)} runs")
    st.dataframe(table[chosen], hide_index=True)
    st.download_button("Save as CSV", table.to_csv(index=False), "runs.csv", "text/csv")
    varied = table.columns[table.nunique(dropna=False) > 1]
    params = [name for name in varied if name.startswith("param: ")]
    if metrics and params:
        left, right = st.columns(2)
        y, x = left.selectbox("Metric", metrics), right.selectbox("Over", params)
        points = table[["run", x, y]].rename(columns={x: "x", y: "y"}).dropna()
        numbers = pd.to_numeric(points["x"], errors="coerce")
        is_number = bool(numbers.notna().all())
        points = points.assign(x=numbers) if is_number else points
        encoding = {
            "x": alt.X("x:Q" if is_number else "x:N", title=x, scale=alt.Scale(zero=False)),
            "y": alt.Y("y:Q", title=y, scale=alt.Scale(zero=False)),
        }
        chart = alt.Chart(points).mark_circle(size=70).encode(**encoding, tooltip=["run", "x", "y"])
        st.altair_chart(chart.interactive(), width="stretch")


def show_run() -> None:
    """One run: how it went, its curves, its params and its note."""
    runs = {label(run): run["run_id"] for run in list_runs(None, 200)}
    if not runs:
        st.info("No runs yet. Record one: `python examples/train_model/run.py`.")
        return
    run = read(f"/api/modellab/runs/{quote(runs[st.selectbox('Run', list(runs))])}")
    seconds = "" if run["duration_s"] is None else f" · {run['duration_s']:.3g} s"
    st.caption(f"{run['status']} · {run['timestamp'][:19]} UTC{seconds} · {run['run_id']}")
    if run["error"]:
        st.error("The run failed.")
        st.code(run["traceback"] or run["error"], language=None)
    finals = list(run["final_metrics"].items())
    for column, (name, value) in zip(st.columns(max(1, min(6, len(finals)))), finals, strict=False):
        column.metric(plain(name), value if isinstance(value, str) else f"{value:.4g}")
    curves, source = read_curves(run)
    if curves.empty:
        st.info("This run logged no curves.")
    else:
        names = list(dict.fromkeys(curves["metric"]))
        losses = [name for name in names if "loss" in name.lower()]
        shown = st.multiselect("Curves", names, default=losses or names[:2])
        amount = st.slider("Smoothing", 0.0, 0.99, 0.0, key="smoothing of a run")
        picked = curves[curves["metric"].isin(shown)]
        draw_lines(smooth(picked, amount, ["metric"]), "metric")
        st.caption(f"From {plain(source)}")
    left, right = st.columns(2)
    settings = {**run["params"], "seed": run["seed"], "commit": run["git_hash"], "command": run["command"]}
    left.dataframe(pd.DataFrame({"value": {name: str(value) for name, value in settings.items()}}))
    with right.form(f"note of {run['run_id']}"):
        note = st.text_area("Note", run["note"] or "")
        if st.form_submit_button("Save"):
            ask("PATCH", f"/runs/{quote(run['run_id'])}/note", json={"note": note})
            read_from.clear()
            st.toast("Saved.")


def show_comparison() -> None:
    """Runs side by side: whether they really differ, their curves overlaid, and all numbers."""
    runs = {label(run): run["run_id"] for run in list_runs(None, 200)}
    chosen = st.multiselect("Runs", list(runs), default=list(runs)[:2], max_selections=MAX_COMPARED)
    if len(chosen) < 2:
        st.info("Choose two runs or more.")
        return
    ids = [runs[name] for name in chosen]
    details = {name: read(f"/api/modellab/runs/{quote(runs[name])}") for name in chosen}
    try:
        verdicts = ask("POST", "/api/modellab/compare", json={"run_ids": ids}).json()
        for sentence in [*verdicts["sentences"], *(f"Beware: {text}" for text in verdicts["warnings"])]:
            st.text(sentence)
    except LabError as error:
        st.caption(f"No verdict: {plain(str(error))}")
    found = {name: read_curves(run)[0] for name, run in details.items()}
    curves = pd.concat([part.assign(run=name) for name, part in found.items()])
    names = list(dict.fromkeys(curves["metric"]))
    if names:
        left, right = st.columns(2)
        first = next((place for place, name in enumerate(names) if "loss" in name.lower()), 0)
        metric = left.selectbox("Curve", names, index=first)
        amount = right.slider("Smoothing", 0.0, 0.99, 0.0, key="smoothing of several")
        draw_lines(smooth(curves[curves["metric"] == metric], amount, ["run"]), "run")
    numbers = pd.DataFrame({name: as_numbers(run["final_metrics"]) for name, run in details.items()})
    st.dataframe(numbers)
    params = pd.DataFrame(
        {name: {key: str(value) for key, value in run["params"].items()} for name, run in details.items()}
    )
    differing = params[params.nunique(axis=1, dropna=False) > 1]
    st.caption(f"{len(differing)} of {len(params)} params differ")
    st.dataframe(differing)


def show_assistant() -> None:
    """Questions in words; what was asked before is sent along, so that `compare those two` is understood."""
    turns: list[dict[str, Any]] = st.session_state.setdefault("turns", [])
    for turn in turns:
        show_turn(turn)
    question = st.chat_input("Which run has the highest accuracy?")
    if question:
        with st.spinner("Reading runs …"):
            answer = ask("POST", "/agent/query", json={"query": question, "conversation": turns[-20:]}).json()
        turns.append({"question": question, **answer})
        show_turn(turns[-1])


def show_turn(turn: Mapping[str, Any]) -> None:
    """A question and its answer; as plain text, as names and notes of runs may hold anything."""
    with st.chat_message("user"):
        st.text(turn["question"])
    with st.chat_message("assistant"):
        st.text(turn["natural_language_answer"])
        for note in turn["notes"]:
            st.caption(plain(note))
        if turn["tool_calls"] or turn["used_run_ids"]:
            with st.expander(f"By {turn['generated_by']}: {len(turn['tool_calls'])} tool calls"):
                st.json({"runs": turn["used_run_ids"], "calls": turn["tool_calls"]})


TABS = {
    "Runs Explorer": show_explorer,
    "Run Detail": show_run,
    "Compare Runs": show_comparison,
    "Assistant": show_assistant,
}


def main() -> None:
    """The page."""
    st.set_page_config(page_title="ModelLab", layout="wide")
    try:
        st.title(plain(read("/health")["project"]))
    except LabError as error:
        st.error(plain(str(error)))
        if st.button("Try again"):
            st.rerun()
        st.stop()
    for tab, show in zip(st.tabs(list(TABS)), TABS.values(), strict=True):
        with tab:
            try:
                show()
            except LabError as error:  # what is wrong in one tab leaves the others as they are
                st.error(plain(str(error)))


main()
