"""Seeded streams of random numbers that are the same on every machine and with every version of numpy.

numpy promises the raw output of its bit generators, but not what its distributions make of it (NEP 19).
So only `random_raw` of PCG64DXSM is taken from there, and everything else is worked out here.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from modellab.errors import InvalidInput

_HALF = (1 << 128) - 1


class Stream:
    """Random numbers from a seed and names; another name gives numbers that have nothing to do with these.

    Two streams of the same seed and names give the same numbers. A stream moves on as it is read.
    """

    def __init__(self, seed: int, *names: str) -> None:
        self.seed = seed
        self._names = names
        text = "\0".join((str(seed), *names))
        key = int.from_bytes(hashlib.sha256(text.encode()).digest(), "little")
        self._bits = np.random.PCG64DXSM(0)
        self._bits.state = {
            "bit_generator": "PCG64DXSM",
            "state": {"state": key & _HALF, "inc": (key >> 128) | 1},
            "has_uint32": 0,
            "uinteger": 0,
        }

    def child(self, *names: str) -> Stream:
        """The stream of the same seed under further names, from its beginning."""
        return Stream(self.seed, *self._names, *names)

    def raw(self, n: int) -> NDArray[np.uint64]:
        """`n` times 64 random bits."""
        return self._bits.random_raw(n)

    def keys(self, n: int) -> NDArray[np.uint16]:
        """`n` times 16 random bits."""
        return self.raw((n + 3) // 4).astype("<u8", copy=False).view("<u2")[:n]

    def uniform(self, n: int) -> NDArray[np.float64]:
        """`n` numbers in [0, 1), multiples of 2⁻⁵³."""
        return (self.raw(n) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def integers(self, high: int, n: int) -> NDArray[np.int64]:
        """`n` integers from 0 to `high` - 1, each as likely: bits, drawn again where they are too large."""
        if not 1 <= high <= 2**62:
            raise InvalidInput(f"the number of integers to choose from is {high}; it has to be 1 to 2**62")
        shift = np.uint64(64 - max(1, (high - 1).bit_length()))
        found = np.empty(n, np.int64)
        filled = 0
        while filled < n:
            drawn = (self.raw(n - filled) >> shift).view(np.int64)
            drawn = drawn[drawn < high]
            found[filled : filled + len(drawn)] = drawn
            filled += len(drawn)
        return found

    def signs(self, n: int) -> NDArray[np.int8]:
        """`n` signs, -1 or +1."""
        octets = self.raw((n + 63) // 64).astype("<u8", copy=False).view(np.uint8)
        return np.unpackbits(octets, count=n).view(np.int8) * np.int8(2) - np.int8(1)

    def normal(self, n: int) -> NDArray[np.float64]:
        """`n` standard normal numbers: the quantiles of uniform ones."""
        from scipy.special import ndtri

        quantiles: NDArray[np.float64] = ndtri(self.uniform(n) + 2.0**-54)
        return quantiles

    def permutation(self, n: int) -> NDArray[np.int64]:
        """The numbers 0 to `n` - 1 in random order."""
        return np.argsort(self.raw(n), kind="stable")

    def choose(self, n: int, k: int) -> NDArray[np.int64]:
        """`k` distinct numbers of 0 to `n` - 1, in order; every such set is as likely."""
        if not 0 <= k <= n:
            raise InvalidInput(f"{k} of {n} cannot be chosen; it has to be 0 to {n}")
        if 2 * k > n:
            return np.setdiff1d(np.arange(n), self.choose(n, n - k), assume_unique=True)
        chosen = np.empty(0, np.int64)
        while len(chosen) < k:
            drawn = np.concatenate([chosen, self.integers(n, k - len(chosen))])
            first = np.unique(drawn, return_index=True)[1]
            chosen = drawn[np.sort(first)]
        return np.sort(chosen)
