"""The decorator: each call of a function becomes a run."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from modellab.errors import InvalidInput, InvalidSetting
from modellab.notice import tell
from modellab.tracking.current import innermost

if TYPE_CHECKING:
    from modellab.tracking.run import ActiveRun

Function = TypeVar("Function", bound=Callable[..., Any])


class Start(Protocol):
    """Starts a run for one call: its function's name, and its arguments by name."""

    def __call__(self, function: str, arguments: Mapping[str, Any]) -> ActiveRun:
        """The run, started."""
        ...


def record_calls(function: Function, start: Start) -> Function:
    """`function`, with each call recorded as a run; what it returns or raises is handed on unchanged.

    Works on functions, methods, coroutine functions and generators of both kinds. Raises `InvalidInput`
    for what is none of them. A place that cannot be written is said at the start, before the function runs;
    but within a run, which it must not stop, the call goes on unrecorded with a warning.
    """
    if isinstance(function, (staticmethod, classmethod)):
        inner = record_calls(function.__func__, start)
        return type(function)(inner)
    if not callable(function) or isinstance(function, type):
        raise InvalidInput(f"log_run decorates functions; {function!r} is none it can record.")
    signature = inspect.signature(function)
    name = getattr(function, "__qualname__", type(function).__qualname__).replace(".<locals>", "")

    def begin(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> AbstractContextManager[ActiveRun | None]:
        arguments = _read_arguments(signature, args, kwargs)  # a call that Python refuses is no run
        try:
            return start(name, arguments)
        except InvalidSetting as error:
            if innermost() is None:
                raise
            tell(f"This call of {name} is not recorded: {error}", stacklevel=4)
            return nullcontext()

    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object whose calls are coroutines
    ):

        @functools.wraps(function)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            with begin(args, kwargs) as run:
                value = await function(*args, **kwargs)
                if run is not None:
                    run.record_result(value)
            return value

        return call_async  # type: ignore[return-value]

    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def call_async_generator(*args: Any, **kwargs: Any) -> Any:
            with begin(args, kwargs):
                async for item in function(*args, **kwargs):
                    yield item

        return call_async_generator  # type: ignore[return-value]

    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def call_generator(*args: Any, **kwargs: Any) -> Any:
            with begin(args, kwargs) as run:
                value = yield from function(*args, **kwargs)
                if run is not None:
                    run.record_result(value)
            return value

        return call_generator  # type: ignore[return-value]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with begin(args, kwargs) as run:
            value = function(*args, **kwargs)
            if run is not None:
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
            # `def f(a, /, **rest)` takes f(1, a=2): both are kept.
            arguments |= {f"{name}.{key}" if key in arguments else key: item for key, item in value.items()}
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL or value:
            arguments[name] = value
    return arguments
