"""What is known of each run that is compared: read from a store, a server, or anything with their verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from modellab.errors import InvalidInput, ModelLabError
from modellab.evaluation.examples import Examples, decode_examples
from modellab.ids import RUN_ID_PATTERN
from modellab.records import Run, RunFilter, RunSummary
from modellab.records.evaluations import Evaluation, Latency

_SHORT = 8


class Found(Protocol):
    """Runs in a list."""

    @property
    def items(self) -> Sequence[RunSummary]:
        """The runs."""
        ...


class RunReader(Protocol):
    """The verbs of `store.runs` that a comparison needs."""

    def get(self, run_id: str) -> Run:
        """A run, whole; raises `NotFound`."""
        ...

    def list(self, wanted: RunFilter | None = None, *, limit: int = 1000) -> Found:
        """The runs that match, newest first."""
        ...


class EvaluationReader(Protocol):
    """The verbs of `store.evaluations` that a comparison needs."""

    def list_of_runs(self, run_ids: Sequence[str], name: str) -> Mapping[str, Evaluation]:
        """The evaluations of that name, by run; a run without one is left out."""
        ...

    def read_examples(self, run_id: str, name: str) -> bytes:
        """The predictions of an evaluation, as `evaluation.examples` encodes them."""
        ...


class LatencyReader(Protocol):
    """The verbs of `store.latencies` that a comparison needs."""

    def list(self, run_id: str) -> Sequence[Latency]:
        """The latency reports of a run."""
        ...

    def read_samples(self, run_id: str, name: str) -> bytes:
        """The measured times of one, as `latency.samples` encodes them."""
        ...


class Source(Protocol):
    """Something to read runs and their evaluations from: an open store, a server, or what tests make."""

    @property
    def runs(self) -> RunReader:
        """The runs."""
        ...

    @property
    def evaluations(self) -> EvaluationReader:
        """Their evaluations."""
        ...

    @property
    def latencies(self) -> LatencyReader:
        """Their latency reports."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One run, its evaluation on the split, and its predictions there; `missing` says why there are none."""

    run: Run
    label: str
    evaluation: Evaluation | None = None
    examples: Examples | None = None
    missing: str | None = None

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.run_id


def check_runs(run_ids: Sequence[str], baseline: str | None, fewest: int, most: int) -> None:
    """Raise `InvalidInput` unless these are different runs, as many as may be, and the baseline is one."""
    if not fewest <= len(run_ids) <= most:
        raise InvalidInput(f"{len(run_ids)} runs were given; a comparison takes {fewest} to {most}.")
    twice = next((run_id for place, run_id in enumerate(run_ids) if run_id in run_ids[:place]), None)
    if twice is not None:
        raise InvalidInput(f"Run {twice} is named twice.", hint="Name different runs.")
    if baseline is not None and baseline not in run_ids:
        raise InvalidInput(
            f"The baseline {baseline} is none of the runs that are compared.", hint="Name it among them."
        )


def gather(source: Source, run_ids: Sequence[str], split: str) -> list[Evidence]:
    """The evidence on each run, in the order asked for; raises `NotFound` for a run that is not there."""
    runs = [source.runs.get(run_id) for run_id in run_ids]
    evaluations = source.evaluations.list_of_runs(run_ids, split)
    labels = name_runs(runs)
    return [_read(source, run, labels[run.run_id], evaluations.get(run.run_id), split) for run in runs]


def name_runs(runs: Sequence[RunSummary]) -> dict[str, str]:
    """What sentences call each run: its name where no other has it, else its id's end, with or without it."""
    names = [run.name for run in runs]
    short = _shorten_ids([run.run_id for run in runs])
    labels = {}
    for run in runs:
        name = " ".join(run.name.split()) if run.name else ""
        if name and names.count(run.name) == 1:
            labels[run.run_id] = name
        else:
            labels[run.run_id] = f"{name} ({short[run.run_id]})" if name else short[run.run_id]
    return labels


def _read(source: Source, run: Run, label: str, evaluation: Evaluation | None, split: str) -> Evidence:
    if evaluation is None:
        return Evidence(run=run, label=label, missing=f"run {label} has no evaluation {split!r}")
    try:
        examples = decode_examples(source.evaluations.read_examples(run.run_id, split))
    except (ModelLabError, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        missing = f"the predictions of {label} cannot be read: {reason}"
        return Evidence(run=run, label=label, evaluation=evaluation, missing=missing)
    return Evidence(run=run, label=label, evaluation=evaluation, examples=examples)


def _shorten_ids(run_ids: Sequence[str]) -> dict[str, str]:
    """The last characters of each id, as many as tell these runs apart; other tools' ids whole."""
    length = _SHORT
    while len({run_id[-length:] for run_id in run_ids}) < len(set(run_ids)):
        length += 4
    return {run_id: run_id[-length:] if RUN_ID_PATTERN.fullmatch(run_id) else run_id for run_id in run_ids}
