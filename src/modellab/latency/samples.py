"""Measured times as bytes: one NumPy array (.npy), the same bytes for the same times."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput

MAX_BYTES = 1 << 30
"""More than this is not read."""

_MOST_LEVELS = 1000
_ROW = np.dtype([("level", "<i4"), ("seconds", "<f8")])


def encode_samples(samples_s: Sequence[NDArray[np.float64]]) -> bytes:
    """Times in seconds of each level, in the order of their calls, as a .npy file of level and seconds."""
    rows = np.empty(sum(map(len, samples_s)), _ROW)
    rows["level"] = np.repeat(np.arange(len(samples_s)), [len(times) for times in samples_s])
    rows["seconds"] = np.concatenate([*samples_s, np.empty(0)])
    data = io.BytesIO()
    np.lib.format.write_array(data, rows, version=(1, 0), allow_pickle=False)
    return data.getvalue()


def decode_samples(data: bytes) -> tuple[NDArray[np.float64], ...]:
    """The times in seconds of each level, up to the last that has any.

    Anything else than what `encode_samples` makes is `InvalidInput`; nothing is unpickled or unpacked.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"The samples have {len(data):,} bytes; at most {MAX_BYTES:,} are read.")
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        shape, _, dtype = (
            np.lib.format.read_array_header_1_0(file) if version == (1, 0) else ((), False, None)
        )
    except Exception as error:  # numpy has many ways to say it
        raise InvalidInput(f"These are no samples of latency: {error}") from None
    size = len(data) - file.tell()
    if dtype != _ROW or len(shape) != 1 or shape[0] * _ROW.itemsize != size:
        raise InvalidInput(
            f"These are no samples of latency: an array of {dtype} and shape {shape} in {size} bytes, "
            f"not rows of level and seconds."
        )
    rows = np.frombuffer(data, _ROW, offset=file.tell())
    return _split(rows["level"].astype(np.int64), rows["seconds"].astype(np.float64))


def _split(levels: NDArray[np.int64], seconds: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    is_ascending = (np.diff(levels) >= 0).all() and (
        not len(levels) or 0 <= levels[0] <= levels[-1] < _MOST_LEVELS
    )
    if not is_ascending or not np.isfinite(seconds).all() or (seconds < 0).any():
        raise InvalidInput(
            f"These are no samples of latency: levels ascend from 0 to below {_MOST_LEVELS}, "
            "and times are finite and not negative."
        )
    if not len(levels):
        return ()
    n_levels = int(levels[-1]) + 1
    return tuple(np.split(seconds, np.searchsorted(levels, np.arange(1, n_levels))))
