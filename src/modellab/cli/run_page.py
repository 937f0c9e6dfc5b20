"""The page that `modellab show` prints: one run, from what matters most to what explains it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from modellab.cli.evaluation_page import make_sections
from modellab.cli.formats import (
    NOTHING,
    clean,
    clean_lines,
    elapsed_s,
    format_duration,
    format_moment,
    format_number,
    format_value,
    plural,
    shorten,
)
from modellab.cli.output import is_terminal, make_console
from modellab.cli.run_columns import STATUS_STYLES
from modellab.cli.sheets import INDENT, make_fields, make_section
from modellab.cli.tables import Column, fit_columns, make_table
from modellab.records import SYSTEM_PREFIX, MetricSummary, Run
from modellab.records.evaluations import Evaluation, Latency

Field = tuple[str, str | Text]
MetricColumn = Column[MetricSummary]

_NAME_LENGTH = 32
_VALUE_LENGTH = 400
"""Characters of a param's value in a terminal; `--json` has all of it."""


def make_page(
    run: Run,
    *,
    root: Path,
    kept: Sequence[str] = (),
    evaluations: Sequence[Evaluation] = (),
    latencies: Sequence[Latency] = (),
) -> Iterator[RenderableType]:
    """The page's parts; artifacts are looked for in the current folder, in `root`, and among `kept` paths."""
    yield make_fields(_head(run))
    if run.note:
        yield make_section("Note", Text(clean_lines(run.note)))
    if run.error or run.traceback:
        yield make_section("Error", *_error(run))
    if run.params:
        yield make_section("Params", make_fields((clean(k), _value(v)) for k, v in run.params.items()))
    yield _metrics(run)
    yield from make_sections(evaluations, latencies)
    # Never anywhere but in the store.
    own = {one.folder for one in evaluations} | {one.folder for one in latencies}
    artifacts = [_artifact(path, root, kept) for path in run.artifacts if path not in own]
    if artifacts:
        yield make_section("Artifacts", make_fields(artifacts))
    code, environment = _code(run), _environment(run)
    if code:
        yield make_section("Code", make_fields(code))
    if environment:
        yield make_section("Environment", make_fields(environment))


def _head(run: Run) -> list[Field]:
    status = Text(run.status, STATUS_STYLES[run.status])
    duration = elapsed_s(run)
    if duration is not None:
        took = format_duration(duration)
        status.append(f" for {took} so far" if run.status == "running" else f" after {took}", "default")
    dropped = f"{plural(run.n_dropped, 'point')} could not be logged" if run.n_dropped else ""
    rows: list[tuple[str, str | Text | None]] = [
        ("run", Text(run.run_id, "bold")),
        ("name", run.name),
        ("status", status),
        ("started", format_moment(run)),
        ("project", run.project_id),
        ("dataset", name_datasets(run)),
        ("parent", run.parent_id),
        ("tags", ", ".join(f"{name}={value}" for name, value in run.tags.items())),
        ("W&B", run.wandb_url),
        ("dropped", Text(dropped, "red")),
    ]
    return [(name, clean(value) if isinstance(value, str) else value) for name, value in rows if value]


def name_datasets(run: Run) -> str | None:
    """The data that a run used, as `iris v2 (test)`; else the id that it gave its data."""
    names = [f"{use.name} v{use.version}" + (f" ({use.split})" if use.split else "") for use in run.datasets]
    return ", ".join(names) or run.dataset_id


def _error(run: Run) -> list[RenderableType]:
    lines = clean_lines(run.traceback or "")
    parts: list[RenderableType] = [Text(lines, "dim")] if lines else []
    error = clean(run.error or "")
    if error and not lines.rstrip().endswith(error):
        parts.append(Text(error, "red"))
    return parts


def _metrics(run: Run) -> RenderableType:
    shown = [metric for name, metric in sorted(run.metrics.items()) if not name.startswith(SYSTEM_PREFIX)]
    n_system = len(run.metrics) - len(shown)
    after = f"and {plural(n_system, 'metric')} of the machine ({SYSTEM_PREFIX}…)" if n_system else ""
    if not shown:
        return make_section("Metrics", Text("none", "dim"), after=after)
    columns = _metric_columns(has_nonfinite=any(metric.n_nonfinite for metric in shown))
    if is_terminal():
        columns = fit_columns(columns, sorted(columns, key=_worth), shown, make_console().width - INDENT)
    return make_section("Metrics", make_table(columns, shown), after=after)


def _metric_columns(*, has_nonfinite: bool) -> list[MetricColumn]:
    exact = not is_terminal()

    def number(read: Callable[[MetricSummary], float | None]) -> Callable[[MetricSummary], str]:
        # A metric that was only returned has no series to speak of.
        return lambda metric: format_number(read(metric), exact=exact) if metric.count else NOTHING

    def name(metric: MetricSummary) -> Text:
        return Text(clean(metric.name) if exact else shorten(clean(metric.name), _NAME_LENGTH), "cyan")

    columns: list[MetricColumn] = [
        Column("", name),
        Column(
            "final", lambda metric: Text(format_number(metric.final, exact=exact), "bold"), is_number=True
        ),
        Column("min", number(lambda metric: metric.min), is_number=True),
        Column("max", number(lambda metric: metric.max), is_number=True),
        Column("first", number(lambda metric: metric.first), is_number=True),
        Column("last", number(lambda metric: metric.last), is_number=True),
        Column("points", lambda metric: str(metric.count or NOTHING), is_number=True),
    ]
    if has_nonfinite:
        columns.append(
            Column("not finite", lambda metric: str(metric.n_nonfinite or NOTHING), is_number=True)
        )
    return columns


def _worth(column: MetricColumn) -> int:
    """What to keep in a narrow terminal; smaller is dearer."""
    return ("", "final", "points", "not finite", "min", "max", "last", "first").index(column.heading)


def _artifact(path: str, root: Path, kept: Sequence[str]) -> Field:
    if "://" in path:
        return "elsewhere", clean(path)
    try:
        is_there = any((folder / path).exists() for folder in (Path.cwd(), root))
    except (OSError, ValueError):  # a text that can be no path
        is_there = False
    if is_there:
        return "exists", clean(path)
    if any(name == path or name.startswith(f"{path}/") for name in kept):
        return "kept", clean(path)
    return "missing", Text(clean(path), "yellow")


def _code(run: Run) -> list[Field]:
    n_lines = len((run.git_diff or "").splitlines())
    changes = ""
    if run.git_diff:
        changes = f"{plural(n_lines, 'line')} of uncommitted changes; --diff shows them"
    elif run.git_dirty is not None:
        changes = "uncommitted changes, not recorded" if run.git_dirty else "no uncommitted changes"
    rows = [
        ("command", run.command),
        ("function", run.function),
        ("commit", run.git_hash),
        ("branch", run.git_branch),
        ("changes", changes),
    ]
    return [(name, clean(value)) for name, value in rows if value]


def _environment(run: Run) -> list[Field]:
    n_packages = len((run.pip_freeze or "").splitlines())
    user = f"{run.user}@{run.hostname}" if run.user and run.hostname else run.user or run.hostname
    rows: list[tuple[str, str | None]] = [
        ("Python", run.python_version),
        ("packages", f"{n_packages}; --packages lists them" if n_packages else None),
        ("seed", None if run.seed is None else str(run.seed)),
        ("user", user),
        *describe_machine(run.device_info),
    ]
    return [(name, clean(value)) for name, value in rows if value]


def describe_machine(text: str | None) -> list[tuple[str, str | None]]:
    """The machine, line by line; as it stands if other hands wrote it."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return [("device", text)]
    memory = found.get("memory_gb")
    rows: list[tuple[str, str | None]] = [
        ("system", _text(found.get("os"))),
        ("CPU", _text(found.get("cpu"))),
        ("cores", _text(found.get("cores"))),
        ("memory", None if memory is None else f"{memory} GB"),
    ]
    gpus = found.get("gpus")
    return rows + [("GPU", _gpu(gpu)) for gpu in (gpus if isinstance(gpus, list) else [])]


def _gpu(gpu: Any) -> str:
    if not isinstance(gpu, dict):
        return str(gpu)
    memory = f"{gpu['memory_gb']} GB" if gpu.get("memory_gb") else ""
    driver = f"driver {gpu['driver']}" if gpu.get("driver") else ""
    return ", ".join(part for part in (str(gpu.get("name") or "unknown"), memory, driver) if part)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _value(value: Any) -> str:
    text = format_value(value)
    return shorten(text, _VALUE_LENGTH) if is_terminal() else text
