"""The page that `modellab compare` prints. It shows what is recorded and judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from os.path import commonprefix

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from modellab.cli.formats import (
    NOTHING,
    clean,
    format_difference,
    format_duration,
    format_name,
    format_number,
    format_start,
    format_value,
    plural,
    short_ids,
    shorten,
)
from modellab.cli.leaderboard import SINGLE_VALUES
from modellab.cli.output import is_terminal, make_console
from modellab.cli.run_columns import STATUS_STYLES
from modellab.cli.run_page import describe_machine, name_datasets
from modellab.cli.sheets import make_grid, make_section
from modellab.records import Run, RunComparison

Line = tuple[str, Sequence[str | Text]]
"""A name and one cell for each run."""

_GAP, _MARGIN = 2, 4
_NAME_LENGTH = 28
_LONGEST, _SHORTEST = 40, 10
_CONTEXT = 10
_MOST_PACKAGES = 15


def make_page(comparison: RunComparison) -> Iterator[RenderableType]:
    """The page's parts, in blocks of as many runs as fit side by side."""
    runs = comparison.runs
    shown = short_ids(run.run_id for run in runs)
    ids = [shown[run.run_id] if is_terminal() else run.run_id for run in runs]
    params = [line for name in comparison.param_keys if _differs(line := _param(name, runs))]
    same = len(comparison.param_keys) - len(params)
    yield from _blocks("Runs", ids, _heads(runs))
    if comparison.warnings:
        yield make_section("Beware", *(Text(clean(sentence), "yellow") for sentence in comparison.warnings))
    after = f"{same} the same" if same else ""
    yield from _blocks("Params that differ", ids, params, after=after)
    metrics = [_metric(name, runs) for name in comparison.metric_keys]
    yield from _blocks("Metrics", ids, metrics, after="in brackets: the difference to the first run")
    if metrics:
        yield Text(f"  {SINGLE_VALUES}", "dim")
    around = [line for line in _surroundings(runs) if _differs(line)]
    yield from _blocks("Code and environment that differ", ids, around)
    packages = [line for line in _packages(runs) if _differs(line)]
    left_out = len(packages) - _MOST_PACKAGES if is_terminal() else 0
    if packages:
        after = f"and {left_out} more; `modellab show RUN --packages` lists all" if left_out > 0 else ""
        yield from _blocks(
            "Packages that differ", ids, packages[: len(packages) - max(0, left_out)], after=after
        )


def _blocks(
    title: str, ids: Sequence[str], lines: Sequence[Line], *, after: str = ""
) -> Iterator[RenderableType]:
    if not lines:
        yield make_section(title, Text("none", "dim"))
        return
    if not is_terminal():
        yield make_section(title, after=after)
        rows = [["", *ids], *([clean(name), *map(str, cells)] for name, cells in lines)]
        yield "\n".join("\t".join(row) for row in rows)
        return
    lines = [(shorten(clean(name), _NAME_LENGTH), cells) for name, cells in lines]
    room = make_console().width - _MARGIN - max(cell_len(name) for name, _ in lines)
    # The first run and one more fit in any case.
    lines = [(name, _bring_out(cells, max(_SHORTEST, room // 2 - _GAP))) for name, cells in lines]
    grids = []
    for places in _group(ids, lines, room):
        grid = [[Text(name, "cyan"), *(cells[place] for place in places)] for name, cells in lines]
        grids.append(make_grid(["", *(ids[place] for place in places)], grid))
    yield make_section(title, *grids, after=after)


def _group(ids: Sequence[str], lines: Sequence[Line], room: int) -> list[Sequence[int]]:
    """The runs' places in groups that fit side by side; the first run stands at the left of each."""
    widths = [
        _GAP + max(cell_len(run_id), *(cell_len(str(cells[place])) for _, cells in lines))
        for place, run_id in enumerate(ids)
    ]
    groups: list[list[int]] = [[0, 1]]
    left = room - widths[0] - widths[1]
    for place in range(2, len(ids)):
        if widths[place] > left:
            groups.append([0])
            left = room - widths[0]
        groups[-1].append(place)
        left -= widths[place]
    return [*groups]


def _heads(runs: Sequence[Run]) -> list[Line]:
    return [
        ("name", [_cell(run.name or run.function or format_name(run)) for run in runs]),
        ("status", [Text(run.status, STATUS_STYLES[run.status]) for run in runs]),
        ("started", [format_start(run) for run in runs]),
        ("duration", [format_duration(run.duration_s) for run in runs]),
    ]


def _param(name: str, runs: Sequence[Run]) -> Line:
    return name, [_cell(format_value(run.params[name])) if name in run.params else NOTHING for run in runs]


def _metric(name: str, runs: Sequence[Run]) -> Line:
    exact = not is_terminal()
    base = runs[0].final_metrics.get(name)
    cells: list[Text] = []
    for place, run in enumerate(runs):
        value = run.final_metrics.get(name)
        cell = Text(format_number(value, exact=exact))
        if place and value is not None and base is not None:
            difference = format_difference(value, base, exact=exact)
            cell.append(f" ({difference})" if difference else "", "dim")
        cells.append(cell)
    return name, cells


def _surroundings(runs: Sequence[Run]) -> list[Line]:
    read: Mapping[str, Callable[[Run], str | None]] = {
        "commit": lambda run: run.git_hash and (run.git_hash[:12] if is_terminal() else run.git_hash),
        "branch": lambda run: run.git_branch,
        "dataset": name_datasets,
        "command": lambda run: run.command,
        "function": lambda run: run.function,
        "Python": lambda run: run.python_version,
        "host": lambda run: run.hostname,
    }
    lines: list[Line] = [(name, [_cell(get(run)) for run in runs]) for name, get in read.items()]
    machines = [dict(describe_machine(run.device_info)) for run in runs]
    parts = dict.fromkeys(part for machine in machines for part in machine)
    lines += [(part, [_cell(machine.get(part)) for machine in machines]) for part in parts]
    return [*lines[:2], ("changes", _changes(runs)), *lines[2:]]


def _changes(runs: Sequence[Run]) -> list[str]:
    """What each run's working copy had that was not committed: equal diffs get equal letters."""
    diffs = list(dict.fromkeys(run.git_diff for run in runs if run.git_diff))
    cells = []
    for run in runs:
        if run.git_diff:
            letter = f" ({chr(ord('A') + diffs.index(run.git_diff) % 26)})" if len(diffs) > 1 else ""
            cells.append(f"{plural(len(run.git_diff.splitlines()), 'line')}{letter}")
        else:
            cells.append(NOTHING if run.git_dirty is None else "yes" if run.git_dirty else "none")
    return cells


def _packages(runs: Sequence[Run]) -> list[Line]:
    versions = [
        dict(line.partition("==")[::2] for line in (run.pip_freeze or "").splitlines()) for run in runs
    ]
    names = sorted({name for packages in versions for name in packages}, key=str.lower)
    return [(name, [_cell(packages.get(name)) for packages in versions]) for name in names]


def _cell(text: str | None) -> str:
    return clean(text) if text else NOTHING


def _bring_out(cells: Sequence[str | Text], length: int) -> Sequence[str | Text]:
    """Cells of at most `length` characters; what long ones have in common at their beginning is left out."""
    length = min(length, _LONGEST)
    texts = [str(cell) for cell in cells]
    if max(map(len, texts)) <= length:
        return cells
    known = [text for text in texts if text != NOTHING]
    common = len(commonprefix(known)) if len(known) > 1 else 0  # noqa: RUF071 - these are no paths
    start = common - _CONTEXT if common > 2 * _CONTEXT else 0
    return [shorten(f"…{text[start:]}" if start and text != NOTHING else text, length) for text in texts]


def _differs(line: Line) -> bool:
    return len({str(cell) for cell in line[1]}) > 1
