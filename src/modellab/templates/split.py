"""Parts a table into training and test rows: stratified, seeded, and with no row in both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.templates.table import TrainingTable

MIN_TEST_ROWS = 5
"""Rows of a test set."""
_FEW = 0.05  # the share of test rows that may repeat others before that is reckoned with


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Places of training and test rows in the table, each sorted, int64; and what is to be said of them.

    `clusters` numbers the test rows with the same features alike; `None` where hardly any are.
    """

    training: NDArray[np.int64]
    test: NDArray[np.int64]
    clusters: NDArray[np.int64] | None
    notes: list[str]


def split_rows(table: TrainingTable, *, test_size: float, seed: int) -> Split:
    """Draw the test rows: a share of `test_size` (above 0, below 1) of each class.

    Rows with the same features stay together, because a model that has learnt a row by heart would know its
    twin; unless most of them have different targets, as where the features are few and coarse. A class of
    which there is only one such group is learnt and not tested. Raises `InvalidInput`.
    """
    if not 0 < test_size < 1:
        raise InvalidInput(f"The test share is {test_size}; it may be above 0 and below 1.")
    groups = _group_twins(table)
    first = np.unique(groups, return_index=True)[1]
    strata = _find_strata(table)[first]
    sizes = np.bincount(strata)
    is_drawn = sizes[strata] > 1
    notes = []
    if table.n > len(first):
        n_twins = table.n - len(first)
        said = "1 row repeats" if n_twins == 1 else f"{n_twins} rows repeat"
        notes.append(f"{said} the features of another; such rows are all in training or all in test.")
    if table.classes is not None and not is_drawn.all():
        names = [str(table.classes[place]) for place in np.flatnonzero(sizes == 1)]
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        notes.append(f"Too rare to be tested, and only learnt: {shown}.")
    chosen = _draw(np.flatnonzero(is_drawn), strata[is_drawn], test_size, seed)
    in_test = np.isin(groups, chosen)
    training, test = np.flatnonzero(~in_test), np.flatnonzero(in_test)
    if len(test) < MIN_TEST_ROWS or len(training) < MIN_TEST_ROWS:
        raise InvalidInput(
            f"The split leaves {len(training)} rows to learn from and {len(test)} to test on; "
            f"both take at least {MIN_TEST_ROWS}.",
            hint="Choose another test share, or a larger table.",
        )
    clusters = groups[test]
    n_different = len(np.unique(clusters))
    if n_different < MIN_TEST_ROWS:
        notes.append(f"Only {n_different} of the {len(test)} test rows differ; what they tell is not sure.")
    is_repeated = n_different <= (1 - _FEW) * len(test)
    return Split(training=training, test=test, clusters=clusters if is_repeated else None, notes=notes)


def _draw(
    groups: NDArray[np.int64], strata: NDArray[np.int64], test_size: float, seed: int
) -> NDArray[np.int64]:
    from sklearn.model_selection import train_test_split

    # Of each stratum at least one group goes to either side, which a small share would not give.
    n_strata = len(np.unique(strata))
    n_test = min(max(round(test_size * len(groups)), n_strata), len(groups) - n_strata)
    if n_test < 1:
        raise InvalidInput("There are too few different rows to part into training and test.")
    _, chosen = train_test_split(groups, test_size=n_test, stratify=strata, random_state=seed)
    found: NDArray[np.int64] = chosen
    return found


def _group_twins(table: TrainingTable) -> NDArray[np.int64]:
    """For each row the number of its group, in order of first appearance: equal features share one.

    Where rows with equal features mostly have different targets, each row is a group of its own.
    """
    rows = table.features.with_row_index("row of the table")
    twins = rows.group_by(table.features.columns, maintain_order=True).agg("row of the table")
    groups = np.empty(table.n, np.int64)
    n_same = n_other = 0
    for number, places in enumerate(twins.get_column("row of the table").to_list()):
        groups[places] = number
        if len(places) > 1:
            is_same = bool((table.target[places] == table.target[places[0]]).all())
            n_same, n_other = n_same + is_same * len(places), n_other + (not is_same) * len(places)
    # Copies have the target of what they are copies of. Rows that differ in it only look alike.
    return groups if n_same >= n_other else np.arange(table.n)


def _find_strata(table: TrainingTable) -> NDArray[np.int64]:
    """The classes; of a regression, fifths of the target, so that its tails are on both sides."""
    if table.classes is not None:
        found: NDArray[np.int64] = table.target
        return found
    edges = np.unique(np.quantile(table.target, [0.2, 0.4, 0.6, 0.8]))
    return np.searchsorted(edges, table.target).astype(np.int64)
