"""What `modellab template` prints: three models side by side, and whether they beat the baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from modellab.cli.formats import clean, format_duration, format_number, plural
from modellab.cli.output import is_terminal
from modellab.cli.sheets import make_grid, make_section

if TYPE_CHECKING:
    from modellab.templates.training import TemplateResult, TrainedModel

_METRICS = {
    "classification": ("accuracy", "f1", "roc_auc", "pr_auc", "log_loss", "expected_calibration_error"),
    "regression": ("rmse", "mae", "r2"),
}
_SHORT = {"expected_calibration_error": "ECE"}
"""What stands in a heading of a terminal instead of a long name."""


def make_page(result: TemplateResult) -> Iterator[RenderableType]:
    """The page's parts."""
    rows = f"{result.n_training} rows to learn from, {result.n_test} to test on"
    yield Text(f"{clean(result.target)}: {rows}, {plural(result.n_columns, 'column')}", "bold")
    for note in result.notes:
        yield Text(clean(note), "yellow")
    names = _choose_metrics(result)
    heading = ["", *(model.name for model in result.models)]
    lines = [[name, *(_format(model, name) for model in result.models)] for name in names]
    lines.append(["fit", *(format_duration(model.fit_s) for model in result.models)])
    if is_terminal():
        lines.append(["run", *(model.run_id[-8:] for model in result.models)])
        grid = make_grid(heading, [[_SHORT.get(line[0], line[0]), *line[1:]] for line in lines])
        yield make_section("On the test rows", grid, after="in brackets: 95 % intervals")
    else:
        lines.append(["run", *(model.run_id for model in result.models)])
        yield "\n".join("\t".join(line) for line in (heading, *lines))
    yield make_section("Against the baseline", *(Text(clean(said)) for said in result.comparison.sentences))
    if result.comparison.warnings:
        yield make_section("Beware", *(Text(clean(said), "yellow") for said in result.comparison.warnings))
    yield Text(f"\n{_name_best(result)}")


def summarise(result: TemplateResult) -> Mapping[str, Any]:
    """The result as JSON shows it: without the rows and reports, which are kept with the runs."""
    return {
        "task": result.task,
        "target": result.target,
        "n_training": result.n_training,
        "n_test": result.n_test,
        "n_columns": result.n_columns,
        "primary_metric": result.primary_metric,
        "best": result.best,
        "models": [
            {
                "name": model.name,
                "run_id": model.run_id,
                "fit_s": model.fit_s,
                "metrics": model.report.metrics,
                "intervals": model.report.intervals,
                "takeaway": model.report.takeaway,
            }
            for model in result.models
        ],
        "comparison": result.comparison,
        "notes": result.notes,
    }


def _choose_metrics(result: TemplateResult) -> Sequence[str]:
    """The metric that decides, then the usual ones that at least one model has."""
    names = dict.fromkeys([result.primary_metric, *_METRICS[result.task]])
    return [
        name for name in names if any(model.report.metrics.get(name) is not None for model in result.models)
    ]


def _format(model: TrainedModel, name: str) -> str:
    """A value and its interval, in a terminal with as many decimals as the interval makes worth reading."""
    value, interval = model.report.metrics.get(name), model.report.intervals.get(name)
    if value is None or not is_terminal():
        return format_number(value, exact=True)
    if interval is None or interval.low is None or interval.high is None:
        return format_number(value, digits=3)
    width = interval.high - interval.low
    decimals = min(max(1 - math.floor(math.log10(width)), 0), 3) if width > 0 else 3
    rounded = (round(number, decimals) + 0.0 for number in (value, interval.low, interval.high))  # no -0.000
    shown = [f"{number:.{decimals}f}" for number in rounded]
    return f"{shown[0]} ({shown[1]}, {shown[2]})"


def _name_best(result: TemplateResult) -> str:
    """Which model has the best value; that alone makes none of them better."""
    baseline = result.models[0].name
    best = next(model for model in result.models if model.name == result.best)
    value = format_number(best.report.metrics.get(result.primary_metric), digits=4)
    tied = _find_tied(result, best)
    names = " and ".join(model.name for model in tied)
    said = f"Best {result.primary_metric} on the test rows: {names}, {value}."
    if best.name == baseline:
        return f"{said} That is the baseline, which has learnt nothing from the columns."
    verdict = next((v.verdict for v in result.comparison.verdicts if best.run_id in (v.a, v.b)), None)
    shown = verdict in ("better", "worse")
    if not shown:
        return f"{said} It is not shown to beat {baseline}."
    second = next(m for m in result.models[1:] if m is not best)
    pair = f"{second.run_id[-8:]} {best.run_id[-8:]}"
    question = f"Whether that beats {second.name}" if len(tied) == 1 else "Whether they differ elsewhere"
    return f"{said} {question}, `modellab compare {pair}` tells."


def _find_tied(result: TemplateResult, best: TrainedModel) -> Sequence[TrainedModel]:
    """The best model, and those that have the very same value."""
    value = best.report.metrics.get(result.primary_metric)
    if value is None:
        return [best]
    return [model for model in result.models if model.report.metrics.get(result.primary_metric) == value]
