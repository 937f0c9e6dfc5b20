"""What each tool takes. The descriptions are read by models, and by the clients of MCP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from modellab.agent.tool import Arguments

MAX_RUNS = 50
"""Runs in one answer of a tool."""
MAX_COMPARED = 10
"""Runs in one comparison: what a reader can still follow."""
MAX_METRICS = 8
"""Curves in one answer of a tool."""
MAX_POINTS = 200
"""Points of one curve in an answer of a tool."""

_Name = Annotated[str, StringConstraints(min_length=1, max_length=250)]
RunReference = Annotated[
    str,
    StringConstraints(min_length=1, max_length=250, strip_whitespace=True),
    Field(description="A run: its id, a unique beginning or ending of it, or its unique name; or `latest`."),
]
Filter = Annotated[
    str | None,
    StringConstraints(max_length=10_000),
    Field(
        description="Only runs for which this holds, in ModelLab's query language, such as "
        '`metrics.accuracy > 0.9 and params.model = "svm"`, `status = "failed"`, `started_at > "-7d"`, '
        '`dataset_id = "iris-v1"`, `tags.team = "vision"`.'
    ),
]


class ListRuns(Arguments):
    """Which runs to list, and in which order."""

    query: Filter = None
    sort: str | None = Field(
        None,
        max_length=250,
        description="A field to sort by, with `-` before it for the largest first, such as `-duration_s`; "
        "newest first without it.",
    )
    limit: int = Field(10, ge=1, le=MAX_RUNS, description="The most runs.")


class Leaderboard(Arguments):
    """By which metric to rank which runs."""

    metric: _Name = Field(description="The metric whose final value ranks the runs.")
    query: Filter = None
    top_k: int = Field(5, ge=1, le=MAX_RUNS, description="The most runs.")
    higher_is_better: bool | None = Field(
        None, description="Which way is better; known by the metric's name if not given."
    )


class GroupRuns(Arguments):
    """Which runs to put into groups, and what to say of each group."""

    by: list[_Name] = Field(
        min_length=1,
        max_length=4,
        description="Fields whose values make the groups, such as `params.model`, `tags.team`, `dataset_id`, "
        "`project_id`, `status`; or only `seed`: runs that are alike in all but the seed.",
    )
    metrics: list[_Name] = Field(default=[], max_length=MAX_METRICS, description="Metrics to describe.")
    query: Filter = None
    ascending: bool = Field(False, description="Smallest mean of the first metric first, as for a loss.")
    limit: int = Field(10, ge=1, le=MAX_RUNS, description="The most groups.")


class GetRun(Arguments):
    """Which run."""

    run_id: RunReference


class CompareRuns(Arguments):
    """Which runs to compare, and by what."""

    run_ids: list[RunReference] = Field(
        min_length=2, max_length=MAX_COMPARED, description=f"2 to {MAX_COMPARED} runs."
    )
    metric: _Name | None = Field(None, description="What verdicts are on; found out if not given.")
    baseline: RunReference | None = Field(
        None, description="One of the runs, which every other is compared with."
    )
    min_effect: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="The smallest difference that matters."
    )


class MetricHistory(Arguments):
    """Which curves of which run."""

    run_id: RunReference
    metrics: list[_Name] = Field(
        default=[], max_length=MAX_METRICS, description="Metrics; the first few that have points if none."
    )
    max_points: int = Field(50, ge=2, le=MAX_POINTS, description="The most points of one curve.")


class UpdateNote(Arguments):
    """What to write about which run."""

    run_id: RunReference
    note: str = Field(max_length=10_000, description="The note.")
    mode: Literal["append", "replace"] = Field(
        "append", description="Whether it comes after the note that is there, or in its place."
    )


class FlagRun(Arguments):
    """Which run to flag."""

    run_id: RunReference


class SearchRuns(Arguments):
    """What to look for."""

    text: str = Field(min_length=1, max_length=400, description="Words to look for.")
    query: Filter = None
    limit: int = Field(10, ge=1, le=MAX_RUNS, description="The most runs.")


class SimilarRuns(Arguments):
    """Like which run."""

    run_id: RunReference
    limit: int = Field(5, ge=1, le=MAX_RUNS, description="The most runs.")


class Suggest(Arguments):
    """For which metric to suggest hyperparameters."""

    metric: _Name = Field(description="The metric to improve.")
    query: Filter = None
    n: int = Field(3, ge=1, le=10, description="How many suggestions.")


class ListDatasets(Arguments):
    """Which datasets."""

    name: _Name | None = Field(None, description="Only those of this name.")
    limit: int = Field(20, ge=1, le=MAX_RUNS, description="The most datasets.")


class EvaluationReport(Arguments):
    """Which evaluation of which run."""

    run_id: RunReference
    name: str | None = Field(
        None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="The split, such as `test`."
    )
