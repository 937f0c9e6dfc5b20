"""The table of runs, its fields, and curves of several runs, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

API = "/api/modellab"


def test_a_table_has_the_columns_and_the_order_asked_for(lab: Any) -> None:
    for name, values in (("a", [0.5, 0.9]), ("b", [0.7, 0.8]), ("c", [float("nan")])):
        lab.record(name=name, params={"lr": 0.1}, points={"acc": values}, tags={"team": "x"}, seed=1)
    lab.record(name="d", final={"acc": "inf"})
    table = lab.get(
        f"{API}/table",
        columns=["metrics.acc.max", "metrics.acc", "params.lr", "tags.team"],
        sort=["-metrics.acc.max", "name"],
        limit=3,
    )
    assert table["total"] == 4
    assert [column["field"] for column in table["columns"]] == [
        "metrics.acc.max",
        "metrics.acc",
        "params.lr",
        "tags.team",
    ]
    assert [(row["name"], row["values"]) for row in table["rows"]] == [
        ("a", [0.9, 0.9, 0.1, "x"]),
        ("b", [0.8, 0.8, 0.1, "x"]),
        ("c", [None, "nan", 0.1, "x"]),
    ]
    last = lab.get(f"{API}/table", columns="metrics.acc", sort="name", offset=3)["rows"]
    assert [(row["name"], row["values"], row["seed"]) for row in last] == [("d", ["inf"], None)]


def test_a_part_of_a_table_can_be_read_again_by_ids(lab: Any) -> None:
    ids = [lab.record(name=name) for name in "abc"]
    table = lab.get(f"{API}/table", run_ids=[ids[0], ids[2]], sort="name")
    assert [row["run_id"] for row in table["rows"]] == [ids[0], ids[2]]
    assert lab.get(f"{API}/table", run_ids="", query="name = 'b'", columns="")["total"] == 1


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("table?columns=acuracy", "columns: There is no field 'acuracy'. Did you mean metrics.acuracy"),
        ("table?sort=-nothing", "sort: There is no field 'nothing'"),
        ("table?limit=1001", "query.limit: Input should be less than or equal to 1000"),
        ("table?offset=-1", "query.offset"),
        ("table?status=done", "query.status"),
        ("table?" + "columns=name&" * 201, "query.columns"),
        ("table?" + "run_ids=x&" * 501, "query.run_ids"),
        ("fields?kind=nothing", "query.kind"),
        ("fields/values?field=metrics.loss", "values of metrics.loss are not listed"),
        ("fields/values", "query.field: Field required"),
        ("curves?metric=loss", "query.run_id: Field required"),
        ("curves?run_id=a", "query.metric: Field required"),
        ("curves?run_id=a&metric=b&from_step=2&to_step=1", "from_step 2 is greater than to_step 1"),
        (
            "curves?"
            + "".join(f"run_id={i}&" for i in range(50))
            + "".join(f"metric={i}&" for i in range(21)),
            "50 runs times 21 metrics are 1050 curves; at most 1000 are allowed",
        ),
        (
            "curves?metric=a&max_points=100000&" + "".join(f"run_id={i}&" for i in range(11)),
            "11 runs times 1 metrics times 100000 max_points are 1100000 points; at most 1000000",
        ),
    ],
)
def test_what_cannot_be_meant_is_told(lab: Any, path: str, told: str) -> None:
    answer = lab.api.get(f"{API}/{path}")
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert "position" not in answer.json()


@pytest.mark.parametrize("path", ["/runs", f"{API}/runs", f"{API}/table"])
def test_a_query_that_cannot_be_read_tells_the_character(lab: Any, path: str) -> None:
    for query, position in (
        ("metrics.acc >> 1", 14),
        ("acc > 1", 1),
        ("name = 'a' and ", 16),
        ("name = 'üü' or name ? 2", 21),
    ):
        answer = lab.api.get(path, params={"query": query})
        problem = answer.json()
        assert answer.status_code == 422
        assert problem["type"] == "/problems/invalid-input"
        assert problem["position"] == position
        assert f"Character {position}," in problem["hint"]


def test_fields_and_their_values_are_listed(lab: Any) -> None:
    lab.record(params={"learning rate": 0.1, "model": "svm"}, final={"acc": 1.0}, tags={"team": "x"})
    fields = lab.get(f"{API}/fields", search="L", kind=["params", "attributes"])
    assert fields["params"] == [
        {
            "name": "learning rate",
            "field": 'params."learning rate"',
            "n_runs": 1,
            "n_values": 1,
            "is_numeric": True,
            "higher_is_better": None,
        },
        {
            "name": "model",
            "field": "params.model",
            "n_runs": 1,
            "n_values": 1,
            "is_numeric": False,
            "higher_is_better": None,
        },
    ]
    assert (fields["metrics"], fields["n_metrics"]) == ([], 0)
    assert {"name": "wandb_url", "kind": "text"} in fields["attributes"]
    values = lab.get(f"{API}/fields/values", field="params.model", prefix="S")
    assert values == {"field": "params.model", "values": [{"value": "svm", "n_runs": 1}]}


def test_metrics_tell_which_way_they_are_better_where_that_is_known(lab: Any) -> None:
    names = ["test/accuracy", "val_loss", "latency/predict/p95_ms", "mystery", "__proto__"]
    lab.record(final=dict.fromkeys(names, 1.0))
    metrics = lab.get(f"{API}/fields", kind=["metrics"])["metrics"]
    told = {metric["name"]: metric["higher_is_better"] for metric in metrics}
    assert [told[name] for name in names] == [True, False, False, None, None]


def test_curves_of_several_runs_come_in_one_answer(lab: Any) -> None:
    both = lab.record(points={"loss": [3.0, 1.0, float("nan")], "acc": [0.1]})
    one = lab.record(points={"loss": [5.0] * 100})
    gone = lab.record(points={"loss": [1.0]})
    lab.store.trash.put_run(gone)
    wanted = {"run_id": [one, "nobody", both, gone, one], "metric": ["loss", "acc"], "max_points": 10}
    curves = lab.get(f"{API}/curves", **wanted)
    assert [item["run_id"] for item in curves["items"]] == [one, both]
    assert curves["missing"] == ["nobody", gone]
    long, whole = curves["items"][0]["series"], curves["items"][1]["series"]
    assert [(series["name"], series["count"], series["reduced"]) for series in long] == [("loss", 100, True)]
    assert [series["values"] for series in whole] == [[3.0, 1.0, "nan"], [0.1]]
    assert whole == lab.get(f"{API}/runs/{both}/series", metric=["loss", "acc"])["series"]
    cut = lab.get(f"{API}/curves", run_id=both, metric="loss", from_step=1, to_step=1)
    assert cut["items"][0]["series"][0]["steps"] == [1]
