"""What requests and answers about suggested hyperparameters hold."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from modellab.records import MAX_NAME_LENGTH
from modellab.records.run_groups import Summary
from modellab.records.suggestions import MAX_LEARNED, MAX_SUGGESTIONS, ParamKind, SuggestionKind
from modellab.server.bodies.matching_runs import MAX_QUERY_LENGTH
from modellab.server.bodies.values import Query, Text


class SuggestQuery(Query):
    """For which metric, from which runs, and how many."""

    metric: Text = Field(
        min_length=1, max_length=MAX_NAME_LENGTH, description="The metric.", examples=["accuracy"]
    )
    project_id: Text | None = Field(None, description="From runs of this project.", examples=["iris-study"])
    query: Text | None = Field(
        None,
        max_length=MAX_QUERY_LENGTH,
        description="From runs for which this text of the query language holds.",
        examples=['params.model = "svm"'],
    )
    summary: Summary = Field("final", description="Which value of the metric.", examples=["final"])
    n: int = Field(3, ge=1, le=MAX_SUGGESTIONS, description="How many suggestions.", examples=[3])
    seed: int = Field(0, ge=0, le=2**31, description="Another seed, other tries.", examples=[0])
    higher_is_better: bool | None = Field(
        None,
        description="Which way is better; found out from the metric's name if not given.",
        examples=[False],
    )


class VariedParamBody(BaseModel):
    """A param that differs between the runs."""

    name: str = Field(description="Its name.", examples=["lr"])
    kind: ParamKind = Field(description="Numbers, whole numbers, or a choice of values.")
    is_log: bool = Field(description="Whether its numbers are compared by their logarithms.")
    low: float | None = Field(description="The smallest that was tried; null of a choice.")
    high: float | None = Field(description="The largest.")
    values: list[Any] = Field(description="Of a choice, those that were tried.", examples=[[]])


class ObservedRunBody(BaseModel):
    """The best run so far."""

    run_id: str = Field(description="Its id.")
    value: float = Field(description="Its value of the metric.", examples=[0.95])
    params: dict[str, Any] = Field(description="Its params, seeds and folds aside.")


class SuggestionBody(BaseModel):
    """Params to try."""

    kind: SuggestionKind = Field(description="Likely to be better, or where least is known.")
    params: dict[str, Any] = Field(description="What to set.", examples=[{"lr": 0.01}])
    expected: float = Field(description="The value that the model expects of such a run.")
    low: float = Field(description="90 of 100 such runs lie above this …")
    high: float = Field(description="… and below this; both by the model.")


class SuggestionsBody(BaseModel):
    """What to try next, and what stands behind it."""

    metric: str = Field(description="The metric.", examples=["accuracy"])
    higher_is_better: bool = Field(description="Which way is better.")
    is_direction_assumed: bool = Field(description="Whether nobody knows, and larger is taken to be.")
    n_runs: int = Field(description="How many runs were learned from.", examples=[40])
    n_left_out: int = Field(description=f"How many match and are older than the newest {MAX_LEARNED}.")
    varied: list[VariedParamBody] = Field(description="The params that are varied.")
    fixed: dict[str, Any] = Field(description="Params that stay: the same in all runs, or as the best has.")
    best: ObservedRunBody | None = Field(description="The best run so far.")
    explained: float | None = Field(
        description="The share of the metric's variance that the model tells of runs it has not seen; 0 or "
        "less is no better than the mean."
    )
    items: list[SuggestionBody] = Field(description="The suggestions; none where there is too little.")
    sentences: list[str] = Field(description="What stands behind them, or why there are none.")
