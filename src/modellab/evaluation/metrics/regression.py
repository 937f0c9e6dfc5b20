"""The metrics of numbers."""

from __future__ import annotations

from functools import partial

import numpy as np

from modellab.evaluation.metrics import rows
from modellab.evaluation.metrics.metric import Metric, Tally

_TEXTBOOK = "scikit-learn user guide"
_CONSTANT = "the target is constant"

_numbers = partial(Metric, task_type="regression", needs="numbers")
_error = partial(
    _numbers,
    kind="means",
    higher_is_better=False,
    range=(0.0, None),
    unit="target",
    undefined="no rows",
    source=_TEXTBOOK,
)
_share = partial(_numbers, kind="means", higher_is_better=True, range=(None, 1.0), undefined=_CONSTANT)


def median_absolute_error(tally: Tally) -> float:
    """The middle one of the absolute errors."""
    return float(np.median(rows.absolute_errors(tally.problem)))


def max_error(tally: Tally) -> float:
    """The largest absolute error."""
    return float(rows.absolute_errors(tally.problem).max())


def spearman(tally: Tally) -> float:
    """The correlation of ranks, equal values sharing their mean rank (Spearman 1904)."""
    from scipy.stats import rankdata

    from modellab.evaluation.problem import Regression

    problem = tally.problem
    if not isinstance(problem, Regression):
        raise TypeError("Spearman's correlation is one of numbers.")
    ranked = Regression(targets=rankdata(problem.targets), predictions=rankdata(problem.predictions))
    means = np.array([column(ranked).mean() for column in _CORRELATED])
    return float(rows.correlation(means))


_CORRELATED = (
    rows.centred_targets,
    rows.squared_centred_targets,
    rows.centred_predictions,
    rows.squared_centred_predictions,
    rows.products,
)

REGRESSION: tuple[Metric, ...] = (
    _error(name="rmse", columns=(rows.squared_errors,), of_means=rows.take_root),
    _error(name="mae", columns=(rows.absolute_errors,), of_means=rows.take_mean),
    _error(
        name="median_absolute_error",
        kind="rows",
        value=median_absolute_error,
        interval="order_statistic",
    ),
    _error(name="max_error", kind="rows", value=max_error, interval="none"),
    _error(
        name="mape",
        unit="",
        columns=(rows.relative_errors,),
        of_means=rows.take_mean,
        undefined="a target is 0, or too close to it",
    ),
    _error(
        name="bias",
        higher_is_better=None,
        range=(None, None),
        columns=(rows.errors,),
        of_means=rows.take_mean,
    ),
    _error(
        name="residual_std",
        columns=(rows.centred_errors, rows.squared_centred_errors),
        of_means=rows.deviation,
    ),
    _share(
        name="r2",
        columns=(rows.squared_errors, rows.centred_targets, rows.squared_centred_targets),
        of_means=rows.unexplained,
        source=_TEXTBOOK,
    ),
    _share(
        name="explained_variance",
        columns=(
            rows.centred_errors,
            rows.squared_centred_errors,
            rows.centred_targets,
            rows.squared_centred_targets,
        ),
        of_means=rows.unexplained_variance,
        source=_TEXTBOOK,
    ),
    _share(
        name="pearson",
        range=(-1.0, 1.0),
        columns=_CORRELATED,
        of_means=rows.correlation,
        undefined="targets or predictions are constant",
        source="Pearson 1895",
    ),
    _share(
        name="spearman",
        kind="rows",
        range=(-1.0, 1.0),
        value=spearman,
        interval="fisher_z",
        undefined="targets or predictions are constant",
        source="Spearman 1904; interval Bonett & Wright 2000",
    ),
)
