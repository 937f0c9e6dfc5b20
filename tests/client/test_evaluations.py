"""Evaluations of runs that are recorded on a server: sent like everything else, and read back from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from modellab import InvalidInput, NotFound, get_run, profile_latency, start_run
from modellab.client.runs import RemoteStore
from modellab.evaluation.examples import decode_examples
from modellab.latency import decode_samples

LABELS = ["no", "yes"] * 30
SCORES = [0.35 + 0.3 * (place % 2) + (place % 11) / 100 for place in range(60)]
CONFIG = {"n_resamples": 100}


def record(settings: Any, **more: Any) -> str:
    """A run with an evaluation and a latency report; its id."""
    with start_run(settings=settings) as run:
        run.log_evaluation(predictions=SCORES, labels=LABELS, config=CONFIG, **more)
        run.log_latency(profile_latency(len, ["a", "bb"], warmup=1, n_calls=20))
    return str(run.id)


def test_what_a_run_sends_is_read_from_the_server_as_from_its_store(server: Any, machine: Any) -> None:
    run_id = record(machine.settings)
    remote, store = RemoteStore(server.url), server.store
    try:
        (found,) = remote.evaluations.list(run_id)
        assert found == store.evaluations.get(run_id, "test") == remote.evaluations.get(run_id, "test")
        assert remote.evaluations.read_report(run_id, "test") == store.evaluations.read_report(run_id, "test")
        data = remote.evaluations.read_examples(run_id, "test")
        assert data == store.evaluations.read_examples(run_id, "test")
        assert decode_examples(data).problem.n == 60
        assert remote.evaluations.list_of_runs(["0" * 32, run_id], "test") == {run_id: found}
        assert remote.evaluations.list_of_runs([run_id], "validation") == {}
        (latency,) = remote.latencies.list(run_id)
        assert latency == store.latencies.get(run_id, "default") == remote.latencies.get(run_id, "default")
        assert len(decode_samples(remote.latencies.read_samples(run_id, "default"))[0]) == 20
        for ask in (remote.evaluations.get, remote.evaluations.read_report, remote.latencies.get):
            with pytest.raises(NotFound, match="'other'") as refused:
                ask(run_id, "other")
            assert "It has: " in str(refused.value.hint)
        with pytest.raises(NotFound):
            remote.evaluations.list("0" * 32)
    finally:
        remote.close()
    assert machine.waiting() == []
    assert "test/f1" in get_run(run_id, settings=machine.settings).final_metrics


def test_an_evaluation_made_while_the_server_is_away_arrives_later_whole(
    stopped_server: Any, machine: Any, told: list[str], sync: Callable[[Any], Any]
) -> None:
    run_id = record(dataclasses.replace(machine.settings, send_wait_s=0.1))
    assert machine.waiting() != []

    stopped_server.start()
    done = sync(machine)

    assert done.problems == {}
    store = stopped_server.store
    assert store.evaluations.get(run_id, "test").n == 60
    assert decode_examples(store.evaluations.read_examples(run_id, "test")).problem.n == 60
    assert store.latencies.get(run_id, "default").report["n"] == 20
    assert machine.waiting() == []


def test_a_server_that_is_killed_after_an_evaluation_has_or_gets_all_of_it(
    server_process: Any, make_machine: Any, told: list[str], sync: Callable[[Any], Any]
) -> None:
    from modellab.store import open_store

    server_process.start()
    machine = make_machine(server_process.url)
    with start_run(settings=dataclasses.replace(machine.settings, send_wait_s=0.1)) as run:
        run.log_evaluation(predictions=SCORES, labels=LABELS, config=CONFIG)
        server_process.kill()
        run.log_evaluation(predictions=SCORES[::-1], labels=LABELS, config=CONFIG, split="after")
    server_process.start()
    assert sync(machine).problems == {}
    server_process.kill()
    with open_store(server_process.settings) as store:
        assert [one.name for one in store.evaluations.list(run.id)] == ["after", "test"]
        for name in ("after", "test"):
            assert decode_examples(store.evaluations.read_examples(run.id, name)).problem.n == 60


def test_wrong_use_raises_with_a_server_too(server: Any, machine: Any) -> None:
    with start_run(settings=machine.settings) as run, pytest.raises(InvalidInput):
        run.log_evaluation(predictions=SCORES, labels=LABELS[:3])
    assert server.store.evaluations.list(run.id) == []
