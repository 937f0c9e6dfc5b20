"""Test rows that one run gets right and the other does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modellab.comparison.pairing import Pairing
from modellab.evaluation.problem import Classification
from modellab.records.comparisons import ChangedExamples


def find_changed(a: str, b: str, pairing: Pairing, most: int) -> ChangedExamples | None:
    """How many rows A had wrong and B has right, and the reverse, with at most `most` ids of each.

    `None` for a regression, where no row is right or wrong. The first ids are in the order of the rows of A.
    """
    if not (isinstance(pairing.a, Classification) and isinstance(pairing.b, Classification)):
        return None
    right_a, right_b = pairing.a.correct, pairing.b.correct
    fixed, broken = np.flatnonzero(~right_a & right_b), np.flatnonzero(right_a & ~right_b)
    return ChangedExamples(
        a=a,
        b=b,
        n=pairing.n,
        n_fixed=len(fixed),
        n_broken=len(broken),
        n_both_right=int(np.count_nonzero(right_a & right_b)),
        n_both_wrong=int(np.count_nonzero(~right_a & ~right_b)),
        fixed=_name_rows(pairing.row_ids, fixed[:most]),
        broken=_name_rows(pairing.row_ids, broken[:most]),
    )


def _name_rows(row_ids: Sequence[str] | NDArray[np.int64], places: NDArray[np.int64]) -> list[str | int]:
    if isinstance(row_ids, np.ndarray):
        return [int(row_id) for row_id in row_ids[places]]
    return [row_ids[place] for place in places.tolist()]
