"""The metrics of each class against the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics import confusion
from modellab.evaluation.metrics.metric import Tally


def compute_by_class(tally: Tally) -> list[dict[str, Any]]:
    """Of each class its name, rows `n`, predictions `n_predicted` and metrics, in order; `None` is undefined.

    Areas are left out of hard labels.
    """
    problem, counts = tally.classification, tally.confusion
    columns: dict[str, NDArray[np.float64]] = {
        "precision": confusion.precisions(counts),
        "recall": np.where(counts.sum(1) > 0, confusion.recalls(counts), np.nan),
        "f1": confusion.f1s(counts),
        "specificity": confusion.specificities(counts),
    }
    if problem.probabilities is not None:
        columns |= tally.areas
    return [
        {
            "class": name,
            "n": int(counts[k].sum()),
            "n_predicted": int(counts[:, k].sum()),
            **{key: None if np.isnan(values[k]) else float(values[k]) for key, values in columns.items()},
        }
        for k, name in enumerate(problem.classes)
    ]
