"""What the browser tests look at: a small study as people make it, and texts that break pages."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.fill import fill_ours
from benchmarks.journals import START_MS, ingest_batches, join_batches, write_lines

import modellab
from modellab.journal.line import encode_event
from modellab.settings import Settings, load_settings
from modellab.store import open_store

LONG = "a name of 250 characters " * 10
HOSTILE = (
    "<script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'>",
    "🧪🔥 naïve Ωmega 実験",
    "שלום עולם mixed مرحبا 123",
    LONG,
    "__proto__",
    "a/b/c",
)
"""Names, notes, tags and params that people and programs come up with."""

CLASSES = ["cat", "dog", "owl"]


def fill_study(folder: Path) -> None:
    """Record two models with three seeds each, evaluated on the same rows; a failed run; hostile texts."""
    settings = load_settings(start=folder, environ={})
    for model, skill in (("forest", 2.2), ("linear", 1.1)):
        for seed in range(3):
            _record_model(settings, model, skill, seed)
    try:
        with modellab.start_run(
            name="diverged", tags={"team": "vision"}, project_id="study", settings=settings
        ) as run:
            for step in range(20):
                run.log_metrics({"loss": float("nan") if step > 12 else 1 / (step + 1)}, step=step)
            raise FloatingPointError("the loss is nan after step 12")
    except FloatingPointError:
        pass
    for text in HOSTILE:
        with modellab.start_run(name=text, tags={"text": text}, project_id="study", settings=settings) as run:
            run.log_params({text[:200]: text, "plain": 1})
            run.log_metrics({text[:200]: 1e-300, "loss": 0.5}, step=0)
            run.log_metrics({text[:200]: float("inf"), "loss": 0.25}, step=1)
            run.set_note(f"# Note\n{text}\n\n[a link](javascript:alert(1))")


N_RUNS = 10_000
LONG_RUN = "a" * 32
"""The id of the run with a million points, which is the oldest."""


def fill_large(folder: Path) -> None:
    """Many runs, and the newest with a million points, 1 000 metrics, a long diff and a wide table."""
    settings = load_settings(start=folder, environ={})
    with open_store(settings) as store:
        fill_ours(settings.db_path, 0, N_RUNS - 2)
        ingest_batches(store, LONG_RUN, join_batches(_write_long_run()))
    with modellab.start_run(name="everything is large", settings=settings) as run:
        for step in range(2):
            run.log_metrics({f"layer{at // 100}/weight{at}": at + step for at in range(1000)}, step=step)
        table = folder / "wide.csv"
        table.write_text(
            "\n".join(",".join(f"{kind}{at}" for at in range(200)) for kind in ("column", "cell"))
        )
        run.log_artifact(table)


def _write_long_run() -> Iterator[bytes]:
    added = "".join(f"+line {at}\n" for at in range(5000))
    diff = f"diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -0,0 +1,5000 @@\n{added}"
    lines = write_lines({"loss": lambda step: step % 1000 / 1000}, 1_000_000, steady=True)
    yield next(lines)
    yield encode_event("context", START_MS, {"git_diff": diff})
    yield from lines


def _record_model(settings: Settings, model: str, skill: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    with modellab.start_run(
        name=f"{model}-{seed}", project_id="study", seed=seed, tags={"model": model}, settings=settings
    ) as run:
        run.log_params(
            {"model": model, "lr": 0.1 if model == "forest" else 0.01, "n_epochs": 50, "seed": seed}
        )
        for step in range(50):
            loss = float(np.exp(-step * skill / 30) + rng.normal(0, 0.01))
            run.log_metrics({"train/loss": loss, "val/loss": loss * 1.1, "lr": 0.1 / (step + 1)}, step=step)
        out = settings.root / f"out-{model}-{seed}"
        out.mkdir()
        (out / "curve.csv").write_text("epoch,loss\n0,1.0\n1,0.5\n")
        (out / "config.json").write_text(json.dumps({"model": model, "layers": [1, 2, {"deep": True}]}))
        (out / "page.html").write_text("<h1>report</h1><script>parent.document.title = 'taken over'</script>")
        (out / "dot.png").write_bytes(_make_png())
        for file in sorted(out.iterdir()):
            run.log_artifact(file, name=f"files/{file.name}")
        run.log_evaluation(**_predict(skill, seed))


def _predict(skill: float, seed: int) -> dict[str, Any]:
    """What a model of some skill says of the same 240 rows each time."""
    truth = np.random.default_rng(7).integers(0, 3, 240)
    noise = np.random.default_rng(100 + seed).normal(0, 1, (240, 3))
    scores = noise + skill * np.eye(3)[truth]
    return {
        "predictions": np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True),
        "labels": [CLASSES[label] for label in truth],
        "data": {
            "age": [float(at % 60) for at in range(240)],
            "place": ["north" if at % 3 else "south" for at in range(240)],
        },
        "config": {"classes": CLASSES, "sliceAttributes": ["place"], "run_stress_tests": False},
    }


def _make_png() -> bytes:
    """A picture of two by two pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" + b"\xff\0\0" * 2 + b"\0" + b"\0\0\xff" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
