"""The model beside the answer that needs none: always the majority class, or always the mean."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.inputs import MAX_NUMBER
from modellab.evaluation.metrics.rows import brier_scores
from modellab.evaluation.problem import Classification, ClassName, Problem, Regression
from modellab.records.comparisons import VerdictWord
from modellab.records.estimates import Test
from modellab.statistics.paired import compare_correctness, compare_means
from modellab.statistics.verdicts import choose_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How the model does beside an answer that is always the same.

    `answer` is that class or number; `kind` says where it comes from. `metric` is `accuracy`, or `mse`; its
    value for either is `baseline` and `model`. `test` is paired, of model - baseline. `prior` is the same
    test of Brier scores against the share of each class, of probabilities.
    """

    kind: Literal["majority class", "mean", "given"]
    answer: ClassName
    metric: Literal["accuracy", "mse"]
    baseline: float
    model: float
    verdict: VerdictWord
    test: Test
    prior: Test | None = None
    prior_verdict: VerdictWord | None = None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def compare_with_baseline(
    problem: Problem, answer: ClassName | None = None, clusters: NDArray[np.int64] | None = None
) -> Baseline:
    """Test the model against `answer` on every row; if not given, against the majority class or the mean.

    Those are taken from the very rows that are evaluated, which favours them. Raises `InvalidInput` for an
    answer that is no class, or no number.
    """
    if isinstance(problem, Classification):
        return _compare_classes(problem, answer, clusters)
    return _compare_numbers(problem, answer, clusters)


def _compare_classes(
    problem: Classification, answer: ClassName | None, clusters: NDArray[np.int64] | None
) -> Baseline:
    if answer is None:
        code = int(np.bincount(problem.labels).argmax())
    elif answer in problem.classes:
        code = problem.classes.index(answer)
    else:
        raise InvalidInput(f"baseline is {answer!r}; it may be one of the classes.")
    right = problem.labels == code
    test = compare_correctness(right, problem.correct, clusters=clusters)
    prior = None if problem.probabilities is None else _compare_prior(problem, clusters)
    return Baseline(
        kind="majority class" if answer is None else "given",
        answer=problem.classes[code],
        metric="accuracy",
        baseline=float(right.mean()),
        model=float(problem.correct.mean()),
        verdict=_judge(test, higher_is_better=True),
        test=test,
        prior=prior,
        prior_verdict=None if prior is None else _judge(prior, higher_is_better=False),
    )


def _compare_prior(problem: Classification, clusters: NDArray[np.int64] | None) -> Test:
    shares = np.bincount(problem.labels, minlength=len(problem.classes)) / problem.n
    row = np.square(shares).sum()
    scale = 0.5 if problem.is_binary else 1.0  # of two classes the Brier score counts one side
    of_prior = scale * (row - np.square(shares) + np.square(1 - shares))[problem.labels]
    return compare_means(of_prior, brier_scores(problem), clusters=clusters)


def _compare_numbers(
    problem: Regression, answer: ClassName | None, clusters: NDArray[np.int64] | None
) -> Baseline:
    if answer is not None and (isinstance(answer, (bool, str)) or not abs(answer) <= MAX_NUMBER):
        raise InvalidInput(f"baseline is {answer!r}; it may be a number.")
    constant = float(problem.targets.mean()) if answer is None else float(answer)
    of_constant, of_model = np.square(problem.targets - constant), np.square(problem.errors)
    test = compare_means(of_constant, of_model, clusters=clusters)
    return Baseline(
        kind="mean" if answer is None else "given",
        answer=constant,
        metric="mse",
        baseline=float(of_constant.mean()),
        model=float(of_model.mean()),
        verdict=_judge(test, higher_is_better=False),
        test=test,
    )


def _judge(test: Test, *, higher_is_better: bool) -> VerdictWord:
    """What a test of model - baseline says: it is one test, with nothing to adjust for."""
    return choose_word(
        higher_is_better=higher_is_better,
        interval=test.interval,
        p_value=test.p_value,
        adjusted_p=test.p_value,
    )
