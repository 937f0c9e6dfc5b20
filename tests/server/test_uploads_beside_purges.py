"""Uploads of bytes that a purge removes at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.server.conftest import Lab

TABLE = b"a,b\n" + b"1,2\n" * 500


def test_a_dataset_is_added_whatever_is_purged_beside_it(lab: Lab) -> None:
    stopping = threading.Event()

    def purge() -> None:
        with httpx.Client(base_url=lab.address, timeout=60) as api:
            while not stopping.is_set():
                assert api.post("/api/modellab/trash/purge", json={}).status_code == 200

    def add_and_delete(worker: int) -> list[int]:
        statuses = []
        with httpx.Client(base_url=lab.address, timeout=60) as api:
            for _ in range(6):
                data = {"name": f"table {worker}"}
                added = api.post("/api/modellab/datasets", files={"file": ("x.csv", TABLE)}, data=data)
                statuses.append(added.status_code)
                api.delete(f"/api/modellab/datasets/{added.json()['dataset_id']}")
        return statuses

    purging = threading.Thread(target=purge)
    purging.start()
    try:
        with ThreadPoolExecutor(6) as workers:
            found = [status for statuses in workers.map(add_and_delete, range(6)) for status in statuses]
    finally:
        stopping.set()
        purging.join()
    assert set(found) <= {200, 201}  # 200: not purged yet, and so brought back
    assert len(found) == 36
