"""The files of an evaluation: JSON whose bytes follow from the values alone, and their folder."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from modellab.errors import InvalidInput

SIGNIFICANT_DIGITS = 10
"""Digits of a float in JSON; those after them may differ between processors."""

FILES = ("metrics.json", "confidence_intervals.json", "slices.json", "failure_examples.json", "takeaway.txt")
PLOTS = (
    *("confusion_matrix", "roc_curve", "pr_curve", "calibration_curve", "confidence_histogram"),
    *("predicted_vs_actual", "residuals", "residual_histogram", "qq_plot", "error_by_prediction"),
)


def round_floats(value: Any) -> Any:
    """The same value with floats to 10 significant digits, tuples as lists and mappings as dicts.

    Lone surrogates, which UTF-8 does not have, become escapes (`\\udc80`). Floats that are not finite have
    no place in JSON; they raise `ValueError`.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a number that JSON has.")
        rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        return rounded if math.isfinite(rounded) else value  # the largest floats round to infinity
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {round_floats(str(key)): round_floats(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [round_floats(item) for item in value]
    return value


def encode_json(value: Any) -> bytes:
    """A value as JSON: sorted keys, UTF-8, floats to 10 significant digits, a newline at the end."""
    text = json.dumps(round_floats(value), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=2)
    return text.encode() + b"\n"


def check_folder(output_dir: str | os.PathLike[str]) -> Path:
    """The folder that files are to be put into; raises `InvalidInput` if that is a file."""
    folder = Path(output_dir)
    for path in (folder, *folder.parents):
        if path.exists():
            if not path.is_dir():
                raise InvalidInput(f"output_dir is {str(folder)!r}, and {str(path)!r} is a file.")
            break
    return folder


def write_folder(files: Iterable[tuple[str, bytes]], output_dir: str | os.PathLike[str]) -> Path:
    """Put the files of an evaluation into a folder, in place of those of an earlier one.

    All are written elsewhere on the same disk first, and then moved; so a failure leaves what was there. What
    else is in the folder stays.
    """
    folder = check_folder(output_dir)
    folder.parent.mkdir(parents=True, exist_ok=True)
    near = folder if folder.exists() else folder.parent
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=near) as place:
        fresh = Path(place) / "new"
        (fresh / "plots").mkdir(parents=True)
        names = []
        for name, data in files:
            (fresh / name).write_bytes(data)
            names.append(name)
        if near is folder:
            _move(fresh, names, folder)
        else:
            fresh.rename(folder)
    return folder


def _move(fresh: Path, names: list[str], folder: Path) -> None:
    (folder / "plots").mkdir(exist_ok=True)
    for name in names:
        os.replace(fresh / name, folder / name)
    for name in {*FILES, *(f"plots/{plot}.png" for plot in PLOTS)} - {*names}:  # of an earlier evaluation
        (folder / name).unlink(missing_ok=True)
