"""Servers that are away, die, refuse or lose connections: training goes on, nothing is lost or doubled."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from modellab import new_run_id, start_run
from modellab.store import Store, open_store

WaitUntil = Callable[[Callable[[], object]], None]


def test_a_server_that_is_away_all_the_time_costs_the_training_nothing_but_a_notice(
    stopped_server: Any, machine: Any, told: list[str], sync: Callable[[Any], Any]
) -> None:
    settings = dataclasses.replace(machine.settings, send_wait_s=0.5)
    with start_run(settings=settings) as run:
        for step in range(1000):
            run.log_metrics({"loss": float(step)})
    assert len([message for message in told if "modellab sync" in message]) == 1
    assert run.dropped == 0
    assert machine.waiting() != []

    stopped_server.start()
    done = sync(machine)

    assert (done.n_points, done.problems) == (1000, {})
    kept = stopped_server.store.runs.get(run.id)
    assert (kept.status, kept.metrics["loss"].count) == ("completed", 1000)
    assert machine.waiting() == []


def test_in_an_outage_only_the_first_run_waits_for_the_server(
    stopped_server: Any, machine: Any, told: list[str]
) -> None:
    settings = dataclasses.replace(machine.settings, send_wait_s=2.0)
    took = []
    for _ in range(3):
        begun = time.monotonic()
        start_run(settings=settings).finish()
        took.append(time.monotonic() - begun)
    assert took[0] >= 2.0
    assert sum(took[1:]) < took[0]


def test_what_one_run_left_goes_along_with_the_next(
    told: list[str], stopped_server: Any, machine: Any, wait_until: WaitUntil
) -> None:
    settings = dataclasses.replace(machine.settings, send_wait_s=0.1)
    with start_run(settings=settings) as first:
        first.log_metrics({"loss": 0.5})
    stopped_server.start()
    with start_run(settings=settings) as second:
        second.log_metrics({"loss": 0.5})
        wait_until(lambda: stopped_server.count(first.id, "loss") == 1)
    assert stopped_server.store.runs.get(first.id).status == "completed"
    assert machine.waiting() == []


def test_a_server_that_comes_back_gets_what_it_missed_and_the_user_is_told_twice(
    told: list[str], server: Any, machine: Any, wait_until: WaitUntil
) -> None:
    with start_run(settings=machine.settings) as run:
        run.log_metrics({"loss": 0.0}, step=0)
        wait_until(lambda: server.count(run.id, "loss") == 1)
        server.stop()
        run.log_metrics({"loss": 1.0}, step=1)
        wait_until(lambda: told)
        assert "Training goes on" in told[0]
        server.start()
        wait_until(lambda: server.count(run.id, "loss") == 2)
    assert ["Training goes on" in told[0], "is there again" in told[1]] == [True, True]
    assert len(told) == 2
    assert server.store.runs.get(run.id).status == "completed"


def test_a_server_that_lost_its_database_is_given_everything_again(
    server: Any, machine: Any, sync: Callable[..., Any]
) -> None:
    with start_run(settings=machine.settings) as run:
        run.log_metrics({"loss": 0.5})
    server.lose_database()
    server.start()
    assert sync(machine).run_ids == set()

    assert sync(machine, everything=True).run_ids == {run.id}

    assert server.store.runs.get(run.id).status == "completed"
    assert sync(machine, everything=True).n_points == 0  # nothing is taken in twice


_TRAIN = """
import sys, threading, time
from modellab import start_run

def train(number):
    with start_run(f"run {number}") as run:
        for step in range(N):
            run.log_metrics({"loss": float(step), "accuracy": 1.0 / (step + 1)}, step=step)
            if step % 100 == 0:
                time.sleep(PAUSE)

threads = [threading.Thread(target=train, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def _count_points(store: Store) -> int:
    found = (store.runs.get(run.run_id).metrics.get("loss") for run in store.runs.list().items)
    return sum(metric.count for metric in found if metric)


def test_a_server_killed_three_times_during_eight_runs_has_every_point_once(
    server_process: Any,
    make_machine: Callable[[str], Any],
    sync: Callable[[Any], Any],
    wait_until: WaitUntil,
) -> None:
    machine = make_machine(server_process.url)
    server_process.start()
    n_steps, n_pauses = 4000, 40
    script = _TRAIN.replace("PAUSE", str(4.0 / n_pauses)).replace("N)", f"{n_steps})")
    trainings = [machine.start(script) for _ in range(2)]
    with open_store(server_process.settings) as store:
        for _ in range(3):
            before = _count_points(store)
            # In the middle of taking in, unless a slow machine is through with everything.
            wait_until(lambda: _count_points(store) > before or all(t.poll() is not None for t in trainings))  # noqa: B023
            server_process.kill()
            server_process.start()
        for training in trainings:
            _, err = training.communicate(timeout=60)
            assert training.returncode == 0, err
        sync(machine)  # what did not fit into the last seconds

        runs = store.runs.list().items
        assert [run.status for run in runs] == ["completed"] * 8
        for run in runs:
            for name in ("loss", "accuracy"):
                series = store.series.read(run.run_id, name)
                assert series is not None
                assert list(series.steps) == list(range(n_steps))
    assert machine.waiting() == []


class CuttingProxy:
    """Hands bytes on to a server, and cuts each of the first connections after so many of them."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self._target = port
        self._cuts = cuts
        self.n_cut = 0
        self._ends: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()
        for end in self._ends:
            _shut(end)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            left = self._cuts.pop(0) if self._cuts else None
            upstream = socket.create_connection(("127.0.0.1", self._target))
            self._ends += [client, upstream]
            threading.Thread(target=self._hand_on, args=(upstream, client, None), daemon=True).start()
            threading.Thread(target=self._hand_on, args=(client, upstream, left), daemon=True).start()

    def _hand_on(self, source: socket.socket, target: socket.socket, left: int | None) -> None:
        try:
            while data := source.recv(4096 if left is None else min(4096, left)):
                target.sendall(data)
                left = None if left is None else left - len(data)
                if left == 0:
                    self.n_cut += 1
                    break
        except OSError:
            pass
        _shut(source)
        _shut(target)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@pytest.fixture
def cutting_proxy(server: Any) -> Any:
    proxy = CuttingProxy(server.port, cuts=[700, 5_000, 20, 50_000])
    yield proxy
    proxy.close()


def test_connections_cut_in_the_middle_of_a_body_lose_and_double_nothing(
    server: Any, machine: Any, cutting_proxy: CuttingProxy, told: list[str]
) -> None:
    settings = dataclasses.replace(machine.settings, api_url=cutting_proxy.url)
    with start_run(settings=settings) as run:
        for step in range(20_000):
            run.log_metrics({"loss": float(step)}, step=step)
    assert cutting_proxy.n_cut == 4
    series = server.store.series.read(run.id, "loss")
    assert list(series.values) == [float(step) for step in range(20_000)]


def test_a_server_that_wants_a_key_says_so_once_and_keeps_nothing(
    stopped_server: Any, machine: Any, told: list[str]
) -> None:
    stopped_server.start(login=True)
    for key in (None, "mlk_wrong"):
        settings = dataclasses.replace(machine.settings, api_key=key)
        begun = time.monotonic()
        with start_run(settings=settings) as run:
            run.log_metrics({"loss": 0.5})
        assert time.monotonic() - begun < settings.send_wait_s
    assert len(told) == 2
    assert all("does not take in this key" in message for message in told)
    assert stopped_server.store.runs.count() == 0
    assert machine.waiting() != []
    assert run.dropped == 0


def test_an_address_where_something_else_answers_is_told_and_tried_again(
    machine: Any, told: list[str], wait_until: WaitUntil
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_answer_like_a_router, args=(listening,), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = dataclasses.replace(machine.settings, api_url=url, send_wait_s=0.1)
        with start_run(settings=settings):
            wait_until(lambda: told)
    assert "does not answer as a ModelLab server does" in told[0]


def _answer_like_a_router(listening: socket.socket) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        with client:
            request = b""
            while not (b"\r\n\r\n" in request and request.endswith(b"\n")):
                request += client.recv(65_536)
            client.sendall(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nConnection: close\r\n\r\n<html></>"
            )


def test_a_run_that_is_resumed_while_the_server_is_away_starts_anyway(
    stopped_server: Any, machine: Any, told: list[str]
) -> None:
    settings = dataclasses.replace(machine.settings, send_wait_s=0.1)
    with start_run(run_id=new_run_id(), settings=settings) as run:
        run.log_metrics({"loss": 0.5})
    assert "its steps begin at 0" in told[0]
