"""`reproduce.md`: what a pack is and how to repeat its run, written for a person."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from modellab.records.repro import PackManifest
from modellab.repro.by_hand import Typed, plan_by_hand
from modellab.repro.markdown import show, show_block, show_cell, show_table


def write_document(manifest: PackManifest) -> str:
    """The text of `reproduce.md`."""
    parts = [
        _introduce(manifest),
        _list_needs(manifest),
        _tell_short_way(),
        _tell_steps(manifest),
        _tell_expected(manifest),
        _tell_weaknesses(manifest),
    ]
    return "\n".join(parts)


def _introduce(manifest: PackManifest) -> str:
    title = manifest.name or manifest.function
    facts = {
        "Name": manifest.name,
        "Function": manifest.function,
        "Started": manifest.timestamp,
        "Took": None if manifest.duration_s is None else f"{manifest.duration_s:.1f} s",
        "Status": manifest.status,
        "Error": manifest.error,
        "Commit": manifest.git_hash,
        "Branch": manifest.git_branch,
        "Repository": manifest.git_remote,
        "Seed": manifest.seed,
        "Dataset": manifest.dataset_id,
        "Python": manifest.python_version,
    }
    lines = [f"* {name}: {show(value)}\n" for name, value in facts.items() if value is not None]
    of = f" of {show(title, limit=100)}" if title else ""
    return (
        f"# How to repeat run {show(manifest.run_id)}\n\n"
        f"This pack has what ModelLab recorded of one training run{of}: its code, packages, data, command "
        "and results. With it the run can be repeated elsewhere, and its metrics compared.\n\n"
        + "".join(lines)
    )


def _list_needs(manifest: PackManifest) -> str:
    needs = [f"Python {show(manifest.python_version or 'of any version')} (the same first two numbers)."]
    machine = ", ".join(
        show(text, limit=100)
        for key in ("os", "cpu", "gpus")
        for text in _describe_device(manifest.device_info.get(key))
    )
    if machine:
        needs.append(f"A machine like {machine}; on another one, numbers may differ in their last digits.")
    if manifest.in_repository:
        needs.append("git and the repository, if other files than those under `code/` are needed.")
    needs += [
        f"The data of {show(data.name)} ({data.size} bytes): they are not in the pack."
        for data in manifest.datasets
        if data.path is None
    ]
    return "## What is needed\n\n" + "".join(f"* {need}\n" for need in needs)


def _describe_device(value: object) -> Sequence[str]:
    if isinstance(value, list):
        return [str(item.get("name", "")) for item in value[:8] if isinstance(item, dict)]
    return [str(value)] if value else []


def _tell_short_way() -> str:
    return (
        "## The short way\n\nWith ModelLab installed, in a clone of the repository if there is one. This "
        "runs the code in the pack: do it only if you trust where the pack comes from.\n\n"
        + show_block("modellab repro run PACK.zip", "sh")
    )


def _tell_steps(manifest: PackManifest) -> str:
    typed = plan_by_hand(manifest)
    steps = [
        ("Get the code", _write_code_step(manifest)),
        ("Install the packages", _write_install_step(manifest)),
        ("Bring the data", _write_data_step(manifest, typed)),
        ("Run", _write_run_step(manifest, typed)),
    ]
    text = "".join(f"{number}. {title}.\n\n{body}\n" for number, (title, body) in enumerate(steps, 1))
    return f"## Step by step\n\nFrom the folder into which this pack was unpacked:\n\n{text}"


def _write_code_step(manifest: PackManifest) -> str:
    if not manifest.in_repository or manifest.git_hash is None:
        return "It lies in `code/`.\n\n" + show_block("cd code", "sh")
    lines = [
        shlex.join(["git", "clone", manifest.git_remote or "REPOSITORY", "repository"]),
        "cd repository",
        shlex.join(["git", "checkout", "--detach", manifest.git_hash]),
    ]
    if manifest.has_diff:
        lines.append("git apply ../git/diff.patch")
    after = ""
    if manifest.code:
        after = "\nWithout the repository: `cd code`, which has the script and the modules it had imported.\n"
    return show_block("\n".join(lines), "sh") + after


def _write_install_step(manifest: PackManifest) -> str:
    number = ".".join((manifest.python_version or "3").split()[0].split(".")[:2])
    lines = [
        f"{shlex.quote(f'python{number}')} -m venv ../venv",
        ". ../venv/bin/activate",
        "pip install --no-deps -r ../requirements.txt",
    ]
    return show_block("\n".join(lines), "sh") + "\nAnd ModelLab itself, if the code imports it.\n"


def _write_data_step(manifest: PackManifest, typed: Typed) -> str:
    if not manifest.datasets:
        return "Nothing was recorded of data; what the code reads must be there.\n"
    rows = [
        (
            show_cell(f"{data.name} version {data.version}"),
            show_cell(data.split or "-"),
            show_cell(data.path or "not in the pack"),
            show_cell(data.sha256),
        )
        for data in manifest.datasets
    ]
    lines = []
    for source, target in typed.copies:
        if "/" in target:
            lines.append(shlex.join(["mkdir", "-p", target.rpartition("/")[0]]))
        lines.append(shlex.join(["cp", f"../{source}", target]))
    table = show_table(("data", "split", "file", "SHA-256"), rows)
    return f"{table}\n{show_block(chr(10).join(lines), 'sh')}" if lines else table


def _write_run_step(manifest: PackManifest, typed: Typed) -> str:
    if not manifest.arguments:
        started = f" It was: {show(manifest.command)}." if manifest.command else ""
        return f"No command is known that repeats the run.{started}\n"
    lines = [f"cd {shlex.quote(typed.folder)}"] if typed.folder != "." else []
    lines += [f"export {name}={shlex.quote(value)}" for name, value in typed.environment.items()]
    lines.append(shlex.join(typed.arguments))
    return show_block("\n".join(lines), "sh")


def _tell_expected(manifest: PackManifest) -> str:
    if not manifest.expected_metrics:
        return "## What should come out\n\nThe run has no final metrics.\n"
    rows = [
        (
            show_cell(metric.name),
            show_cell(repr(metric.value)),
            "not compared: it measures the machine" if metric.tolerance is None else f"±{metric.tolerance:g}",
        )
        for metric in manifest.expected_metrics
    ]
    return (
        "## What should come out\n\nThe final metrics; the tolerance is relative to the value.\n\n"
        + show_table(("metric", "value", "tolerance"), rows)
    )


def _tell_weaknesses(manifest: PackManifest) -> str:
    heading = "## What is not in this pack\n\n"
    if not manifest.weaknesses:
        return f"{heading}Nothing that ModelLab knows of is missing.\n"
    # Sentences with names in them, so each is code: nothing of it may become markup.
    return heading + "".join(f"* {show(sentence)}\n" for sentence in manifest.weaknesses)
