"""How busy machine and process are at one moment: processor, memory, GPUs."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable
from typing import Any

from modellab.capture.gpu import load_nvml

_MIB = 2**20
_SHORTEST_SPAN_S = 0.1  # processor time over less than this is noise


class LoadSampler:
    """Samples of the load, for a thread in the background; a source that fails once is not asked again.

    Cheap to make: the libraries are loaded by the first `sample()`.
    One thread at a time may use it.
    """

    def __init__(self) -> None:
        self._sources: dict[str, Callable[[], float]] = {}
        self._spans: frozenset[str] = frozenset()
        self._asked_at = -math.inf
        self._pid: int | None = None
        self._nvml: Any = None
        self._closed = False

    def sample(self) -> dict[str, float]:
        """The load now, by metric name; what cannot be measured is left out.

        * `cpu_percent` and `memory_percent`: of the whole machine, 0 to 100
        * `process_cpu_percent`: of one core, so above 100 with several threads
        * `process_memory_mb`: resident memory in 2**20 bytes
        * `gpu0_percent`, `gpu0_memory_mb` (2**20 bytes), `gpu0_power_w`, `gpu0_temperature_c`, and so on
          for each GPU in the order of NVML

        The two processor percentages are means since the sample before and hence not in the first one.
        """
        if self._closed:
            return {}
        if self._pid != os.getpid():  # first use, or a forked child that inherited another's figures
            self._open()
        now = time.monotonic()
        too_soon = now - self._asked_at < _SHORTEST_SPAN_S
        values: dict[str, float] = {}
        for name, read in list(self._sources.items()):
            if name in self._spans and too_soon:
                continue
            try:
                value = float(read())
            except Exception:
                self._sources.pop(name, None)
                continue
            if math.isfinite(value):
                values[name] = value
        if not too_soon:
            self._asked_at = now
        return values

    def close(self) -> None:
        """Lets go of the GPU library; later samples are empty."""
        if not self._closed and self._nvml is not None and self._pid == os.getpid():
            try:
                self._nvml.nvmlShutdown()
            except Exception:
                self._nvml = None  # nothing is left to let go of
        self._closed = True
        self._sources = {}

    def _open(self) -> None:
        self._pid = os.getpid()
        self._sources = {}
        for find in (self._find_processor, self._find_gpus):
            try:
                find()
            except Exception:
                continue  # a library that is absent or does not work here
        self._asked_at = time.monotonic()

    def _find_processor(self) -> None:
        import psutil  # late: 10 ms, here paid in the background

        process = psutil.Process()
        sources: dict[str, Callable[[], float]] = {
            "cpu_percent": _ProcessorShare(psutil.cpu_times),
            "process_cpu_percent": lambda: process.cpu_percent(None),
            "memory_percent": lambda: psutil.virtual_memory().percent,
            "process_memory_mb": lambda: process.memory_info().rss / _MIB,
        }
        self._spans = frozenset({"cpu_percent", "process_cpu_percent"})
        for name, read in sources.items():
            try:
                read()  # the percentages count from here
            except Exception:
                continue
            self._sources[name] = read

    def _find_gpus(self) -> None:
        nvml = load_nvml()
        if nvml is None:
            return
        nvml.nvmlInit()
        self._nvml = nvml
        for index in range(nvml.nvmlDeviceGetCount()):
            with contextlib.suppress(Exception):  # a lost device must not hide the others
                device = nvml.nvmlDeviceGetHandleByIndex(index)
                self._sources |= _build_gpu_sources(nvml, device, f"gpu{index}")


class _ProcessorShare:
    # psutil.cpu_percent keeps its figures by thread, so that a last sample from another thread would be 0.

    def __init__(self, read_times: Callable[[], Any]) -> None:
        self._read_times = read_times
        self._last = (0.0, 0.0)

    def __call__(self) -> float:
        """The busy share of the time since the call before, in percent."""
        times = self._read_times()._asdict()
        total = sum(times.values()) - times.get("guest", 0.0) - times.get("guest_nice", 0.0)  # both in `user`
        idle = times["idle"] + times.get("iowait", 0.0)
        (last_total, last_idle), self._last = self._last, (total, idle)
        span = total - last_total
        if span <= 0:
            return math.nan  # no tick of the clock yet
        busy_percent: float = 100 * (1 - (idle - last_idle) / span)
        return round(min(max(busy_percent, 0.0), 100.0), 2)


def _build_gpu_sources(nvml: Any, device: Any, prefix: str) -> dict[str, Callable[[], float]]:
    return {
        f"{prefix}_percent": lambda: nvml.nvmlDeviceGetUtilizationRates(device).gpu,
        f"{prefix}_memory_mb": lambda: nvml.nvmlDeviceGetMemoryInfo(device).used / _MIB,
        f"{prefix}_power_w": lambda: nvml.nvmlDeviceGetPowerUsage(device) / 1_000,
        f"{prefix}_temperature_c": lambda: nvml.nvmlDeviceGetTemperature(device, nvml.NVML_TEMPERATURE_GPU),
    }
