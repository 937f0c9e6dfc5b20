"""The decorator works on anything that can be called, and changes nothing about it."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest

import modellab
from modellab import InvalidInput, log_run


@pytest.fixture(autouse=True)
def _in_a_project(project: Any) -> None:
    """All tests here record into an empty project."""


def _only_run() -> modellab.Run:
    [found] = modellab.list_runs()
    return modellab.get_run(found.run_id)


@log_run
def bare(x: int = 1) -> dict[str, int]:
    """Says what it is for."""
    return {"score": x}


@log_run()
def called(x: int = 1) -> dict[str, int]:
    return {"score": x}


@pytest.mark.parametrize("train", [bare, called])
def test_the_decorator_works_with_and_without_parentheses(train: Any) -> None:
    assert train(x=3) == {"score": 3}
    run = _only_run()
    assert (run.params, run.final_metrics, run.status) == ({"x": 3}, {"score": 3.0}, "completed")


def test_the_function_keeps_its_name_signature_and_docstring() -> None:
    assert bare.__name__ == "bare"
    assert bare.__doc__ == "Says what it is for."
    assert list(inspect.signature(bare).parameters) == ["x"]


def test_the_run_knows_the_functions_name_and_what_the_decorator_says() -> None:
    @log_run(name="baseline", dataset_id="digits", project_id="vision", tags={"team": "a", "gpu": 2})
    def train() -> None: ...

    train()
    run = _only_run()
    assert run.function == "test_the_run_knows_the_functions_name_and_what_the_decorator_says.train"
    assert (run.name, run.dataset_id, run.project_id) == ("baseline", "digits", "vision")
    assert run.tags == {"team": "a", "gpu": "2"}


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 251}, {"name": 3}, {"dataset_id": ["a"]}, {"project_id": 1}, {"tags": "a"}],
    ids=repr,
)
def test_what_the_decorator_cannot_record_is_refused_before_any_call(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        log_run(**wrong)


def test_every_call_is_a_run_of_its_own() -> None:
    for x in range(3):
        bare(x)
    assert [run.params["x"] for run in modellab.list_runs()] == [2, 1, 0]


def test_a_coroutine_function_is_recorded_until_it_returns() -> None:
    @log_run
    async def train(lr: float) -> dict[str, float]:
        await asyncio.sleep(0)
        modellab.log_metrics({"loss": lr}, step=0)
        return {"accuracy": 0.5}

    assert inspect.iscoroutinefunction(train)
    assert asyncio.run(train(0.1)) == {"accuracy": 0.5}
    run = _only_run()
    assert (run.params, run.final_metrics) == ({"lr": 0.1}, {"loss": 0.1, "accuracy": 0.5})


def test_concurrent_tasks_keep_their_runs_apart() -> None:
    async def meet(barrier: list[asyncio.Event], mine: int) -> None:
        barrier[mine].set()
        await asyncio.gather(*(event.wait() for event in barrier))

    @log_run
    async def train(mine: int, start: list[asyncio.Event], end: list[asyncio.Event]) -> None:
        await meet(start, mine)  # both have begun
        modellab.log_metrics({"mine": mine})
        await meet(end, mine)  # neither has ended
        modellab.log_metrics({"mine": mine})

    async def main() -> None:
        start, end = [asyncio.Event(), asyncio.Event()], [asyncio.Event(), asyncio.Event()]
        await asyncio.gather(train(0, start, end), train(1, start, end))

    with pytest.warns(RuntimeWarning, match="start, end: no JSON value"):
        asyncio.run(main())
    found = modellab.list_runs()
    assert [run.parent_id for run in found] == [None, None]
    for run in found:
        values = [point.value for point in modellab.get_metric_history(run.run_id, "mine")]
        assert values == [run.params["mine"]] * 2


class Trainer:
    """Methods of every kind."""

    rate = 0.5

    @log_run
    def fit(self, epochs: int = 2) -> dict[str, float]:
        return {"score": self.rate * epochs}

    @classmethod
    @log_run
    def inside(cls, epochs: int) -> dict[str, float]:
        return {"score": cls.rate * epochs}

    @log_run
    @classmethod
    def outside(cls, epochs: int) -> dict[str, float]:
        return {"score": cls.rate * epochs}

    @log_run
    @staticmethod
    def alone(epochs: int) -> dict[str, float]:
        return {"score": epochs / 2}


@pytest.mark.parametrize("kind", ["fit", "inside", "outside", "alone"])
def test_methods_are_recorded_without_self_and_cls(kind: str) -> None:
    assert getattr(Trainer(), kind)(epochs=4) == {"score": 2.0}
    run = _only_run()
    assert run.params == {"epochs": 4}
    assert run.function == f"Trainer.{kind}"


def test_a_callable_object_is_recorded() -> None:
    class Model:
        def __call__(self, x: int) -> dict[str, int]:
            return {"twice": 2 * x}

    assert log_run(Model())(4) == {"twice": 8}
    run = _only_run()
    assert (run.params, run.final_metrics) == ({"x": 4}, {"twice": 8.0})


def test_a_callable_object_whose_calls_are_coroutines_is_recorded_until_they_return() -> None:
    class Model:
        async def __call__(self) -> dict[str, int]:
            await asyncio.sleep(0)
            modellab.log_metrics({"inside": 1})
            return {"accuracy": 1}

    assert asyncio.run(log_run(Model())()) == {"accuracy": 1}
    assert _only_run().final_metrics == {"inside": 1.0, "accuracy": 1.0}


def test_a_partial_function_is_recorded_with_the_arguments_it_carries() -> None:
    def train(lr: float, epochs: int) -> dict[str, float]:
        return {"product": lr * epochs}

    assert log_run(functools.partial(train, epochs=2))(0.5) == {"product": 1.0}
    assert _only_run().params == {"lr": 0.5, "epochs": 2}


def test_a_generator_function_is_recorded_from_its_first_step_to_its_last() -> None:
    @log_run
    def train(epochs: int) -> Generator[int, None, dict[str, float]]:
        for epoch in range(epochs):
            modellab.log_metrics({"epoch": epoch})
            yield epoch
        return {"accuracy": 0.9}

    assert inspect.isgeneratorfunction(train)
    assert list(train(3)) == [0, 1, 2]
    run = _only_run()
    assert run.final_metrics == {"epoch": 2.0, "accuracy": 0.9}


def test_a_generator_that_is_left_early_has_not_failed() -> None:
    @log_run
    def train() -> Iterator[int]:
        yield from range(1000)

    steps = train()
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert _only_run().status == "completed"
    assert modellab.current_run() is None


def test_a_generator_hands_on_what_is_sent_and_thrown() -> None:
    @log_run
    def echo() -> Iterator[Any]:
        got: Any = None
        while True:
            try:
                got = yield got
            except KeyError:
                got = "caught"

    steps: Any = echo()
    next(steps)
    assert steps.send(5) == 5
    assert steps.throw(KeyError("x")) == "caught"
    steps.close()


def test_an_async_generator_is_recorded_from_its_first_step_to_its_last() -> None:
    @log_run
    async def train(epochs: int) -> AsyncIterator[int]:
        for epoch in range(epochs):
            modellab.log_metrics({"epoch": epoch})
            yield epoch

    async def collect() -> list[int]:
        return [epoch async for epoch in train(3)]

    assert asyncio.run(collect()) == [0, 1, 2]
    assert (_only_run().status, _only_run().final_metrics) == ("completed", {"epoch": 2.0})


@pytest.mark.parametrize("thing", [3, Trainer], ids=["a number", "a class"])
def test_what_cannot_be_recorded_is_refused_when_it_is_decorated(thing: Any) -> None:
    with pytest.raises(InvalidInput, match="log_run decorates functions"):
        log_run(thing)


def test_lab_logger_offers_the_same_decorator() -> None:
    import lab_logger

    assert lab_logger.log_run is log_run
