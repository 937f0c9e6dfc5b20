"""All arguments of a call become params, by name."""

from __future__ import annotations

from typing import Any

import pytest

import modellab
from modellab import log_run


@pytest.fixture(autouse=True)
def _in_a_project(project: Any) -> None:
    """All tests here record into an empty project."""


def _params() -> dict[str, Any]:
    [run] = modellab.list_runs()
    return dict(run.params)


@log_run
def train(a: int, b: int = 2, /, c: int = 3, *rest: int, d: int, e: int = 5, **more: Any) -> None: ...


def test_defaults_are_applied() -> None:
    train(1, d=4)
    assert _params() == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


def test_further_arguments_are_a_list_and_keywords_have_their_own_names() -> None:
    train(1, 20, 30, 40, 50, d=6, dropout=0.1, name="x")
    assert _params() == {
        "a": 1,
        "b": 20,
        "c": 30,
        "rest": [40, 50],
        "d": 6,
        "e": 5,
        "dropout": 0.1,
        "name": "x",
    }


def test_a_keyword_with_the_name_of_a_positional_argument_hides_nothing() -> None:
    train(1, d=4, a="other", rest="more")
    assert _params() == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "more.a": "other", "rest": "more"}


@pytest.mark.parametrize(("args", "kwargs"), [((), {"d": 1}), ((1,), {}), ((1, 2, 3), {"c": 4, "d": 1})])
def test_a_call_that_python_refuses_raises_and_is_no_run(args: Any, kwargs: Any) -> None:
    with pytest.raises(TypeError):
        train(*args, **kwargs)
    assert modellab.list_runs() == []


def test_a_wrong_call_of_a_coroutine_or_generator_function_is_no_run() -> None:
    @log_run
    async def coroutine(a: int) -> None: ...

    @log_run
    def generator(a: int) -> Any:
        yield a

    wrong: Any = coroutine()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'a'"):
        wrong.send(None)
    with pytest.raises(TypeError, match="'a'"):
        next(generator())  # type: ignore[call-arg]
    assert modellab.list_runs() == []


def test_an_argument_that_the_function_changes_is_recorded_as_it_was_given() -> None:
    @log_run
    def grow(layers: list[int]) -> None:
        layers.append(10)

    grow([1, 2])
    assert _params() == {"layers": [1, 2]}


def test_a_function_may_have_arguments_named_like_those_of_the_decorator() -> None:
    @log_run
    def run(name: str, function: str, args: int, kwargs: int, tags: str, settings: int) -> None: ...

    run(name="n", function="f", args=1, kwargs=2, tags="t", settings=3)
    assert _params() == {"name": "n", "function": "f", "args": 1, "kwargs": 2, "tags": "t", "settings": 3}
