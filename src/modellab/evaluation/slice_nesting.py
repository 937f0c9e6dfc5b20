"""Which slices stand out only because of another one, around them or in the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from modellab.evaluation.slice_measures import Mask, Measure
from modellab.records.estimates import LEVEL


@dataclass(frozen=True, slots=True)
class Standout:
    """A slice that stands out: its rows (n,), by how much, and a name."""

    name: str
    rows: Mask
    difference: float


def explain_by_others(standouts: Sequence[Standout], measure: Measure) -> dict[str, str]:
    """By the name of a slice, that of another one that explains it.

    The widest around it that stands out to the same side does, if within that one the slice does not differ
    from the others; of slices with the same rows, the first. So does one in the rest, further out to the
    other side, if without it the rest does not differ from the slice: next to one bad slice all others look
    good. Not to differ is a p-value of at least 0.05 over the number of slices.
    """
    level = (1 - LEVEL) / max(1, len(standouts))
    explained: dict[str, str] = {}

    def explain(ordered: Sequence[Standout], compared: Callable[[Standout, Standout], Mask | None]) -> None:
        for place, slice_ in enumerate(ordered):
            for other in ordered[:place]:
                if explained.keys() & {slice_.name, other.name}:
                    continue
                outside = compared(slice_, other)
                if outside is not None and not _differs(slice_.rows, outside, measure, level):
                    explained[slice_.name] = other.name

    explain(sorted(standouts, key=lambda standout: -int(np.count_nonzero(standout.rows))), _take_around)
    explain(sorted(standouts, key=lambda standout: -abs(standout.difference)), _take_rest_without)
    return explained


def _take_around(inner: Standout, outer: Standout) -> Mask | None:
    """The other rows of a slice around; `None` if it is not around, or stands out to the other side."""
    if inner.difference * outer.difference <= 0 or (inner.rows & ~outer.rows).any():
        return None
    return outer.rows & ~inner.rows


def _take_rest_without(slice_: Standout, other: Standout) -> Mask | None:
    """The rest without another slice in it; `None` if that one overlaps, is to the same side, or is all."""
    if slice_.difference * other.difference >= 0 or (slice_.rows & other.rows).any():
        return None
    rest = ~(slice_.rows | other.rows)
    return rest if rest.any() else None


def _differs(inside: Mask, outside: Mask, measure: Measure, level: float) -> bool:
    test = measure.compare(inside, outside).test if outside.any() else None
    return test is not None and test.p_value is not None and test.p_value < level
