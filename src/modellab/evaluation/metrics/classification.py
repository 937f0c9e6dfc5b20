"""The metrics of classes."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.metrics import confusion, rows, scores
from modellab.evaluation.metrics.metric import Metric, Tally
from modellab.evaluation.metrics.scores import list_names
from modellab.statistics.confusion import ConfusionStatistic

_classes = partial(Metric, task_type="classification", range=(0.0, 1.0))
_from_counts = partial(_classes, kind="confusion", needs="labels", higher_is_better=True)
_from_scores = partial(_classes, kind="scores", needs="probabilities", higher_is_better=True)
_calibration = partial(
    _classes, kind="rows", needs="probabilities", higher_is_better=False, interval="none", undefined="no rows"
)
_brier_part = partial(_calibration, classes="two", higher_is_better=None, source="Dimitriadis et al. 2021")

_NOWHERE = "no class occurs"
_ROUNDING = 1e-12
_ONE_CLASS = "fewer than two classes occur in the labels"


def _name_unpredicted(tally: Tally) -> str | None:
    return _name_counted(tally, tally.confusion.sum(0) == 0, "never predicted, precision counted as 0")


def _name_unlabelled(tally: Tally) -> str | None:
    return _name_counted(tally, tally.confusion.sum(1) == 0, "predicted but in no label, recall counted as 0")


def _name_counted(tally: Tally, is_empty: NDArray[np.bool_], what: str) -> str | None:
    """Which classes occur but have an empty side, of those that the metric looks at."""
    counts = tally.confusion
    empty = np.flatnonzero(is_empty & (counts.sum(0) + counts.sum(1) > 0))
    names = [str(tally.classification.classes[k]) for k in empty]
    return f"{what}: {list_names(names)}" if names else None


def _positive_unpredicted(tally: Tally) -> str | None:
    if tally.classification.is_binary and tally.confusion[:, 1].sum() > 0:
        return None
    return _name_unpredicted(tally)


def _positive_unlabelled(tally: Tally) -> str | None:
    return None if tally.classification.is_binary else _name_unlabelled(tally)


def _take_part(tally: Tally, part: str) -> float:
    """A part of the Brier score; what rounding leaves of 0 is 0."""
    value: float = getattr(tally.brier_parts, part)
    return value if abs(value) > _ROUNDING else 0.0


def _average(name: str, statistic: ConfusionStatistic, undefined: str = _NOWHERE, **more: object) -> Metric:
    return _from_counts(
        name=name, confusion=statistic, undefined=undefined, source="scikit-learn user guide", **more
    )


CLASSIFICATION: tuple[Metric, ...] = (
    _average("accuracy", confusion.accuracy),
    _from_counts(
        name="balanced_accuracy",
        confusion=confusion.balanced_accuracy,
        undefined=_NOWHERE,
        source="Brodersen et al. 2010",
    ),
    _average(
        "precision",
        confusion.precision,
        "the positive class is neither among labels nor among predictions",
        caveat=_positive_unpredicted,
    ),
    _average("precision_macro", confusion.precision_macro, caveat=_name_unpredicted),
    _average("precision_weighted", confusion.precision_weighted, caveat=_name_unpredicted),
    _average("recall", confusion.recall, "no label is of the positive class", caveat=_positive_unlabelled),
    _average("recall_macro", confusion.recall_macro, caveat=_name_unlabelled),
    _average("recall_weighted", confusion.recall_weighted),
    _average("f1", confusion.f1, "the positive class is neither among labels nor among predictions"),
    _average("f1_macro", confusion.f1_macro),
    _average("f1_weighted", confusion.f1_weighted),
    _average("specificity", confusion.specificity, "no label is of the negative class"),
    _from_counts(
        name="mcc",
        confusion=confusion.mcc,
        range=(-1.0, 1.0),
        undefined="labels or predictions are constant",
        source="Matthews 1975; Gorodkin 2004",
    ),
    _from_counts(
        name="cohen_kappa",
        confusion=confusion.cohen_kappa,
        range=(-1.0, 1.0),
        undefined="labels and predictions are constant and the same",
        source="Cohen 1960",
    ),
    _from_scores(
        name="roc_auc",
        value=scores.roc_auc,
        undefined=_ONE_CLASS,
        source="Hanley & McNeil 1982",
        caveat=scores.name_left_out,
    ),
    _from_scores(
        name="roc_auc_weighted",
        value=scores.roc_auc_weighted,
        classes="more",
        undefined=_ONE_CLASS,
        source="Provost & Domingos 2000",
        caveat=scores.name_left_out,
    ),
    _from_scores(
        name="roc_auc_ovo",
        value=scores.roc_auc_ovo,
        classes="more",
        interval="none",
        undefined=f"a class is in no label, or there are more than {scores.MOST_PAIRED_CLASSES} classes",
        source="Hand & Till 2001",
    ),
    _from_scores(
        name="pr_auc",
        value=scores.pr_auc,
        undefined="no class has both rows and others",
        source="Boyd et al. 2013",
        caveat=scores.name_left_out,
    ),
    _from_scores(
        name="expected_calibration_error",
        value=scores.expected_calibration_error,
        higher_is_better=False,
        interval="inversion",
        undefined="no rows",
        source="Naeini et al. 2015; Guo et al. 2017",
    ),
    _from_scores(
        name="expected_calibration_error_top_label",
        value=scores.expected_calibration_error_top_label,
        higher_is_better=False,
        interval="inversion",
        undefined="no rows",
        source="Guo et al. 2017",
    ),
    _calibration(name="ece_equal_mass", value=scores.ece_equal_mass, source="Nixon et al. 2019"),
    _calibration(name="ece_debiased", value=scores.ece_debiased, source="Kumar et al. 2019"),
    _calibration(
        name="max_calibration_error", value=scores.max_calibration_error, source="Naeini et al. 2015"
    ),
    _brier_part(name="brier_miscalibration", value=partial(_take_part, part="miscalibration")),
    _brier_part(name="brier_discrimination", value=partial(_take_part, part="discrimination")),
    _brier_part(name="brier_uncertainty", value=partial(_take_part, part="uncertainty")),
    _classes(
        name="log_loss",
        kind="means",
        needs="probabilities",
        higher_is_better=False,
        range=(0.0, None),
        unit="nats",
        columns=(rows.log_losses,),
        of_means=rows.take_mean,
        undefined="no rows",
        source="Good 1952",
    ),
    _classes(
        name="brier",
        kind="means",
        needs="probabilities",
        higher_is_better=False,
        range=(0.0, 2.0),
        columns=(rows.brier_scores,),
        of_means=rows.take_mean,
        undefined="no rows",
        source="Brier 1950",
    ),
)
