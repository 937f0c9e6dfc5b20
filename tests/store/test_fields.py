"""Fields and their values: what completion and the choice of columns offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from modellab.errors import InvalidInput
from modellab.query import parse_field
from modellab.store import Store

AddRun = Callable[..., str]


def found(store: Store, field: str, **options: Any) -> list[tuple[Any, int]]:
    return [(one.value, one.n_runs) for one in store.fields.list_values(field, **options)]


def test_fields_come_with_how_many_runs_have_them(store: Store, add_run: AddRun) -> None:
    add_run(params={"lr": 0.1, "model": "svm"}, final={"acc": 1.0}, tags={"team": "a"})
    add_run(params={"lr": 0.2, "mixed": 1}, final={"acc": 0.5, "f1": 0.5})
    add_run(params={"lr": 0.2, "mixed": "auto"}, curves={"system/cpu": [1.0]}, tags={"team": "a"})
    fields = store.fields.list()
    assert [(one.name, one.n_runs) for one in fields.metrics] == [("acc", 2), ("f1", 1), ("system/cpu", 1)]
    assert [(one.name, one.n_runs, one.n_values, one.is_numeric) for one in fields.params] == [
        ("lr", 3, 2, True),
        ("mixed", 2, 2, False),
        ("model", 1, 1, False),
    ]
    assert [(one.name, one.n_runs, one.n_values) for one in fields.tags] == [("team", 2, 1)]
    assert (fields.n_metrics, fields.n_params, fields.n_tags) == (3, 3, 1)
    kinds = {attribute.name: attribute.kind for attribute in fields.attributes}
    assert (kinds["started_at"], kinds["git_dirty"], kinds["datasets.name"]) == ("time", "bool", "text")


def test_a_field_is_told_as_a_query_writes_it(store: Store, add_run: AddRun) -> None:
    names = ["learning rate", 'a"b', "loss.min", "ü"]
    add_run(final=dict.fromkeys(names, 1.0), params=dict.fromkeys(names, 1))
    fields = store.fields.list()
    assert {parse_field(one.field).name for one in fields.metrics} == set(names)
    assert {parse_field(one.field).name for one in fields.params} == set(names)


def test_a_thousand_metrics_are_found_by_a_part_of_their_name(store: Store, add_run: AddRun) -> None:
    add_run(final={f"Layer{number}/norm": number for number in range(1000)})
    fields = store.fields.list(search="layer99", kinds=["metrics"], limit=5)
    assert [one.name for one in fields.metrics] == [f"Layer{n}/norm" for n in (99, 990, 991, 992, 993)]
    assert fields.n_metrics == 11
    assert (fields.params, fields.attributes) == ([], [])
    assert [one.name for one in store.fields.list(search="_AT").attributes] == ["started_at", "ended_at"]


def test_only_what_is_in_the_project_visible_and_not_in_the_trash_counts(
    store: Store, add_run: AddRun
) -> None:
    for project in ("p", "q"):
        add_run(project_id=project, params={project: 1, "both": project}, final={project: 1.0})
    gone = add_run(project_id="p", params={"gone": 1}, final={"gone": 1.0}, tags={"gone": "x"}, name="gone")
    store.trash.put_run(gone)
    for options in ({"project_id": "p"}, {"visible": frozenset({"p"})}):
        fields = store.fields.list(**options)
        assert [one.name for one in fields.metrics] == ["p"]
        assert [one.name for one in fields.params] == ["both", "p"]
        assert found(store, "params.both", **options) == [("p", 1)]
        assert found(store, "project_id", **options) == [("p", 1)]
    assert found(store, "name") == []
    assert found(store, "tags.gone") == []
    assert store.fields.list(visible=frozenset()).params == []


def test_values_come_commonest_first_and_can_be_completed(store: Store, add_run: AddRun) -> None:
    for model in ("resnet", "ResNeXt", "vit", "resnet", "50%"):
        add_run(params={"model": model}, tags={"model": model}, name=model, dataset_id=model)
    for field in ("params.model", "tags.model", "name", "dataset_id"):
        assert found(store, field)[0] == ("resnet", 2)
        assert dict(found(store, field, prefix="RESN")) == {"resnet": 2, "ResNeXt": 1}
        assert found(store, field, prefix="50%") == [("50%", 1)]
        assert found(store, field, prefix="%") == []
        assert len(found(store, field, limit=2)) == 2
    assert found(store, "status") == [("completed", 5)]


def test_a_number_and_its_text_are_two_values(store: Store, add_run: AddRun) -> None:
    for value in (3, "3", 3, 0.5, True):
        add_run(params={"depth": value}, seed=7)
    assert found(store, "params.depth")[0] == (3, 2)
    assert {(type(value), value) for value, _ in found(store, "params.depth")} == {
        (int, 3),
        (str, "3"),
        (float, 0.5),
        (str, "true"),
    }
    assert found(store, "seed") == [(7, 5)]
    assert found(store, "params.depth", prefix="0.") == [(0.5, 1)]
    assert found(store, "seed", prefix="8") == []


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("metrics.loss", "values of metrics.loss are not listed"),
        ("started_at", "values of started_at are not listed"),
        ("nothing", "field: There is no field 'nothing'"),
    ],
)
def test_what_has_no_list_of_values_is_refused(sqlite_store: Store, field: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        sqlite_store.fields.list_values(field)
    with pytest.raises(InvalidInput, match="limit is 0; it may be 1 to 1000"):
        sqlite_store.fields.list_values("name", limit=0)
    with pytest.raises(InvalidInput, match="limit is 10001"):
        sqlite_store.fields.list(limit=10_001)
