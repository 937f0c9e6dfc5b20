"""Params as points of a cube, and back: what differs between runs, and within what it was tried."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.records.suggestions import MAX_CHOICES, ParamKind, VariedParam
from modellab.statistics.streams import Stream

_DECADE = 10.0  # numbers that span this factor are compared by their logarithms
_FEWEST_NUMBERS = 3  # different ones; two are a choice
_DIGITS = 4  # of a number that is suggested
_STEP = 0.1  # how far a neighbour lies, in shares of the range
_OTHER_CHOICE = 0.2  # how often a neighbour has another choice


@dataclass(frozen=True)
class SearchSpace:
    """The params that vary. A number is one column within 0 to 1, a choice has a column for each value."""

    params: Sequence[VariedParam]

    def encode(self, params: Mapping[str, Any]) -> list[float]:
        """A run's params as a point."""
        return [place for param in self.params for place in _encode(param, params[param.name])]

    def draw(self, stream: Stream, count: int) -> list[dict[str, Any]]:
        """Params from anywhere in the space."""
        numbers = stream.uniform(count * len(self.params)).reshape(count, len(self.params))
        return [
            {param.name: _decode(param, float(u)) for param, u in zip(self.params, row, strict=True)}
            for row in numbers
        ]

    def vary(self, stream: Stream, params: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
        """Params near to given ones."""
        numbers = stream.uniform(2 * count * len(self.params)).reshape(count, len(self.params), 2)
        return [
            {
                param.name: _move(param, params[param.name], float(u), float(v))
                for param, (u, v) in zip(self.params, row, strict=True)
            }
            for row in numbers
        ]


def find_space(params: Sequence[Mapping[str, Any]]) -> tuple[SearchSpace, dict[str, Any], list[str]]:
    """The space of params that all of these runs have, what is the same in all, and the names left out.

    Left out are lists and the like, and texts of which nearly every run has its own.
    """
    varied, fixed, left_out = [], {}, []
    for name in sorted(set.intersection(*(set(one) for one in params))):
        values = [one[name] for one in params]
        if all(value == values[0] and value.__class__ is values[0].__class__ for value in values):
            fixed[name] = values[0]
            continue
        param = _describe(name, values)
        if param is None:
            left_out.append(name)
        else:
            varied.append(param)
    return SearchSpace(varied), fixed, left_out


def _describe(name: str, values: Sequence[Any]) -> VariedParam | None:
    if not all(value is None or isinstance(value, (str, int, float)) for value in values):
        return None
    different = list(dict.fromkeys((value.__class__, value) for value in values))
    are_numbers = all(_is_number(value) for value in values)
    if are_numbers and len(set(values)) >= _FEWEST_NUMBERS:
        low, high = float(min(values)), float(max(values))
        is_whole = all(isinstance(value, int) for value in values)
        kind: ParamKind = "integer" if is_whole else "number"
        is_log = low > 0 and high >= _DECADE * low
        return VariedParam(name=name, kind=kind, is_log=is_log, low=low, high=high, values=[])
    if len(different) > min(MAX_CHOICES, len(values) // 2):
        return None
    choices = sorted((value for _, value in different), key=lambda value: (str(type(value)), str(value)))
    return VariedParam(name=name, kind="choice", is_log=False, low=None, high=None, values=choices)


def _encode(param: VariedParam, value: Any) -> list[float]:
    if param.kind == "choice":
        # Two choices lie 1 apart, as the two ends of a number do.
        return [math.sqrt(0.5) if _same(value, one) else 0.0 for one in param.values]
    assert param.low is not None
    assert param.high is not None
    place = math.log if param.is_log else float
    return [(place(value) - place(param.low)) / (place(param.high) - place(param.low))]


def _decode(param: VariedParam, place: float) -> Any:
    if param.kind == "choice":
        return param.values[min(int(place * len(param.values)), len(param.values) - 1)]
    assert param.low is not None
    assert param.high is not None
    if param.is_log:
        value = math.exp(math.log(param.low) + place * (math.log(param.high) - math.log(param.low)))
    else:
        value = param.low + place * (param.high - param.low)
    if param.kind == "integer":
        return int(min(max(round(value), param.low), param.high))
    return min(max(float(f"{value:.{_DIGITS}g}"), param.low), param.high)


def _move(param: VariedParam, value: Any, u: float, v: float) -> Any:
    if param.kind == "choice":
        return _decode(param, v) if u < _OTHER_CHOICE else value
    here = _encode(param, value)[0]
    return _decode(param, min(max(here + _STEP * (2 * u - 1) * (2 * v), 0.0), 1.0))


def _same(one: Any, other: Any) -> bool:
    return one.__class__ is other.__class__ and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def group_columns(space: SearchSpace) -> list[int]:
    """Which param each column of a point belongs to."""
    return [
        place
        for place, param in enumerate(space.params)
        for _ in range(len(param.values) if param.kind == "choice" else 1)
    ]


def as_points(space: SearchSpace, params: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
    """Points of many params, (n, columns)."""
    return np.array([space.encode(one) for one in params], dtype=np.float64)
