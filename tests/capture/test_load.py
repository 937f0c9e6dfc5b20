from __future__ import annotations

import math
import os
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from modellab.capture.load import LoadSampler

ALWAYS = {"memory_percent", "process_memory_mb"}
SPANS = {"cpu_percent", "process_cpu_percent"}


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)


def sample_until(sampler: LoadSampler, names: set[str]) -> dict[str, float]:
    """Keeps this process busy until a sample has `names`."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        values = sampler.sample()
        if names <= set(values):
            return values
    raise AssertionError(f"no sample with {names}")


def test_the_first_sample_leaves_out_what_needs_a_span_of_time() -> None:
    sampler = LoadSampler()

    assert set(sampler.sample()) == ALWAYS


def test_later_samples_say_how_busy_machine_and_process_were() -> None:
    sampler = LoadSampler()
    sampler.sample()

    values = sample_until(sampler, ALWAYS | SPANS)

    assert 0 < values["cpu_percent"] <= 100
    assert 0 < values["process_cpu_percent"] <= 100 * (os.cpu_count() or 1)
    assert 0 < values["memory_percent"] <= 100
    assert 1 < values["process_memory_mb"] < 1_000_000


def test_a_last_sample_from_another_thread_is_as_good() -> None:
    sampler = LoadSampler()
    thread = threading.Thread(target=sampler.sample)
    thread.start()
    thread.join()

    assert sample_until(sampler, SPANS)["cpu_percent"] > 0


def test_without_psutil_samples_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)

    assert LoadSampler().sample() == {}


def test_a_source_that_fails_is_left_out_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    sampler = LoadSampler()
    assert "memory_percent" in sampler.sample()

    def fail() -> Any:
        raise psutil.AccessDenied

    with monkeypatch.context() as broken:
        broken.setattr(psutil, "virtual_memory", fail)
        assert set(sampler.sample()) <= {"process_memory_mb", *SPANS}

    assert "memory_percent" not in sampler.sample()
    assert "process_memory_mb" in sampler.sample()


def make_nvml(**replaced: Any) -> SimpleNamespace:
    calls = {
        "NVML_TEMPERATURE_GPU": 0,
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetUtilizationRates": lambda device: SimpleNamespace(gpu=50 + device),
        "nvmlDeviceGetMemoryInfo": lambda device: SimpleNamespace(used=(1 + device) * 2**20),
        "nvmlDeviceGetPowerUsage": lambda _: 250_500,
        "nvmlDeviceGetTemperature": lambda *_: 60,
    }
    return SimpleNamespace(**{**calls, **replaced})


def fail(*_: object) -> Any:
    raise RuntimeError("not supported")


def sample_gpus(sampler: LoadSampler) -> dict[str, float]:
    return {name: value for name, value in sampler.sample().items() if name.startswith("gpu")}


def test_each_gpu_has_its_own_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", make_nvml())

    assert sample_gpus(LoadSampler()) == {
        "gpu0_percent": 50.0,
        "gpu0_memory_mb": 1.0,
        "gpu0_power_w": 250.5,
        "gpu0_temperature_c": 60.0,
        "gpu1_percent": 51.0,
        "gpu1_memory_mb": 2.0,
        "gpu1_power_w": 250.5,
        "gpu1_temperature_c": 60.0,
    }


def test_what_a_gpu_cannot_tell_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = make_nvml(
        nvmlDeviceGetHandleByIndex=lambda index: index if index else fail(),
        nvmlDeviceGetPowerUsage=fail,
        nvmlDeviceGetTemperature=lambda *_: math.nan,
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)

    assert sample_gpus(LoadSampler()) == {"gpu1_percent": 51.0, "gpu1_memory_mb": 2.0}


@pytest.mark.parametrize("name", ["nvmlInit", "nvmlDeviceGetCount"])
def test_a_gpu_library_that_does_not_work_costs_only_gpu_metrics(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", make_nvml(**{name: fail}))

    assert set(LoadSampler().sample()) == ALWAYS


def test_a_closed_sampler_is_silent_and_lets_go_of_the_gpu_library(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[str] = []
    monkeypatch.setitem(sys.modules, "pynvml", make_nvml(nvmlShutdown=lambda: ends.append("end")))
    sampler = LoadSampler()
    sampler.sample()

    sampler.close()
    sampler.close()

    assert ends == ["end"]
    assert sampler.sample() == {}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_samples_itself() -> None:
    sampler = LoadSampler()
    sampler.sample()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write_end, ",".join(sampler.sample()).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        assert set(pipe.read().split(",")) == ALWAYS
