"""The machine that a run ran on: host, user, system, processor, memory and GPUs."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

from modellab.capture.attempt import find_or_none
from modellab.capture.cgroup import read_core_limit, read_memory_limit
from modellab.capture.gpu import list_gpus, read_apple_chip
from modellab.capture.text import make_storable

_GIB = 2**30
_CPUINFO_BYTES = 4_096  # the first processor is enough; the whole file is slow on large machines


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine. `device_info` is compact JSON with the keys of `describe_devices`."""

    hostname: str | None
    user: str | None
    device_info: str


def describe_machine() -> Machine:
    """This machine as this process may use it."""
    import json  # late: 2 ms that a program without a run should not pay

    return Machine(
        hostname=find_or_none(_read_hostname),
        user=find_or_none(_read_user),
        device_info=json.dumps(describe_devices(), ensure_ascii=False, separators=(",", ":")),
    )


def describe_devices() -> dict[str, Any]:
    """The hardware and the system under `os, cpu, cores, memory_gb, gpus`; what is unknown is left out.

    `cores` and `memory_gb` (2**30 bytes) are what this process may use, if a container, a batch system or
    its affinity allows less than the machine has. `gpus` lists `name`, `memory_gb`, `driver`.
    """
    found = {
        "os": find_or_none(_read_os),
        "cpu": find_or_none(_read_cpu),
        "cores": find_or_none(_count_cores),
        "memory_gb": find_or_none(_read_memory_gb),
        "gpus": find_or_none(list_gpus),
    }
    return {key: value for key, value in found.items() if value}


def _read_hostname() -> str | None:
    import platform  # late, here and below: 1 ms that a program without a run should not pay

    return make_storable(platform.node()) or None


def _read_user() -> str | None:
    import getpass  # late: rarely loaded otherwise

    try:
        return make_storable(getpass.getuser())
    except (ImportError, KeyError, OSError):
        return str(os.getuid())  # a container without an entry for its user


def _read_os() -> str | None:
    import platform

    name = f"{platform.system()} {platform.release()}"
    if sys.platform == "darwin":
        name = f"macOS {platform.mac_ver()[0]}"
    elif sys.platform == "linux":
        distribution = find_or_none(lambda: platform.freedesktop_os_release()["PRETTY_NAME"])
        name = f"{distribution}, {name}" if distribution else name
    return make_storable(f"{name}, {platform.machine()}")


def _read_cpu() -> str | None:
    import platform

    if sys.platform == "darwin":
        return read_apple_chip() or platform.machine()
    return make_storable(_read_cpu_model() or os.environ.get("PROCESSOR_IDENTIFIER") or platform.machine())


def _read_cpu_model() -> str | None:
    try:
        with open("/proc/cpuinfo", "rb", buffering=0) as file:
            text = file.read(_CPUINFO_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    fields = dict(reversed([line.partition(":")[::2] for line in text.splitlines()]))
    named = {key.strip().lower(): value.strip() for key, value in fields.items()}
    return named.get("model name") or named.get("cpu model") or named.get("hardware")


def _count_cores() -> float | None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    limit = read_core_limit()
    if cores is None or limit is None or limit >= cores:
        return cores
    return round(limit, 2) if limit % 1 else int(limit)


def _read_memory_gb() -> float:
    size = _read_memory()
    return round(min(size, read_memory_limit() or size) / _GIB, 1)


def _read_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        import psutil  # late and last: it costs 10 ms, and only Windows needs it here

        return int(psutil.virtual_memory().total)
