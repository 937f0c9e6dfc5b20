"""Whether a second run reproduced the first, and which inputs were not the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from modellab.ids import digest_text
from modellab.records import Run
from modellab.records.repro import (
    Input,
    InputDifference,
    MetricCheck,
    Outcome,
    PackManifest,
    Replay,
    Verdict,
)
from modellab.repro.manifest import read_devices
from modellab.repro.metrics import agree
from modellab.repro.requirements import is_part_of_code, normalize_name

_MANY = 8
_OF_THE_REPETITION = ("modellab", "pip")  # whatever the run had: these come with the repetition


def judge(
    manifest: PackManifest,
    run: Run | None,
    replay: Replay | None,
    *,
    known: Sequence[InputDifference] = (),
    tolerance: float | None = None,
    error: str | None = None,
) -> Verdict:
    """The verdict on `run`, the repetition of what `manifest` tells; `None` if there is no run.

    `known` are differences that were seen before it started. `tolerance` stands in the place of the
    pack's own.
    """
    if run is None:
        return Verdict(outcome="failed", run_id=None, metrics=(), differences=known, error=error)
    metrics = [check_metric(name, manifest, run, tolerance) for name in _metric_names(manifest)]
    differences = _merge([*known, *compare_inputs(manifest, run, replay)])
    return Verdict(
        outcome=_decide(manifest, run, metrics),
        run_id=run.run_id,
        metrics=metrics,
        differences=differences,
        error=run.error or error,
    )


def check_metric(name: str, manifest: PackManifest, run: Run, tolerance: float | None) -> MetricCheck:
    """One metric of the pack, beside what the run has."""
    expected = next(metric for metric in manifest.expected_metrics if metric.name == name)
    found = run.final_metrics.get(name)
    limit = expected.tolerance if expected.tolerance is None or tolerance is None else tolerance
    agrees = None
    if limit is not None:
        agrees = found is not None and agree(expected.value, found, limit)
    return MetricCheck(name=name, expected=expected.value, found=found, tolerance=limit, agrees=agrees)


def compare_inputs(manifest: PackManifest, run: Run, replay: Replay | None) -> list[InputDifference]:
    """Every input of the run that is not what the manifest tells, and a seed that was never recorded."""
    found: dict[Input, Iterable[str]] = {
        "code": _compare_code(manifest, run, replay),
        "packages": _compare_packages(_list_foreign(manifest), (run.pip_freeze or "").splitlines()),
        "python": _say_change(manifest.python_version, run.python_version),
        "machine": _compare_machines(manifest.device_info, read_devices(run.device_info)),
        "dataset": _compare_datasets(manifest, run),
        "seed": _compare_seeds(manifest.seed, run.seed),
        "params": _compare_params(manifest.params, run.params, replay.root if replay else None),
        "environment": _compare_variables(manifest, replay),
    }
    return [
        InputDifference(input=name, detail=detail) for name, details in found.items() for detail in details
    ]


def _metric_names(manifest: PackManifest) -> list[str]:
    return [metric.name for metric in manifest.expected_metrics]


def _decide(manifest: PackManifest, run: Run, metrics: Sequence[MetricCheck]) -> Outcome:
    if run.status != manifest.status:
        return "failed" if run.status != "completed" else "differs"
    compared = [metric.agrees for metric in metrics if metric.agrees is not None]
    if not all(compared):
        return "differs"
    if run.status == "failed":  # a failure is reproduced by the same failure
        return "reproduced" if run.error == manifest.error else "differs"
    return "reproduced" if compared else "nothing to compare"


def _merge(differences: Sequence[InputDifference]) -> list[InputDifference]:
    return list(dict.fromkeys(differences))


def _compare_code(manifest: PackManifest, run: Run, replay: Replay | None) -> Iterable[str]:
    ran = {path: digest_text(text) for path, text in replay.code.items()} if replay else {}
    if ran and manifest.code:
        for file in manifest.code:
            sha256 = _find_file(ran, file.path)
            if sha256 is None:
                yield f"{file.path} was not used this time"
            elif sha256 != file.sha256:
                yield f"{file.path} is not the text that was recorded"
    elif manifest.in_repository and run.git_hash is not None and run.git_hash != manifest.git_hash:
        yield f"commit {manifest.git_hash} → {run.git_hash}"


def _find_file(ran: Mapping[str, str], path: str) -> str | None:
    """The digest of a file under its path, or under one that is seen from a folder further up or down."""
    if path in ran:
        return ran[path]
    near = [name for name in ran if name.endswith(f"/{path}") or path.endswith(f"/{name}")]
    return ran[near[0]] if len(near) == 1 else None


def _list_foreign(manifest: PackManifest) -> list[str]:
    """The packages that are not the project's own code, which is compared as code."""
    return [line for line in manifest.packages if not is_part_of_code(line, manifest.origins, manifest.root)]


def _compare_packages(expected: Sequence[str], found: Sequence[str]) -> Iterable[str]:
    wanted, there = _by_name(expected), _by_name(found)
    changes = []
    for name, version in wanted.items():
        if name not in there:
            changes.append(f"{name} {version} → not installed")
        elif there[name] != version:
            changes.append(f"{name} {version} → {there[name]}")
    extra = sorted(set(there) - set(wanted) - {"setuptools", "wheel"})
    if wanted and extra:
        changes.append(f"installed as well: {_list(extra)}")
    yield from changes[:_MANY]
    if len(changes) > _MANY:
        yield f"and {len(changes) - _MANY} more packages"


def _by_name(lines: Sequence[str]) -> dict[str, str]:
    return {
        normalize_name(line): line.partition("==")[2]
        for line in lines
        if "==" in line and normalize_name(line) not in _OF_THE_REPETITION
    }


def _compare_machines(expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterable[str]:
    for name in ("os", "cpu", "cores"):
        if name in expected:
            yield from (f"{name} {change}" for change in _say_change(expected[name], found.get(name)))
    yield from (
        f"GPU {change}"
        for change in _say_change(
            _name_gpus(expected.get("gpus")), _name_gpus(found.get("gpus")), none="none"
        )
    )


def _name_gpus(gpus: Any) -> str | None:
    names = [str(gpu.get("name")) for gpu in gpus if isinstance(gpu, dict)] if isinstance(gpus, list) else []
    return ", ".join(names) or None


def _compare_datasets(manifest: PackManifest, run: Run) -> Iterable[str]:
    ran = {(use.name, use.split): use.sha256 for use in run.datasets}
    for data in manifest.datasets:
        sha256 = ran.get((data.name, data.split))
        if sha256 is None and (manifest.dataset_id is None or run.dataset_id != manifest.dataset_id):
            yield f"{data.name} was not used this time"
        elif sha256 not in (None, data.sha256):
            yield f"{data.name}: SHA-256 {data.sha256[:12]}… → {str(sha256)[:12]}…"
    if not manifest.datasets:
        yield from (f"id {change}" for change in _say_change(manifest.dataset_id, run.dataset_id))


def _compare_seeds(expected: int | None, found: int | None) -> Iterable[str]:
    if expected is None and found is None:
        yield "none was recorded, so two runs may differ by chance"
    else:
        yield from _say_change(expected, found, none="none")


def _compare_params(expected: Mapping[str, Any], found: Mapping[str, Any], root: str | None) -> Iterable[str]:
    for name in sorted({*expected, *found}):
        if name not in found:
            yield f"{name} is gone"
        elif name not in expected:
            yield f"{name} is new: {_shorten(found[name])}"
        elif expected[name] != found[name] and not _is_moved(expected[name], found[name], root):
            yield f"{name} {_shorten(expected[name])} → {_shorten(found[name])}"


def _compare_variables(manifest: PackManifest, replay: Replay | None) -> Iterable[str]:
    ran = replay.environment if replay else {}
    for name in sorted({*manifest.environment, *ran} - {"PYTHONPATH", "DATASET_ID"}):
        expected, found = manifest.environment.get(name), ran.get(name)
        yield from (f"{name} {change}" for change in _say_change(expected, found, none="not set"))


def _is_moved(expected: Any, found: Any, root: str | None) -> bool:
    """Whether a path has only moved into the folder in which the pack was run."""
    if not (isinstance(expected, str) and isinstance(found, str) and root and found.startswith(root)):
        return False
    return PurePath(expected).is_absolute() and PurePath(expected).name == PurePath(found).name


def _say_change(expected: Any, found: Any, *, none: str = "unknown") -> Iterable[str]:
    if expected != found:
        yield f"{_shorten(expected, none)} → {_shorten(found, none)}"


def _shorten(value: Any, none: str = "unknown") -> str:
    text = none if value is None else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return ", ".join(names[:_MANY]) + more
