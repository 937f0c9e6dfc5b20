"""Several processes at one store, and some of them killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.journal.place import list_open
from modellab.store import Store

MS = 1_700_000_000_000

OPEN = """
import sys
from pathlib import Path
from modellab.settings import load_settings
from modellab.store import open_store
store = open_store(load_settings(start=Path(sys.argv[1]), environ={}, database_url=sys.argv[2] or None))
"""

INGEST = (
    OPEN
    + """
run_id, data = sys.argv[3], Path(sys.argv[4]).read_bytes()
while (offset := store.read_offset(run_id, "w")) < len(data):
    print(offset, flush=True)
    store.ingest(run_id, "w", offset, data[offset : offset + 3000])
"""
)

TRAIN = (
    OPEN
    + """
from modellab.ids import new_run_id
from modellab.journal.line import encode_points
from modellab.journal.writer import JournalWriter
print("ready", flush=True)
sys.stdin.readline()
ids = []
for number in range(int(sys.argv[3])):
    run_id = new_run_id()
    writer = JournalWriter(store.settings.journals, run_id)
    writer.append_event("start", {"params": {"number": number}})
    for step in range(200):
        writer.append(encode_points(step, 1_700_000_000_000 + step, {"loss": step, "acc": 0.5}))
        if step % 70 == 0:
            store.collector.collect_open()
    writer.append_event("end", {"status": "completed"})
    writer.close()
    store.collector.collect_run(run_id)
    assert store.runs.get(run_id).status == "completed"
    ids.append(run_id)
print(*ids, flush=True)
"""
)


def start(code: str, store: Store, *arguments: object) -> subprocess.Popen[str]:
    place = [str(store.settings.root), store.settings.database_url or ""]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *place, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_an_ingesting_process_that_is_killed_loses_and_doubles_nothing(store: Store, tmp_path: Path) -> None:
    run_id, count = new_run_id(), 8000
    lines = [encode_event("start", MS, {"params": {"lr": 1}})]
    lines += [encode_points(step, MS + step, {"loss": step / 3}) for step in range(count)]
    lines.append(encode_event("end", MS + count, {"status": "completed"}))
    data = b"".join(lines)
    (tmp_path / "journal").write_bytes(data)
    reached = 0
    for more in (1, 2, 5, 9, 14, 3, 7, 11):
        with start(INGEST, store, run_id, tmp_path / "journal") as process:
            assert process.stdout is not None
            for _ in range(more):
                process.stdout.readline()
            process.kill()  # while it is busy with the piece it has just announced
        offset = store.read_offset(run_id, "w")
        assert offset >= reached
        reached = offset
        series = store.series.read(run_id, "loss")
        assert data[:offset].count(b"loss") == (series.count if series else 0)
    assert 0 < reached < len(data)
    store.ingest(run_id, "w", 0, data)
    series = store.series.read(run_id, "loss")
    assert series is not None
    assert list(series.steps) == list(range(count))
    assert list(series.values) == [step / 3 for step in range(count)]
    run = store.runs.get(run_id)
    assert (run.status, run.metrics["loss"].count, run.metrics["loss"].max) == (
        "completed",
        count,
        (count - 1) / 3,
    )


def test_processes_that_train_and_collect_at_once_do_not_get_in_each_others_way(store: Store) -> None:
    processes = [start(TRAIN, store, 6) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ids = [run_id for process in processes for run_id in process.communicate(timeout=100)[0].split()]
    assert [process.returncode for process in processes] == [0] * 4
    assert len(set(ids)) == 24
    assert sorted(run.run_id for run in store.runs.list().items) == sorted(ids)
    for run_id in ids:
        assert store.runs.get(run_id).status == "completed"
        series = store.series.read(run_id, "loss")
        assert series is not None
        assert list(series.steps) == list(range(200))
        assert list(series.values) == list(range(200))
    store.collector.collect_open()
    assert list_open(store.settings.journals) == []
