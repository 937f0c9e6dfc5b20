"""What a latency report is: how long calls took, how many failed, and under what load they were made.

Times are in milliseconds where a name ends in `_ms`, else in seconds; rates are calls a second. Undefined is
`None`, and a note says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Mode = Literal["closed", "open", "given"]
"""How calls were made: `closed`, each worker makes its next call when the last one ended; `open`, calls begin
at planned times, whether others have ended or not; `given`, they were measured elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile:
    """The value that a share `q` of calls do not exceed: an observed one (nearest rank).

    `low_ms` and `high_ms` are order statistics around it, with 95 % confidence where calls are independent;
    one that would lie beyond the samples is `None`.
    """

    q: float
    value_ms: float | None
    low_ms: float | None
    high_ms: float | None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How long `n` calls took.

    `histogram_ms` has the edges of bins, twenty to a factor of ten and the same in every report, and
    `histogram_counts` how many calls lie in each. `curve` has percentiles at ever larger q, evenly in
    log 1/(1-q), to the largest with ten calls above it.
    """

    n: int
    mean_ms: float | None
    standard_deviation_ms: float | None
    min_ms: float | None
    max_ms: float | None
    percentiles: Sequence[Percentile]
    histogram_ms: Sequence[float]
    histogram_counts: Sequence[int]
    curve: Sequence[Percentile]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFailure:
    """A message that `count` calls failed with; `kind` is `error` or `timeout`."""

    kind: Literal["error", "timeout"]
    message: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyLevel:
    """Calls under one load: `concurrency` workers, and in an open loop `rate_per_s` planned calls a second.

    `n` counts calls that succeeded; times are of those. In an open loop `latency` counts from the planned
    beginning and `service` from the true one. In a closed loop `latency` is service time, and `corrected` the
    same with the calls that a steady schedule would have made during long ones (only where the expected
    interval was given). `n_unstarted` planned calls were not begun before the time was up. `autocorrelation`
    is that of the logarithm of consecutive latencies. The first failures are listed, with their messages.
    """

    concurrency: int
    rate_per_s: float | None
    n: int
    n_errors: int
    n_timeouts: int
    n_unstarted: int
    failures: Sequence[CallFailure]
    warmup_calls: int
    warmup_s: float
    wall_s: float | None
    throughput_per_s: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    latency: Distribution
    service: Distribution | None
    corrected: Distribution | None
    autocorrelation: float | None
    gc_collections: int | None
    notes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnvironment:
    """Where calls were made from. `usable_cpus` are those that this process may use; `threads` ran before."""

    python: str
    cpus: int | None
    usable_cpus: int | None
    threads: int
    gc_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyReport:
    """The latency of `target` under one load or several; the figures at the top are those of the first.

    `expected_interval_s` is what `corrected` was made with, `timeout_s` what was waited at most.
    `machine` is what the caller says of it.
    """

    name: str
    target: str | None
    mode: Mode
    concurrency: int
    rate_per_s: float | None
    expected_interval_s: float | None
    timeout_s: float | None
    n: int
    n_errors: int
    n_timeouts: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    throughput_per_s: float | None
    levels: Sequence[LatencyLevel]
    environment: CallEnvironment | None
    machine: Mapping[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """The report in dicts and lists, ready for JSON."""
        return asdict(self)
