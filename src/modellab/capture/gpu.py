"""The graphics processors of this machine: by NVML if it is there, else by `nvidia-smi`.

Neither touches CUDA: asking must not start a context in the training process.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modellab.capture.program import TIMEOUT_S, run_program

_GIB = 2**30
_QUERY = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"]
# Where a driver shows itself (WSL has dxg). Importing pynvml to learn that there is none costs 30 ms.
_DRIVER_MARKS = ("/dev/nvidiactl", "/proc/driver/nvidia", "/dev/dxg", r"C:\Windows\System32\nvml.dll")


def list_gpus() -> list[dict[str, Any]]:
    """The GPUs as `name`, `memory_gb` (2**30 bytes) and `driver`, as far as known; empty without any."""
    nvml = load_nvml()
    gpus = _call_within(TIMEOUT_S, lambda: _ask_nvml(nvml)) if nvml is not None else None
    return gpus or _ask_nvidia_smi() or _ask_apple()


def load_nvml() -> Any | None:
    """The `pynvml` module if it is installed and a driver is there, else `None`."""
    if "pynvml" not in sys.modules and not any(Path(mark).exists() for mark in _DRIVER_MARKS):
        return None
    try:
        import pynvml  # late: an extra, and slow to import
    except Exception:
        return None  # absent, or it does not fit this machine
    return pynvml


def _ask_nvml(nvml: Any) -> list[dict[str, Any]]:
    nvml.nvmlInit()
    try:
        driver = _decode(nvml.nvmlSystemGetDriverVersion())
        gpus = []
        for index in range(nvml.nvmlDeviceGetCount()):
            device = nvml.nvmlDeviceGetHandleByIndex(index)
            memory_gb = round(nvml.nvmlDeviceGetMemoryInfo(device).total / _GIB, 1)
            gpus.append(
                {"name": _decode(nvml.nvmlDeviceGetName(device)), "memory_gb": memory_gb, "driver": driver}
            )
        return gpus
    finally:
        nvml.nvmlShutdown()


def _decode(text: str | bytes) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text  # bytes before version 11.5


def _call_within(seconds: float, function: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]] | None:
    # A broken driver can block for ever inside NVML; a daemon thread can be left behind.
    results: list[list[dict[str, Any]]] = []

    def call() -> None:
        try:
            results.append(function())
        except Exception:
            return

    thread = threading.Thread(target=call, name="modellab-gpus", daemon=True)
    thread.start()
    thread.join(seconds)
    return results[0] if results else None


def _ask_nvidia_smi() -> list[dict[str, Any]]:
    output = run_program(_QUERY)
    if output is None or output.exit_code != 0:
        return []
    gpus = []
    for line in output.data.decode("utf-8", "replace").splitlines():
        name, memory, driver = ([part.strip() for part in line.split(",")] + ["", "", ""])[:3]
        gpu: dict[str, Any] = {"name": name}
        if memory.isdigit():  # some devices say "[N/A]"
            gpu["memory_gb"] = round(int(memory) / 1024, 1)
        if driver and not driver.startswith("["):
            gpu["driver"] = driver
        if name:
            gpus.append(gpu)
    return gpus


def _ask_apple() -> list[dict[str, Any]]:
    name = read_apple_chip()
    return [{"name": name}] if name and name.startswith("Apple") else []  # not the processor of an Intel Mac


def read_apple_chip() -> str | None:
    """The name of the chip of a Mac, as in `Apple M2 Pro`; `None` elsewhere."""
    if sys.platform != "darwin":
        return None
    output = run_program(["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"])
    if output is None or output.exit_code != 0:
        return None
    return output.data.decode("utf-8", "replace").strip() or None
