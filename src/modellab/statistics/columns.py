"""Columns of numbers that come in: read, and refused where a test could not be made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modellab.errors import InvalidInput


def read_values(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """A column as finite float64, shape (n,), n at least 1."""
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1:
        raise InvalidInput(f"{name} has the shape {column.shape}; it is one column of numbers.")
    if column.size == 0:
        raise InvalidInput(f"{name} is empty; at least one value is needed.")
    bad = np.flatnonzero(~np.isfinite(column))
    if bad.size:
        raise InvalidInput(
            f"{name} has {bad.size} values that are not finite, first {column[bad[0]]} in row {bad[0]}.",
            hint="Leave such rows out on both sides, or say what they count as.",
        )
    return column


def read_pairs(
    values_a: ArrayLike, values_b: ArrayLike, what: str = "values"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two columns of the same rows, shape (n,) each."""
    a, b = read_values(f"{what}_a", values_a), read_values(f"{what}_b", values_b)
    if len(a) != len(b):
        raise InvalidInput(f"{what}_a has {len(a)} rows and {what}_b {len(b)}; pairs need the same rows.")
    return a, b


def read_flags(name: str, values: ArrayLike) -> NDArray[np.bool_]:
    """A column of 0 and 1, shape (n,)."""
    column = read_values(name, values)
    bad = np.flatnonzero((column != 0) & (column != 1))
    if bad.size:
        raise InvalidInput(f"{name} has {column[bad[0]]:g} in row {bad[0]}; it holds 0 and 1 only.")
    flags: NDArray[np.bool_] = column == 1
    return flags


def read_codes(name: str, values: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """A column of class codes from 0 to `n_classes` - 1, shape (n,)."""
    given = np.asarray(values)
    codes = given.astype(np.int64)
    bad = np.flatnonzero((codes < 0) | (codes >= n_classes) | (codes != given))
    if given.ndim != 1 or bad.size:
        where = f"{given[bad[0]]} in row {bad[0]}" if given.ndim == 1 else f"the shape {given.shape}"
        raise InvalidInput(f"{name} has {where}; it is one column of codes from 0 to {n_classes - 1}.")
    return codes


def read_clusters(clusters: ArrayLike, n: int) -> tuple[NDArray[np.int64], int]:
    """Clusters as codes from 0, shape (n,), and how many there are."""
    given = np.asarray(clusters)
    if given.shape != (n,):
        raise InvalidInput(
            f"clusters has the shape {given.shape}; one cluster for each of {n} rows is needed."
        )
    found, codes = np.unique(given, return_inverse=True)
    return codes.astype(np.int64).reshape(n), len(found)


def sum_by_cluster(
    values: NDArray[np.float64], codes: NDArray[np.int64], n_clusters: int
) -> NDArray[np.float64]:
    """The sum of the values of each cluster, shape (n_clusters,)."""
    return np.bincount(codes, weights=values, minlength=n_clusters).astype(np.float64)


def is_constant(values: NDArray[np.float64]) -> bool:
    """Whether all values are the same but for rounding."""
    return bool(np.ptp(values) <= 1e-12 * np.max(np.abs(values)))
