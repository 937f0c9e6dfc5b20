"""What a reproducibility pack says of a run, and what is said of an attempt to reproduce it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from modellab.errors import InvalidInput
from modellab.records.artifacts import check_path

PACK_FORMAT = 1
"""The number of the format of `manifest.json`."""
DEFAULT_TOLERANCE = 1e-9
"""The relative difference up to which a metric agrees."""

Outcome = Literal["reproduced", "differs", "failed", "nothing to compare"]
OUTCOMES: tuple[Outcome, ...] = ("reproduced", "differs", "failed", "nothing to compare")
Input = Literal[
    "code", "packages", "python", "machine", "dataset", "seed", "command", "params", "environment"
]
INPUTS: tuple[Input, ...] = (
    *("code", "packages", "python", "machine", "dataset", "seed", "command", "params", "environment"),
)


def is_safe_path(path: str) -> bool:
    """Whether a `/`-separated path stays in the folder it is put in, on every system, and out of `.git`."""
    try:
        check_path(path)
    except InvalidInput:
        return False
    return ".git" not in path.lower().split("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How a run was started, so that it can be started again.

    `script` and `folder` (where the command was typed) are paths seen from `root`, which is the top of
    the repository if `in_repository`; `script_position` is the script's place among the arguments.
    `origins` are packages that came from no index, `import_roots` the folders (seen from `root`) that
    the project's modules were imported from. `code` has texts by path, `code_left_out` the paths
    of code that could not be recorded.
    """

    arguments: Sequence[str]
    script: str | None
    script_position: int | None
    folder: str | None
    root: str | None
    in_repository: bool
    remote: str | None
    environment: Mapping[str, str]
    origins: Mapping[str, Mapping[str, Any]]
    import_roots: Sequence[str]
    code: Mapping[str, str]
    code_left_out: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """A file of code in a pack, at `code/<path>`; `sha256` is over its `size` bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedDataset:
    """A dataset that the run used; `path` is where the pack has its bytes, `None` if it has them not."""

    name: str
    version: int
    split: str | None
    filename: str | None
    sha256: str
    size: int
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedMetric:
    """A final metric. It agrees up to a relative `tolerance`; with `None` it is shown and not compared."""

    name: str
    value: float
    tolerance: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackManifest:
    """All facts of a pack, as `manifest.json` has them.

    `arguments` are `None` if the run cannot be started by a command; `in_repository` says whether the
    commit is that of the code. `weaknesses` are sentences about what is not in the pack or could not be
    recorded. `checksums` are the SHA-256 of the pack's files by name, without this manifest, the code and
    the data, which have their own.
    """

    format: int
    modellab_version: str
    run_id: str
    name: str | None
    function: str | None
    project_id: str | None
    status: str
    error: str | None
    timestamp: str
    duration_s: float | None
    command: str | None
    arguments: Sequence[str] | None
    script: str | None
    script_position: int | None
    folder: str | None
    root: str | None
    import_roots: Sequence[str]
    in_repository: bool
    seed: int | None
    dataset_id: str | None
    git_hash: str | None
    git_branch: str | None
    git_remote: str | None
    has_diff: bool
    is_diff_complete: bool
    python_version: str | None
    packages: Sequence[str]
    origins: Mapping[str, Mapping[str, Any]]
    device_info: Mapping[str, Any]
    environment: Mapping[str, str]
    params: Mapping[str, Any]
    config: Mapping[str, Any]
    code: Sequence[PackedFile]
    datasets: Sequence[PackedDataset]
    expected_metrics: Sequence[ExpectedMetric]
    weaknesses: Sequence[str]
    checksums: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCheck:
    """One metric, expected and found. `agrees` is `None` if it is not compared."""

    name: str
    expected: float
    found: float | None
    tolerance: float | None
    agrees: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDifference:
    """An input that was not the same, or that was never recorded, and how."""

    input: Input
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of running a pack: the outcome, every metric, and which inputs differ."""

    outcome: Outcome
    run_id: str | None
    metrics: Sequence[MetricCheck]
    differences: Sequence[InputDifference]
    error: str | None
