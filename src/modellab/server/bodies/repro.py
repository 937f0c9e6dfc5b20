"""What requests and answers about reproducibility packs hold; the answers are records as they are."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from modellab.records.repro import DEFAULT_TOLERANCE
from modellab.server.bodies.values import Number, Query


class ReproQuery(Query):
    """What a pack has in it."""

    data: Literal["small", "all", "none"] = Field(
        "small",
        description="Whose bytes to pack: datasets of at most 20 MB each, all that are kept, or none.",
        examples=["small"],
    )
    tolerance: float = Field(
        DEFAULT_TOLERANCE,
        ge=0,
        le=1,
        description="The relative difference up to which a metric agrees.",
        examples=[1e-9],
    )


class PackedFileBody(BaseModel):
    """A file of code, at `code/<path>` in the pack."""

    path: str = Field(description="Seen from the top of the code.", examples=["train.py"])
    sha256: str = Field(description="Over its bytes.")
    size: int = Field(description="In bytes.")


class PackedDatasetBody(BaseModel):
    """A dataset that the run used."""

    name: str = Field(description="The dataset's name.", examples=["iris"])
    version: int = Field(description="The version of that name.", examples=[2])
    split: str | None = Field(description="What it was used as, such as `test`.")
    filename: str | None = Field(description="The name of the file it came from.")
    sha256: str = Field(description="Over all bytes.")
    size: int = Field(description="In bytes.")
    path: str | None = Field(description="Where the pack has the bytes; null if it has them not.")


class ExpectedMetricBody(BaseModel):
    """A final metric that a second run should have again."""

    name: str = Field(description="The metric's name.", examples=["accuracy"])
    value: Number = Field(description="What the first run had.", examples=[0.953])
    tolerance: float | None = Field(
        description="Relative; null for what measures the machine, such as a time, and is not compared."
    )


class PackManifestBody(BaseModel):
    """All facts of a pack, as `manifest.json` in it has them."""

    format: int = Field(description="The number of this format.", examples=[1])
    modellab_version: str = Field(description="The ModelLab that made this.")
    run_id: str = Field(description="The run.")
    name: str | None = Field(description="Its name.")
    function: str | None = Field(description="The decorated function.")
    project_id: str | None = Field(description="Its project.")
    status: str = Field(description="How it ended: `completed`, `failed`; or `pending`, `running`.")
    error: str | None = Field(description="Why it failed.")
    timestamp: str = Field(description="When it started, ISO-8601 in UTC.")
    duration_s: float | None = Field(description="How long it took, in seconds.")
    command: str | None = Field(description="The command, for a shell.")
    arguments: list[str] | None = Field(description="Of the command; null if no command repeats the run.")
    script: str | None = Field(description="Seen from `root`.")
    script_position: int | None = Field(description="Where the script stands among the arguments.")
    folder: str | None = Field(description="Where the command was typed, seen from `root`.")
    root: str | None = Field(description="The folder of the code on the run's machine.")
    import_roots: list[str] = Field(
        description="The folders that modules were imported from, seen from `root`."
    )
    in_repository: bool = Field(description="Whether the commit is that of the code.")
    seed: int | None = Field(description="Its seed.")
    dataset_id: str | None = Field(description="The dataset that it named.")
    git_hash: str | None = Field(description="The commit.")
    git_branch: str | None = Field(description="The branch.")
    git_remote: str | None = Field(description="Where the repository came from, without a login.")
    has_diff: bool = Field(description="Whether an uncommitted change was recorded.")
    is_diff_complete: bool = Field(description="Whether all of it was recorded.")
    python_version: str | None = Field(description="As `3.11.7`.")
    packages: list[str] = Field(description="`name==version` each.")
    origins: dict[str, dict[str, Any]] = Field(description="Packages that come from no index, by name.")
    device_info: dict[str, Any] = Field(description="The machine: `os`, `cpu`, `cores`, `memory_gb`, `gpus`.")
    environment: dict[str, str] = Field(description="Variables that decide what is computed.")
    params: dict[str, Any] = Field(description="Arguments and other params by name.")
    config: dict[str, Any] = Field(description="The config that was set.")
    code: list[PackedFileBody] = Field(description="The script and the modules that it had imported.")
    datasets: list[PackedDatasetBody] = Field(description="The datasets that the run used.")
    expected_metrics: list[ExpectedMetricBody] = Field(description="What a second run should have.")
    weaknesses: list[str] = Field(description="What is not in the pack, or was not recorded.")
    checksums: dict[str, str] = Field(
        description="SHA-256 of its other files, such as `params.json`, by name."
    )
