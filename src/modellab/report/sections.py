"""What a report says, in order: results, verdicts, curves, differences, data, how to do it again."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from modellab import __version__
from modellab.records.comparisons import Difference, PairVerdict
from modellab.records.estimates import Interval
from modellab.report.document import (
    Block,
    Chart,
    Commands,
    Curve,
    Document,
    Paragraph,
    Section,
    Table,
    Tone,
)
from modellab.report.facts import MAX_CHARTS, MAX_CURVES, Facts
from modellab.report.wording import (
    NOTHING,
    count,
    cut,
    find_newest,
    join_some,
    write_number,
    write_range,
    write_setting,
)

MAX_METRICS = 8
"""Metrics beside each other in the table of results."""
MAX_NAMES = 40
"""Names in one table of differences."""
MAX_VALUES = 12
"""Values of one name in it."""
MAX_REPEATED = 5
"""Runs whose commands are written out."""

_TONES: dict[str, Tone] = {"better": "better", "worse": "worse"}


def make_document(facts: Facts, project: str) -> Document:
    """The report on what was found."""
    sections = [
        Section("Results", list(_say_results(facts))),
        Section("Verdicts", list(_say_verdicts(facts))),
        Section("Curves", list(_draw_curves(facts))),
        Section("Differences", list(_say_differences(facts))),
        Section("Data", list(_say_data(facts))),
        Section("How to repeat it", list(_say_repeat(facts))),
    ]
    asked = "all runs" if not facts.request.query else f"runs with {cut(facts.request.query)}"
    return Document(
        title=f"Results of {project}",
        subtitle=f"{count(len(facts.runs), 'run')}: {asked}",
        sections=[section for section in sections if section.blocks],
        footer=f"Made by ModelLab {__version__} of what was known up to {find_newest(facts.runs)}.",
    )


def _say_results(facts: Facts) -> Iterator[Block]:
    yield from _say_scope(facts)
    shown = facts.metrics[:MAX_METRICS]
    rows = [
        [
            facts.labels[run.run_id],
            run.run_id,
            run.status,
            *(_write_estimate(row.values.get(run.run_id)) for row in shown),
        ]
        for run in facts.runs
    ]
    head = ["Run", "Id", "Status", *(row.metric for row in shown)]
    yield Table(
        head,
        rows,
        numbers=frozenset(range(3, len(head))),
        words=frozenset((1, 2)),
        run_ids=[run.run_id for run in facts.runs],
    )
    if any(interval.low is not None for row in shown for interval in row.values.values()):
        yield Paragraph("In brackets: 95 % intervals.", "dim")
    if len(facts.metrics) > MAX_METRICS:
        yield Paragraph(f"Not shown: {count(len(facts.metrics) - MAX_METRICS, 'more metric')}.", "dim")
    for run in facts.runs:
        if run.error:
            yield Paragraph(
                f"{facts.labels[run.run_id]} failed: {cut(' '.join(run.error.split()))}", "beware"
            )


def _say_scope(facts: Facts) -> Iterator[Block]:
    statuses = Counter(run.status for run in facts.runs)
    said = ", ".join(f"{n} {status}" for status, n in sorted(statuses.items()))
    if facts.asked is None:
        yield Paragraph(f"{said}. None of these runs has a metric; the newest come first.")
    else:
        way = "more" if facts.asked.higher_is_better else "less"
        assumed = ", as far as its name tells" if facts.asked.assumed else ""
        yield Paragraph(f"{said}. Best first by {facts.asked.name}, of which {way} is better{assumed}.")
    left_out = facts.n_matching - len(facts.runs)
    if left_out:
        which = "the newest" if facts.asked is None else "those with the best values, which flatters them"
        yield Paragraph(
            f"{count(facts.n_matching, 'run')} match. These {len(facts.runs)} are {which}; "
            f"{left_out:,} are left out.",
            "beware",
        )


def _write_estimate(value: Interval | None) -> str:
    if value is None:
        return NOTHING
    if value.low is None or value.high is None:
        return write_number(value.estimate)
    return f"{write_number(value.estimate)} [{write_range(value.low, value.high)}]"


def _say_verdicts(facts: Facts) -> Iterator[Block]:
    found = facts.comparison
    if found is None:
        yield Paragraph("One run alone can be compared with nothing.", "dim")
        return
    tones = {verdict.sentence: _TONES.get(verdict.verdict, "unsure") for verdict in found.verdicts}
    for sentence in found.sentences:
        yield Paragraph(sentence, tones.get(sentence, "plain"))
    for warning in found.warnings:
        yield Paragraph(f"Beware: {warning}", "beware")
    labels = {**facts.labels, **{group.group_id: group.label for group in found.groups}}
    if found.groups:
        rows = [[group.label, str(len(group.run_ids)), _write_estimate(group.mean)] for group in found.groups]
        yield Table(
            ["Group of seeds", "Runs", f"Mean {found.primary_metric}"], rows, numbers=frozenset((1, 2))
        )
    if len(found.verdicts) > 1:
        yield Table(
            ["A", "B", "Verdict on B", "B - A", "95 % interval", "Adjusted p", "Test", "Rests on"],
            [_list_verdict(verdict, labels) for verdict in found.verdicts],
            numbers=frozenset((3, 4, 5)),
            words=frozenset((2,)),
        )


def _list_verdict(verdict: PairVerdict, labels: dict[str, str]) -> list[str]:
    interval = verdict.interval
    return [
        labels.get(verdict.a, verdict.a),
        labels.get(verdict.b, verdict.b),
        verdict.verdict,
        write_number(verdict.difference),
        NOTHING if interval is None else write_range(interval.low, interval.high),
        write_number(verdict.adjusted_p),
        verdict.test or NOTHING,
        verdict.n_text or verdict.basis,
    ]


def _draw_curves(facts: Facts) -> Iterator[Block]:
    for metric, lines in facts.curves:
        curves = [
            Curve(run_id, facts.labels[run_id], series.steps, series.values) for run_id, series in lines
        ]
        yield Chart(metric, curves)
    if any(len(lines) == MAX_CURVES for _, lines in facts.curves) and len(facts.runs) > MAX_CURVES:
        yield Paragraph(f"A chart has the first {MAX_CURVES} runs that logged its metric.", "dim")
    if facts.n_curves_left_out:
        left_out = count(facts.n_curves_left_out, "metric")
        yield Paragraph(f"The curves of {MAX_CHARTS} metrics are drawn; {left_out} more have some.", "dim")


def _say_differences(facts: Facts) -> Iterator[Block]:
    if facts.comparison is None:
        return
    found = facts.comparison.differences
    parts = {
        "Params": found.params,
        "Config": found.config,
        "Environment": found.environment,
        "Packages": found.packages,
    }
    for title, differences in parts.items():
        if differences:
            rows = [row for one in differences[:MAX_NAMES] for row in _list_values(one, facts)]
            yield Table([title, "Value", "Runs"], rows)
        if len(differences) > MAX_NAMES:
            yield Paragraph(f"{len(differences) - MAX_NAMES} more of them differ.", "dim")
    if not any(parts.values()):
        yield Paragraph("Params, config, environment and packages are the same in all runs.")
    notes = Counter(code.note for code in found.code)
    for note, n in notes.items():
        yield Paragraph(note if n == len(found.code) else f"{note} ({count(n, 'pair')})")


def _list_values(difference: Difference, facts: Facts) -> list[list[str]]:
    """Each value with the runs that have it."""
    owners: dict[str, list[str]] = {}
    for run in facts.runs:
        has_it = run.run_id in difference.values
        value = write_setting(difference.values[run.run_id]) if has_it else NOTHING
        owners.setdefault(value, []).append(facts.labels[run.run_id])
    rows = [["", value, join_some(labels)] for value, labels in owners.items()]
    if len(rows) > MAX_VALUES:
        rest = len(rows) - MAX_VALUES
        rows = [*rows[:MAX_VALUES], ["", "…", f"{count(rest, 'value')} more"]]
    rows[0][0] = difference.name
    return rows


def _say_data(facts: Facts) -> Iterator[Block]:
    owners: dict[tuple[str, str, str, str], list[str]] = {}
    for run in facts.runs:
        label = facts.labels[run.run_id]
        for use in run.datasets:
            key = (use.name, str(use.version), use.split or NOTHING, use.sha256)
            owners.setdefault(key, []).append(label)
        if not run.datasets and run.dataset_id:
            owners.setdefault((run.dataset_id, NOTHING, NOTHING, NOTHING), []).append(label)
    if owners:
        rows = [[*key, join_some(labels)] for key, labels in sorted(owners.items())]
        yield Table(["Dataset", "Version", "Split", "SHA-256", "Runs"], rows, words=frozenset((1, 2)))
    without = [run for run in facts.runs if not run.datasets and not run.dataset_id]
    if without:
        yield Paragraph(f"{count(len(without), 'run')} named no dataset.", "dim")


def _say_repeat(facts: Facts) -> Iterator[Block]:
    yield Table(
        ["Run", "Commit", "Seed", "Python", "Command"],
        [
            [
                facts.labels[run.run_id],
                _name_commit(run.git_hash, run.git_dirty),
                NOTHING if run.seed is None else str(run.seed),
                run.python_version or NOTHING,
                cut(run.command or NOTHING),
            ]
            for run in facts.runs
        ],
    )
    yield Paragraph("This report again, and a run again from the code, packages, data and seed recorded:")
    yield Commands(
        [_write_command(facts), *_write_repeats([run.run_id for run in facts.runs[:MAX_REPEATED]])]
    )


def _name_commit(commit: str | None, is_dirty: bool | None) -> str:
    if commit is None:
        return NOTHING
    return f"{commit[:12]}{' with changes' if is_dirty else ''}"


def _write_command(facts: Facts) -> str:
    asked = facts.request
    words = ["modellab", "report", *([asked.query] if asked.query else [])]
    for option, value in (("--metric", asked.metric), ("--baseline", asked.baseline)):
        words += [option, value] if value else []
    words += ["--split", asked.split] if asked.split != "test" else []
    return " ".join(map(shlex.quote, [*words, "-o", "report.html"]))


def _write_repeats(run_ids: Sequence[str]) -> list[str]:
    return [
        line
        for run_id in map(shlex.quote, run_ids)
        for line in (f"modellab repro pack {run_id} -o {run_id}.zip", f"modellab repro run {run_id}.zip")
    ]
