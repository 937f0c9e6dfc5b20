"""What requests and answers about comparisons with verdicts hold; the answers are records as they are."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from modellab.records import MAX_NAME_LENGTH
from modellab.records.comparisons import MAX_COMPARED, MIN_COMPARED, Basis, VerdictWord
from modellab.records.evaluations import DEFAULT_EVALUATION, NAME_PATTERN
from modellab.server.bodies.evaluations import IntervalBody
from modellab.server.bodies.values import Body, Query, Text

_RUN_ID = "18b2f6c3a1d40e57a0c4f1e29b7d3586"
_OTHER_ID = "18b2f6c3b5e81f20c7d9034a6be1f872"
_BETTER = (
    "B is better than A on roc_auc by 0.021 (95 % CI 0.008 to 0.034, DeLong p = 0.002, Holm-adjusted 0.006, "
    "n = 2000 paired rows)."
)


class CompareRunsBody(Body):
    """Which runs to compare, and by what."""

    run_ids: list[Text] = Field(
        min_length=MIN_COMPARED,
        max_length=MAX_COMPARED,
        description=f"Ids of {MIN_COMPARED} to {MAX_COMPARED} runs, whole.",
        examples=[[_RUN_ID, _OTHER_ID]],
    )
    baseline: Text | None = Field(
        None,
        description="One of them, which every other is compared with; without it all pairs are.",
        examples=[_RUN_ID],
    )
    metric: Text | None = Field(
        None,
        max_length=MAX_NAME_LENGTH,
        description="What verdicts are on; the primary metric of the first evaluation if not given.",
        examples=["roc_auc"],
    )
    min_effect: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="The smallest difference that matters, in the unit of the metric.",
        examples=[0.01],
    )
    split: str = Field(
        DEFAULT_EVALUATION, pattern=NAME_PATTERN, description="Which evaluations to use.", examples=["test"]
    )
    slices: bool = Field(False, description="Whether to compare parts of the test rows.", examples=[True])
    higher_is_better: bool | None = Field(
        None, description="The direction of a metric that is not known.", examples=[None]
    )
    n_examples: int = Field(
        20,
        ge=0,
        le=1000,
        description="The most ids of fixed and of broken rows, of each pair.",
        examples=[20],
    )


class JudgedQuery(Query):
    """Which runs to rank by their evaluations."""

    metric: Text = Field(
        max_length=MAX_NAME_LENGTH, description="A metric of evaluations.", examples=["accuracy"]
    )
    split: str = Field(
        DEFAULT_EVALUATION, pattern=NAME_PATTERN, description="Which evaluations to use.", examples=["test"]
    )
    top_k: int = Field(10, ge=1, le=MAX_COMPARED, description="The most runs in the answer.", examples=[10])
    query: Text | None = Field(
        None,
        description="Runs for which this text of the query language holds; at most 10 000 characters.",
        examples=["params.model = 'svm'"],
    )
    higher_is_better: bool | None = Field(
        None, description="The direction of a metric that is not known.", examples=[True]
    )


class EquivalenceBody(BaseModel):
    """Two one-sided tests against a margin."""

    margin: float = Field(description="The smallest difference that matters.", examples=[0.01])
    low: float = Field(description="The lower end of the interval.")
    high: float = Field(description="The upper end.")
    level: float = Field(description="Of that interval.", examples=[0.9])
    p_value: float = Field(description="Of the two tests.")
    adjusted_p: float = Field(description="Adjusted for all pairs (Holm).")


class PairVerdictBody(BaseModel):
    """Whether B is better than A on one metric, and how that is known."""

    a: str = Field(description="A run, or a seed group.", examples=[_RUN_ID])
    b: str = Field(description="Another one.", examples=[_OTHER_ID])
    metric: str = Field(description="The metric.", examples=["roc_auc"])
    higher_is_better: bool = Field(description="Which way is better.", examples=[True])
    verdict: VerdictWord = Field(description="The verdict in a word.", examples=["better"])
    sentence: str = Field(
        description="The verdict in words, with all that belongs to it.", examples=[_BETTER]
    )
    basis: Basis = Field(description="What it rests on.", examples=["paired rows"])
    a_value: float | None = Field(description="The metric of A on what was compared.")
    b_value: float | None = Field(description="The metric of B.")
    difference: float | None = Field(description="B - A.", examples=[0.021])
    interval: IntervalBody | None = Field(description="Of the difference.")
    test: str | None = Field(description="The test; null where none was possible.", examples=["delong"])
    p_value: float | None = Field(description="Its p-value.", examples=[0.002])
    adjusted_p: float | None = Field(description="Adjusted for all pairs (Holm).", examples=[0.006])
    family_size: int = Field(description="How many pairs that is.", examples=[3])
    n: int = Field(description="How many rows or runs the test saw.", examples=[2000])
    n_text: str = Field(description="The same with what they are.", examples=["2000 paired rows"])
    minimum_detectable: float | None = Field(
        description="The gap that would have been found with a chance of 80 %."
    )
    equivalence: EquivalenceBody | None = Field(description="If a smallest difference was given.")
    needed: str | None = Field(description="What would make it tellable.")
    notes: list[str] = Field(description="What to know about it.")


class ComparedRunBody(BaseModel):
    """A run that was compared."""

    run_id: str = Field(description="The run.", examples=[_RUN_ID])
    label: str = Field(description="What sentences call it.", examples=["svm"])
    name: str | None = Field(description="Its name.")
    project_id: str | None = Field(description="Its project.")
    status: str = Field(description="How it ended.", examples=["completed"])
    timestamp: str = Field(description="When it started, ISO-8601 in UTC.")
    seed: int | None = Field(description="Its seed.")
    group: str | None = Field(description="The seed group that it is in.")
    n: int | None = Field(description="Rows of its evaluation.")
    rows_sha256: str | None = Field(description="Over row ids and labels; the same for the same test rows.")
    primary: float | None = Field(description="Its value of the primary metric.")


class SeedGroupBody(BaseModel):
    """Runs that differ by their seed alone, or by their fold."""

    group_id: str = Field(description="What verdicts call it.", examples=["group-3f9a21bc"])
    label: str = Field(description="What sentences call it.", examples=["svm (5 seeds)"])
    run_ids: list[str] = Field(description="Its runs.")
    seeds: list[int | None] = Field(description="Their seeds.")
    values: dict[str, float] = Field(description="The primary metric by run.")
    mean: IntervalBody = Field(description="Of the primary metric.")


class MetricRowBody(BaseModel):
    """One metric of all runs."""

    metric: str = Field(description="The metric.", examples=["accuracy"])
    higher_is_better: bool | None = Field(description="Which way is better; null where it is not known.")
    is_primary: bool = Field(description="Whether verdicts are on it.")
    values: dict[str, IntervalBody] = Field(description="Values with their own intervals, by run.")


class SliceVerdictBody(BaseModel):
    """Two runs on one part of the test rows."""

    a: str = Field(description="A run.")
    b: str = Field(description="Another one.")
    attribute: str = Field(description="What the rows were cut by.", examples=["age"])
    value: str = Field(description="Which part it is.", examples=["> 65"])
    n: int = Field(description="Its rows.")
    metric: str = Field(description="The metric.")
    a_value: float | None = Field(description="The metric of A there.")
    b_value: float | None = Field(description="The metric of B there.")
    difference: float | None = Field(description="B - A.")
    interval: IntervalBody | None = Field(description="Of the difference.")
    test: str | None = Field(description="The test; null where the part is too small.")
    p_value: float | None = Field(description="Its p-value.")
    adjusted_p: float | None = Field(description="Adjusted for all parts that were tested (Holm).")
    family_size: int = Field(description="How many that is.")
    verdict: VerdictWord = Field(description="The verdict in a word.")
    note: str | None = Field(description="Why it was not tested.")


class ChangedExamplesBody(BaseModel):
    """Rows that A had wrong and B has right, and the reverse."""

    a: str = Field(description="A run.")
    b: str = Field(description="Another one.")
    n: int = Field(description="Rows of both.")
    n_fixed: int = Field(description="Rows that A had wrong and B has right.")
    n_broken: int = Field(description="Rows that A had right and B has wrong.")
    n_both_right: int = Field(description="Rows that both have right.")
    n_both_wrong: int = Field(description="Rows that both have wrong.")
    fixed: list[str | int] = Field(description="The first ids of fixed rows.")
    broken: list[str | int] = Field(description="The first ids of broken rows.")


class DifferenceBody(BaseModel):
    """Something in which runs differ."""

    name: str = Field(description="What it is.", examples=["lr"])
    values: dict[str, Any] = Field(description="Its value by run; a run without it is not named.")


class CodeDifferenceBody(BaseModel):
    """How the code of B differs from that of A."""

    a: str = Field(description="A run.")
    b: str = Field(description="Another one.")
    same_commit: bool | None = Field(description="Null where a commit is not known.")
    same_changes: bool | None = Field(description="Whether the same was uncommitted.")
    diff: str | None = Field(description="What was uncommitted in B against A, as a diff.")
    note: str = Field(description="The same in words.", examples=["The same code."])


class DifferencesBody(BaseModel):
    """In what runs differ beside their results."""

    params: list[DifferenceBody] = Field(description="Params.")
    config: list[DifferenceBody] = Field(description="Configs, nested names joined by dots.")
    code: list[CodeDifferenceBody] = Field(description="Code, each run against the baseline or the first.")
    environment: list[DifferenceBody] = Field(description="Commit, data, command, machine.")
    packages: list[DifferenceBody] = Field(description="Versions of packages.")


class RadarPointBody(BaseModel):
    """A value on an axis."""

    value: float = Field(description="The value.")
    low: float | None = Field(description="The lower end of its interval.")
    high: float | None = Field(description="The upper end.")
    position: float = Field(description="Where it lies, from 0 (centre) to 1 (best).")
    position_low: float | None = Field(description="Where the worse end lies.")
    position_high: float | None = Field(description="Where the better end lies.")


class RadarAxisBody(BaseModel):
    """A metric with its declared range."""

    metric: str = Field(description="The metric.")
    label: str = Field(description="What to write at the axis.")
    low: float = Field(description="The lower end of the range.", examples=[0.0])
    high: float = Field(description="The upper end.", examples=[1.0])
    is_inverted: bool = Field(description="Whether the smallest values lie outside.")
    points: dict[str, RadarPointBody] = Field(description="Values by run.")


class RadarBody(BaseModel):
    """Three to eight axes, or none."""

    axes: list[RadarAxisBody] = Field(description="The axes.")
    note: str | None = Field(description="Why there are none.")


class VerdictsBody(BaseModel):
    """What can be said of two or more runs."""

    runs: list[ComparedRunBody] = Field(description="The runs, in the order asked for.")
    baseline: str | None = Field(description="The run that the others were compared with.")
    split: str = Field(description="Which evaluations were used.", examples=["test"])
    primary_metric: str | None = Field(description="What verdicts are on; null if no run has any metric.")
    higher_is_better: bool | None = Field(description="Which way is better.")
    min_effect: float | None = Field(description="The smallest difference that matters.")
    verdicts: list[PairVerdictBody] = Field(description="On the primary metric.")
    secondary: list[PairVerdictBody] = Field(
        description="On other metrics; not adjusted for how many metrics there are."
    )
    metrics: list[MetricRowBody] = Field(description="All metrics that were looked at.")
    groups: list[SeedGroupBody] = Field(description="Seed groups; compared where there are two or more.")
    slices: list[SliceVerdictBody] = Field(description="Parts of the test rows, if asked for.")
    changed_examples: list[ChangedExamplesBody] = Field(description="Fixed and broken rows, pair by pair.")
    differences: DifferencesBody = Field(description="What else differs.")
    radar: RadarBody = Field(description="A radar chart's data.")
    warnings: list[str] = Field(description="What to beware of.")
    sentences: list[str] = Field(description="The verdicts in words, and what they hold for.")


class LeaderboardEntryBody(BaseModel):
    """A run on a leaderboard."""

    rank: int = Field(description="Its place, from 1.", examples=[1])
    run_id: str = Field(description="The run.", examples=[_RUN_ID])
    label: str = Field(description="What sentences call it.")
    name: str | None = Field(description="Its name.")
    value: float = Field(description="Its value.", examples=[0.953])
    interval: IntervalBody | None = Field(description="Its own interval.")
    n: int | None = Field(description="Rows of its evaluation.")
    difference: float | None = Field(description="This run - the first.")
    difference_interval: IntervalBody | None = Field(description="Of that difference.")
    test: str | None = Field(description="The test against the first.")
    p_value: float | None = Field(description="Its p-value.")
    adjusted_p: float | None = Field(description="Adjusted for all pairs of the runs shown (Holm).")
    can_be_told_apart: bool | None = Field(
        description="Whether it is shown to differ from the first; null for that one, and without a test."
    )
    note: str | None = Field(description="What to know about it.")


class LeaderboardBody(BaseModel):
    """Runs in the order of one metric, best first."""

    metric: str = Field(description="The metric.", examples=["accuracy"])
    split: str = Field(description="Which evaluations were used.", examples=["test"])
    higher_is_better: bool = Field(description="Which way is better.")
    n_considered: int = Field(description="How many runs have it.", examples=[50])
    family_size: int = Field(description="Pairs that p-values are adjusted for.", examples=[45])
    entries: list[LeaderboardEntryBody] = Field(description="The best runs.")
    warnings: list[str] = Field(description="What to beware of.")
    sentences: list[str] = Field(description="The same in words.")
