"""How an evaluation is made: the settings that a user may give, in snake_case or camelCase."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from modellab.errors import InvalidInput, list_nearest
from modellab.evaluation.problem import TASK_TYPES, ClassName, TaskType

MAX_SEED = 2**63 - 1
_GIVE_WAY = {"task_type": "classification", "seed": 0}  # the defaults of arguments, which say nothing

RESAMPLES = (100, 100_000)
FAILURES_PER_TYPE = (0, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationConfig:
    """The settings of an evaluation.

    `classes` gives the order of the classes, which else are sorted. `run_stress_tests` needs a model.
    `compute_cis` says whether there are intervals, from `n_resamples` (100 to 100 000) resamples.
    `n_failures_per_type` (0 to 1000) rows are shown of each category of failure. `slice_attributes` are the
    columns of the data to look at; all of them if `None`. `primary_metric` is what verdicts and slices are
    about. `baseline` is what the model is compared with: the answer (a class or a number) that is always
    given; the majority class or the mean if `None`. `seed` starts all random numbers.
    """

    task_type: TaskType = "classification"
    classes: tuple[ClassName, ...] | None = None
    run_stress_tests: bool = True
    compute_cis: bool = True
    n_failures_per_type: int = 10
    slice_attributes: tuple[str, ...] | None = None
    n_resamples: int = 1000
    primary_metric: str | None = None
    baseline: ClassName | None = None
    seed: int = 0


def read_config(given: Mapping[str, Any] | None, **arguments: Any) -> EvaluationConfig:
    """The settings of a config and of arguments, under names in snake_case or camelCase; `None` is not given.

    Raises `InvalidInput` for an unknown name, with those close to it, for a value that is not allowed, and
    for two different values of one setting; but what a setting is where nobody says it gives way.
    """
    if given is not None and not isinstance(given, Mapping):
        raise InvalidInput(f"config is of type {type(given).__name__}; it may be a dict.")
    settings: dict[str, Any] = {}
    for key, value in [*arguments.items(), *(given or {}).items()]:
        name = _find_name(key)
        if value is None:
            continue
        if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
            value = value.item()
        if name in settings and settings[name] != value and settings[name] != _GIVE_WAY.get(name):
            raise InvalidInput(f"{name} is given twice, as {settings[name]!r} and as {value!r}.")
        settings[name] = value
    return EvaluationConfig(**{name: _READERS[name](name, value) for name, value in settings.items()})


def _find_name(key: Any) -> str:
    name = re.sub(r"(?<=[a-z])([A-Z]+)", r"_\1", str(key)).lower()
    names = [field.name for field in fields(EvaluationConfig)]
    if name in names:
        return name
    raise InvalidInput(f"config has {key!r}, which is no setting.", hint=list_nearest(name, names))


def _read_task(name: str, value: Any) -> TaskType:
    if value not in TASK_TYPES:
        raise InvalidInput(f"{name} is {value!r}; it may be {' or '.join(TASK_TYPES)}.")
    task_type: TaskType = value
    return task_type


def _read_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} is {value!r}; it may be true or false.")
    return value


def _read_whole(low: int, high: int) -> Callable[[str, Any], int]:
    def read(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InvalidInput(f"{name} is {value!r}; it may be a whole number from {low} to {high}.")
        return value

    return read


def _read_list(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__iter__"):
        raise InvalidInput(f"{name} is {value!r}; it may be a list.")
    return tuple(item.item() if hasattr(item, "item") else item for item in value)


def _read_names(name: str, value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in _read_list(name, value))


def _read_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is {value!r}; it may be a text.")
    return value


def _read_answer(name: str, value: Any) -> ClassName:
    if not isinstance(value, (str, int, float, bool)):
        raise InvalidInput(f"{name} is {value!r}; it may be a class or a number.")
    return value


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "task_type": _read_task,
    "classes": _read_list,
    "run_stress_tests": _read_flag,
    "compute_cis": _read_flag,
    "n_failures_per_type": _read_whole(*FAILURES_PER_TYPE),
    "slice_attributes": _read_names,
    "n_resamples": _read_whole(*RESAMPLES),
    "primary_metric": _read_text,
    "baseline": _read_answer,
    "seed": _read_whole(0, MAX_SEED),
}
