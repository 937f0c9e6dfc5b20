from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from modellab.capture.cgroup import read_core_limit, read_memory_limit
from modellab.capture.machine import describe_devices, describe_machine


def put_nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def make_nvml(**replaced: Any) -> SimpleNamespace:
    devices = [("NVIDIA H200", 141 * 2**30), (b"NVIDIA T4", 15 * 2**30)]
    calls = {
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlSystemGetDriverVersion": lambda: b"570.1",
        "nvmlDeviceGetCount": lambda: len(devices),
        "nvmlDeviceGetHandleByIndex": lambda index: devices[index],
        "nvmlDeviceGetName": lambda device: device[0],
        "nvmlDeviceGetMemoryInfo": lambda device: SimpleNamespace(total=device[1]),
    }
    return SimpleNamespace(**{**calls, **replaced})


def fail(*_: object) -> Any:
    raise RuntimeError("the driver is not loaded")


def test_the_machine_is_described_as_compact_json() -> None:
    machine = describe_machine()
    devices = json.loads(machine.device_info)

    assert machine.hostname
    assert machine.user
    assert set(devices) <= {"os", "cpu", "cores", "memory_gb", "gpus"}
    assert {"os", "cpu", "cores", "memory_gb"} <= set(devices)
    assert 0 < devices["cores"] <= (os.cpu_count() or 0)
    assert devices["memory_gb"] > 0
    assert machine.device_info == json.dumps(devices, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_cores_are_those_that_this_process_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert describe_devices()["cores"] <= 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_gpus_come_from_nvml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", make_nvml())  # this machine may have no GPU

    assert describe_devices()["gpus"] == [
        {"name": "NVIDIA H200", "memory_gb": 141.0, "driver": "570.1"},
        {"name": "NVIDIA T4", "memory_gb": 15.0, "driver": "570.1"},
    ]


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
@pytest.mark.parametrize("nvml", [None, make_nvml(nvmlInit=fail), make_nvml(nvmlDeviceGetName=fail)])
def test_without_a_working_nvml_gpus_come_from_nvidia_smi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nvml: object
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", nvml)  # None makes the import fail, as when it is absent
    lines = r"NVIDIA H200, 143771, 570.1\nTesla T4, [N/A], [Unknown Error]\n"
    put_nvidia_smi(
        tmp_path, monkeypatch, f"""case "$*" in *--format=csv,noheader,nounits*) printf '{lines}';; esac"""
    )

    assert describe_devices()["gpus"] == [
        {"name": "NVIDIA H200", "memory_gb": 140.4, "driver": "570.1"},
        {"name": "Tesla T4"},
    ]


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has a GPU of its own")
@pytest.mark.parametrize("script", ["echo 'No devices were found'; exit 6", "exit 0", "kill $$"])
def test_a_failing_nvidia_smi_leaves_gpus_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    put_nvidia_smi(tmp_path, monkeypatch, script)

    assert "gpus" not in describe_devices()


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has a GPU of its own")
def test_without_any_gpu_software_gpus_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("nvidia-smi") is None

    assert "gpus" not in describe_devices()


def write_groups(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")


def test_limits_of_a_container_are_read(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/",
        "sys/fs/cgroup/memory.max": "8589934592",
        "sys/fs/cgroup/cpu.max": "150000 100000",
    }
    write_groups(tmp_path, files)

    assert read_memory_limit(tmp_path) == 8 * 2**30
    assert read_core_limit(tmp_path) == 1.5


def test_the_tightest_limit_of_nested_groups_counts(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/slurm/job:1/step",
        "sys/fs/cgroup/slurm/memory.max": "max",
        "sys/fs/cgroup/slurm/job:1/memory.max": "1000",
        "sys/fs/cgroup/slurm/job:1/step/memory.max": "2000",
        "sys/fs/cgroup/slurm/cpu.max": "max 100000",
        "sys/fs/cgroup/slurm/job:1/step/cpu.max": "400000 100000",
    }
    write_groups(tmp_path, files)

    assert read_memory_limit(tmp_path) == 1_000
    assert read_core_limit(tmp_path) == 4


def test_limits_of_version_1_are_read(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "4:memory:/docker/a\n2:cpu,cpuacct:/docker/a\n0::/",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes": "5000",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
        "sys/fs/cgroup/cpu/docker/a/cpu.cfs_quota_us": "200000",
        "sys/fs/cgroup/cpu/docker/a/cpu.cfs_period_us": "100000",
    }
    write_groups(tmp_path, files)

    assert read_memory_limit(tmp_path) == 5_000
    assert read_core_limit(tmp_path) == 2


@pytest.mark.parametrize("cgroup", [None, "", "nonsense", "0::/gone"])
def test_without_groups_there_are_no_limits(tmp_path: Path, cgroup: str | None) -> None:
    if cgroup is not None:
        write_groups(tmp_path, {"proc/self/cgroup": cgroup})

    assert read_memory_limit(tmp_path) is None
    assert read_core_limit(tmp_path) is None
