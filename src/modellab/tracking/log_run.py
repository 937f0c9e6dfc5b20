"""The decorator: each call of a function becomes a run."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from modellab.errors import InvalidInput
from modellab.tracking.run import ActiveRun

Function = TypeVar("Function", bound=Callable[..., Any])


class Start(Protocol):
    """Starts a run for one call: its function's name, and its arguments by name."""

    def __call__(self, function: str, arguments: Mapping[str, Any]) -> ActiveRun:
        """The run, started."""
        ...


def record_calls(function: Function, start: Start) -> Function:
    """`function`, with each call recorded as a run; what it returns or raises is handed on unchanged.

    Works on functions, methods, coroutine functions and generator functions. Raises `InvalidInput` for
    what is none of them.
    """
    if isinstance(function, (staticmethod, classmethod)):
        inner = record_calls(function.__func__, start)
        return type(function)(inner)
    if not callable(function) or isinstance(function, type) or inspect.isasyncgenfunction(function):
        raise InvalidInput(f"log_run decorates functions; {function!r} is none it can record.")
    signature = inspect.signature(function)
    name = getattr(function, "__qualname__", type(function).__qualname__).replace(".<locals>", "")

    def begin(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> ActiveRun:
        return start(name, _read_arguments(signature, args, kwargs))

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            signature.bind(*args, **kwargs)  # a call that Python refuses is no run
            with begin(args, kwargs) as run:
                value = await function(*args, **kwargs)
                run.record_result(value)
            return value

        return call_async  # type: ignore[return-value]

    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def call_generator(*args: Any, **kwargs: Any) -> Any:
            with begin(args, kwargs) as run:
                value = yield from function(*args, **kwargs)
                run.record_result(value)
            return value

        return call_generator  # type: ignore[return-value]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        signature.bind(*args, **kwargs)  # a call that Python refuses is no run
        with begin(args, kwargs) as run:
            value = function(*args, **kwargs)
            run.record_result(value)
        return value

    return call  # type: ignore[return-value]


def _read_arguments(
    signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """All arguments by name, defaults applied; without `self`, and `**kwargs` under their own names."""
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    arguments: dict[str, Any] = {}
    for position, (name, parameter) in enumerate(signature.parameters.items()):
        value = bound.arguments[name]
        if position == 0 and name in ("self", "cls"):
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            arguments.update(value)
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL or value:
            arguments[name] = value
    return arguments
