"""The rows of an evaluation as they are kept with a run, so that two runs can be paired row by row later.

They are stored as a `.npz` file: a ZIP of `.npy` arrays and one JSON text, with nothing in it that depends on
when or where it was made. Probabilities are float32 where that holds them exactly.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput
from modellab.evaluation.inputs import predict_classes
from modellab.evaluation.problem import Classification, Problem, Regression

MAX_UNPACKED_BYTES = 2 * 1024**3
"""What stored examples may take when unpacked."""
MAX_SLICE_ATTRIBUTES = 1000
"""Attributes of slices that are stored, the first ones."""

RowIds = NDArray[np.int64] | tuple[str, ...]
SliceCodes = tuple[NDArray[np.int32], tuple[str, ...]]
"""Of one attribute, the slice that each row is in (-1 for none), shape (n,), and the slices' names."""

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """The rows that were evaluated: their ids (all different), clusters (codes, or `None`) and slices."""

    problem: Problem
    row_ids: RowIds
    clusters: NDArray[np.int64] | None = None
    slices: Mapping[str, SliceCodes] = field(default_factory=dict)


def encode_examples(examples: Examples) -> bytes:
    """The examples as the bytes of a `.npz` file; equal examples give equal bytes."""
    arrays: dict[str, NDArray[Any]] = {}
    about: dict[str, Any] = {"version": _VERSION, "n": examples.problem.n}
    _put_problem(examples.problem, arrays, about)
    ids = examples.row_ids
    if isinstance(ids, tuple):
        about["row_ids"] = ids
    elif not np.array_equal(ids, np.arange(examples.problem.n)):
        arrays["row_ids"] = ids
    if examples.clusters is not None:
        arrays["clusters"] = _shrink(examples.clusters)
    about["slices"] = []
    stored = itertools.islice(examples.slices.items(), MAX_SLICE_ATTRIBUTES)
    for place, (attribute, (codes, levels)) in enumerate(stored):
        about["slices"].append({"attribute": attribute, "levels": levels})
        arrays[f"slice_{place}"] = _shrink(codes)
    text = json.dumps(about, sort_keys=True, allow_nan=False)
    return _pack({"about": np.frombuffer(text.encode(), np.uint8), **arrays})


def decode_examples(data: bytes) -> Examples:
    """The examples in the bytes of a `.npz` file.

    Raises `InvalidInput` for anything that `encode_examples` would not have written, and for more than
    `MAX_UNPACKED_BYTES` of it. Nothing in the bytes is run.
    """
    try:
        return _read(_unpack(data))
    except (InvalidInput, MemoryError):
        raise
    except Exception as error:  # zipfile, zlib, json and numpy have many ways to say it
        raise InvalidInput(f"The stored examples are no intact .npz file of ours: {error}.") from error


def digest_rows(examples: Examples) -> str:
    """The SHA-256 over row ids and labels, whatever order the rows and the classes are in."""
    digest, problem = hashlib.sha256(), examples.problem
    if isinstance(examples.row_ids, tuple):
        order = np.array(sorted(range(problem.n), key=examples.row_ids.__getitem__), np.int64)
        digest.update(json.dumps([examples.row_ids[place] for place in order]).encode())
    else:
        order = np.argsort(examples.row_ids, kind="stable")
        digest.update(examples.row_ids[order].astype("<i8").tobytes())
    if isinstance(problem, Regression):
        digest.update(problem.targets[order].astype("<f8").tobytes())
        return digest.hexdigest()
    used = np.unique(problem.labels)
    # True, 1 and 1.0 are the same class, and text is never a number.
    names = [name if isinstance(name, str) else float(name) for name in problem.classes]
    texts = [json.dumps(names[code]).encode() for code in used]
    places = np.zeros(len(names), np.int64)
    places[used[sorted(range(len(used)), key=texts.__getitem__)]] = np.arange(len(used))
    digest.update(b"\n".join(sorted(texts)))
    digest.update(places[problem.labels][order].astype("<i8").tobytes())
    return digest.hexdigest()


def match_rows(a: Examples, b: Examples) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the rows with the same id are in `a` and in `b`, in the order of `a`."""
    if isinstance(a.row_ids, tuple) != isinstance(b.row_ids, tuple):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if isinstance(a.row_ids, tuple):
        place_in_b = {name: place for place, name in enumerate(b.row_ids)}
        found = np.array([place_in_b.get(name, -1) for name in a.row_ids], np.int64)
        in_a = np.flatnonzero(found >= 0)
        return in_a, found[in_a]
    _, in_a, in_b = np.intersect1d(a.row_ids, b.row_ids, assume_unique=True, return_indices=True)
    order = np.argsort(in_a, kind="stable")
    return in_a[order].astype(np.int64), in_b[order].astype(np.int64)


def _put_problem(problem: Problem, arrays: dict[str, NDArray[Any]], about: dict[str, Any]) -> None:
    if isinstance(problem, Regression):
        about["task_type"] = "regression"
        arrays["targets"] = _shrink(problem.targets)
        arrays["predictions"] = _shrink(problem.predictions)
        return
    about["task_type"] = "classification"
    about["classes"] = problem.classes
    arrays["labels"] = _shrink(problem.labels)
    if problem.probabilities is None:
        arrays["predicted"] = _shrink(problem.predicted)
    elif problem.is_binary and np.array_equal(problem.probabilities[:, 0], 1 - problem.probabilities[:, 1]):
        arrays["scores"] = _shrink(problem.probabilities[:, 1])
    else:
        arrays["probabilities"] = _shrink(problem.probabilities)


def _read(arrays: dict[str, NDArray[Any]]) -> Examples:
    about = json.loads(arrays.pop("about").tobytes())
    if about["version"] != _VERSION:
        raise InvalidInput(f"The stored examples are of version {about['version']}; this reads {_VERSION}.")
    n = int(about["n"])
    problem = (
        _read_regression(arrays, n) if about["task_type"] == "regression" else _read_classes(arrays, about, n)
    )
    if "row_ids" in about:
        ids: RowIds = tuple(str(name) for name in about["row_ids"])
    else:
        ids = _take(arrays, "row_ids", "i", (n,), np.int64) if "row_ids" in arrays else np.arange(n)
    if len(ids) != n or len(set(ids) if isinstance(ids, tuple) else np.unique(ids)) != n:
        raise InvalidInput("The row ids of the stored examples are not one of its own for each row.")
    clusters = _take(arrays, "clusters", "i", (n,), np.int64) if "clusters" in arrays else None
    slices: dict[str, SliceCodes] = {}
    for place, item in enumerate(about["slices"]):
        levels = tuple(str(level) for level in item["levels"])
        codes = _take(arrays, f"slice_{place}", "i", (n,), np.int32)
        _check_codes(codes, -1, len(levels))
        slices[str(item["attribute"])] = (codes, levels)
    return Examples(problem=problem, row_ids=ids, clusters=clusters, slices=slices)


def _read_regression(arrays: dict[str, NDArray[Any]], n: int) -> Regression:
    targets, predictions = (_take(arrays, name, "f", (n,), np.float64) for name in ("targets", "predictions"))
    if n < 1 or not (np.isfinite(targets).all() and np.isfinite(predictions).all()):
        raise InvalidInput("The stored examples have no rows, or numbers that are not finite.")
    return Regression(targets=targets, predictions=predictions)


def _read_classes(arrays: dict[str, NDArray[Any]], about: dict[str, Any], n: int) -> Classification:
    classes = tuple(about["classes"])
    if len(classes) < 2 or not all(isinstance(name, (str, int, float)) for name in classes) or n < 1:
        raise InvalidInput("The stored examples have no rows, or fewer than two classes.")
    labels = _take(arrays, "labels", "i", (n,), np.int64)
    _check_codes(labels, 0, len(classes))
    if "predicted" in arrays:
        predicted = _take(arrays, "predicted", "i", (n,), np.int64)
        _check_codes(predicted, 0, len(classes))
        return Classification(classes=classes, labels=labels, predicted=predicted, probabilities=None)
    if "scores" in arrays:
        scores = _take(arrays, "scores", "f", (n,), np.float64)
        probabilities = np.stack([1 - scores, scores], axis=1)
    else:
        probabilities = _take(arrays, "probabilities", "f", (n, len(classes)), np.float64)
    if not ((probabilities >= 0) & (probabilities <= 1)).all() or probabilities.shape[1] != len(classes):
        raise InvalidInput("The stored examples have probabilities outside of 0 to 1.")
    return Classification(
        classes=classes, labels=labels, predicted=predict_classes(probabilities), probabilities=probabilities
    )


def _take(
    arrays: dict[str, NDArray[Any]], name: str, kind: str, shape: tuple[int, ...], dtype: Any
) -> NDArray[Any]:
    array = arrays[name]
    if array.dtype.kind != kind or array.shape != shape:
        raise InvalidInput(
            f"The stored examples have {name} of {array.dtype} {array.shape}; it should be {shape}."
        )
    return array.astype(dtype)


def _check_codes(codes: NDArray[Any], lowest: int, stop: int) -> None:
    if len(codes) and not lowest <= codes.min() <= codes.max() < stop:
        raise InvalidInput(f"The stored examples have a code outside of {lowest} to {stop - 1}.")


def _shrink(values: NDArray[Any]) -> NDArray[Any]:
    """The same values in the smallest type that holds them exactly."""
    if values.dtype.kind == "f":
        with np.errstate(over="ignore"):
            narrow = values.astype(np.float32)
        return narrow if np.array_equal(narrow, values) else values
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return values.astype(kind)
    return values


def _pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # the same on Windows
            archive.writestr(info, member.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=1)
    return file.getvalue()


def _unpack(data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of a `.npz` file; sizes are checked before anything is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > MAX_UNPACKED_BYTES or len(members) > MAX_SLICE_ATTRIBUTES + 10:
            raise InvalidInput(
                f"The stored examples unpack to {size} bytes in {len(members)} arrays; at most "
                f"{MAX_UNPACKED_BYTES} in {MAX_SLICE_ATTRIBUTES + 10} are read."
            )
        return {member.filename.removesuffix(".npy"): _read_array(archive.read(member)) for member in members}


def _read_array(data: bytes) -> NDArray[Any]:
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise InvalidInput("The stored examples have an array of another format.")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if (
        dtype.hasobject
        or is_fortran
        or dtype.kind not in "iuf"
        or math.prod(shape) * dtype.itemsize != (len(data) - file.tell())
    ):
        raise InvalidInput("The stored examples have an array whose size or type is not what it says.")
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape)
