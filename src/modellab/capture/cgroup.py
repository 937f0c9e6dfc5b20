"""The limits of memory and processor time that a container or a batch system sets (Linux control groups)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_NO_LIMIT = 1 << 60  # version 1 says "none" with a number near 2**63


def read_memory_limit(root: Path = Path("/")) -> int | None:
    """The smallest limit in bytes that applies to this process, or `None` without one."""
    files = {"": "memory.max", "memory": "memory.limit_in_bytes"}
    limits = []
    for controller, name in files.items():
        for folder in _find_groups(root, controller):
            text = _read(folder / name)
            if text.isdigit() and 0 < int(text) < _NO_LIMIT:
                limits.append(int(text))
    return min(limits, default=None)


def read_core_limit(root: Path = Path("/")) -> float | None:
    """The smallest number of cores' worth of time that applies to this process, or `None` without one."""
    limits = []
    for folder in _find_groups(root, ""):
        limits.append(_divide(*(_read(folder / "cpu.max").split() or ("", ""))))
    for folder in _find_groups(root, "cpu"):
        limits.append(_divide(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")))
    return min((limit for limit in limits if limit is not None), default=None)


def _divide(quota: str, period: str) -> float | None:
    if not (quota.isdigit() and period.isdigit()) or int(period) == 0:
        return None  # "max", "-1", or no such file
    return int(quota) / int(period)


def _find_groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's group and of those around it; `controller` is empty for version 2."""
    mount = root / "sys/fs/cgroup" / controller
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2) if line.count(":") >= 2 else ("", "?", "")
        if controller in controllers.split(","):
            own = Path(path.lstrip("/"))
            yield from (mount / part for part in (own, *own.parents))
            return


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
