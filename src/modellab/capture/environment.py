"""The environment variables that decide what a training computes: an allow-list, never secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from modellab.capture.redaction import is_secret_name
from modellab.capture.text import make_storable

MAX_VALUE_LENGTH = 4_096
"""Characters of a variable's value; a longer one is left out."""

VARIABLES: frozenset[str] = frozenset(
    {
        "CUBLAS_WORKSPACE_CONFIG",
        "CUDA_DEVICE_ORDER",
        "CUDA_LAUNCH_BLOCKING",
        "CUDA_VISIBLE_DEVICES",
        "DATASET_ID",
        "LANG",
        "NVIDIA_TF32_OVERRIDE",
        "PYTHONHASHSEED",
        "PYTHONIOENCODING",
        "PYTHONOPTIMIZE",
        "PYTHONPATH",
        "PYTHONUTF8",
        "TOKENIZERS_PARALLELISM",
        "TZ",
        "XLA_FLAGS",
    }
)
"""Variables that are recorded."""
PREFIXES: tuple[str, ...] = (
    "BLIS_",
    "CUDNN_",
    "JAX_",
    "KMP_",
    "LC_",
    "MKL_",
    "NUMBA_",
    "NUMEXPR_",
    "OMP_",
    "OPENBLAS_",
    "PYTORCH_",
    "TF_",
    "TORCH_",
    "VECLIB_",
    "XLA_PYTHON_",
)
"""Beginnings of the names of further variables that are recorded."""

_is_place = re.compile(r".*_(CACHE|DIR|FILE|HOME|PATH|ADDR|ADDRESS|HOST|PORT|URL)", re.DOTALL).fullmatch
_PRIVATE_WORDS = frozenset({"AUTH", "COOKIE", "CREDENTIALS", "KEY", "PASS", "PASSWORD", "SECRET", "TOKEN"})
_is_name = re.compile(r"[A-Z][A-Z0-9_]{0,99}").fullmatch
_has_login = re.compile(r"://[^\s/]*@").search


def is_relevant(name: str, value: str) -> bool:
    """Whether a variable decides what is computed, and its value may be recorded and set again."""
    is_listed = name in VARIABLES or (name.startswith(PREFIXES) and not _is_place(name))
    if not is_listed or not _is_name(name) or is_secret_name(name):
        return False
    if not _PRIVATE_WORDS.isdisjoint(name.split("_")):
        return False
    return len(value) <= MAX_VALUE_LENGTH and "\0" not in value and not _has_login(value)


def capture_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of `environ` that decide what is computed, in order of their names."""
    return {name: make_storable(value) for name, value in sorted(environ.items()) if is_relevant(name, value)}
