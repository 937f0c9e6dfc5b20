"""How often one may ask, and how often one may guess."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from modellab.errors import TooManyRequests
from modellab.server.throttle import (
    ADDRESS_LOGIN_WAITS,
    KNOWN_PER_MINUTE,
    LOGIN_WAITS,
    MAX_COUNTED,
    Throttle,
    read_address,
)

API = "/api/modellab"


@pytest.fixture
def team(open_team: Any, tmp_path: Path) -> Iterator[Any]:
    with open_team(tmp_path, MODELLAB_RATE_LIMIT="100", MODELLAB_UPLOAD_LIMIT="20") as team:
        yield team


def test_who_is_not_known_may_ask_a_hundred_times_in_a_quarter_of_an_hour(
    team: Any, read_problem: Any
) -> None:
    with team.ask() as client, team.ask("vera", "read") as known:
        for _ in range(100):
            assert client.get("/runs").status_code == 401
        answer = client.get("/runs")
        assert answer.status_code == 429
        assert 800 < int(answer.headers["retry-after"]) <= 901
        problem = read_problem(answer)
        assert problem["type"] == "/problems/too-many-requests"
        assert "API key" in problem["hint"]
        assert client.get("/runs", headers={"X-API-Key": "mlk_000000000000_wrong"}).status_code == 429
        assert client.get("/health").status_code == 200
        assert client.get("/health/ready").status_code == 200
        assert known.get("/runs").status_code == 200


def test_of_uploads_who_is_not_known_may_try_twenty(team: Any) -> None:
    with team.ask() as client:
        for _ in range(20):
            assert client.post(f"{API}/artifacts/x", content=b"").status_code == 401
        answer = client.post(f"{API}/datasets", content=b"")
        assert (answer.status_code, "upload" in answer.json()["detail"]) == (429, True)
        assert client.get("/runs").status_code == 401


def test_on_this_machine_without_a_login_nothing_is_counted(lab: Any) -> None:
    assert {lab.api.get("/health/live").status_code for _ in range(5)} == {200}
    assert {lab.api.get(f"{API}/me").status_code for _ in range(150)} == {200}


def test_guessing_a_password_has_to_wait_and_a_right_one_ends_the_wait_before_it_begins(
    team: Any, read_problem: Any
) -> None:
    def guess(client: httpx.Client, name: str, password: str) -> httpx.Response:
        return client.post(f"{API}/login", json={"name": name, "password": password})

    with team.ask() as client, team.log_in("vera") as session, team.ask("vera") as program:
        for _ in range(4):
            assert guess(client, "vera", "wrong password").status_code == 401
        assert guess(client, "vera", team.password).status_code == 200
        client.cookies.clear()
        for _ in range(5):
            assert guess(client, "VERA", "wrong password").status_code == 401
        for password in ("wrong password", team.password):  # not even tried: no sign of which is right
            answer = guess(client, "vera", password)
            assert answer.status_code == 429
            assert 1 <= int(answer.headers["retry-after"]) <= 61
            assert read_problem(answer)["type"] == "/problems/too-many-requests"
        assert session.get("/runs").status_code == program.get("/runs").status_code == 200


def test_guessing_one_password_for_many_names_has_to_wait_too(team: Any) -> None:
    with team.ask() as client:
        codes = [
            client.post(f"{API}/login", json={"name": f"user{n}", "password": "password1234"}).status_code
            for n in range(ADDRESS_LOGIN_WAITS[0][0] + 1)
        ]
    assert codes[:-1] == [401] * ADDRESS_LOGIN_WAITS[0][0]
    assert codes[-1] == 429


def test_the_waits_grow() -> None:
    for waits in (LOGIN_WAITS, ADDRESS_LOGIN_WAITS):
        assert list(waits) == sorted(waits)
        assert waits[0][1] < waits[-1][1]


def test_a_key_may_ask_thousands_of_times_a_minute_but_not_without_end() -> None:
    throttle = Throttle(requests=1, uploads=1)
    for _ in range(KNOWN_PER_MINUTE):
        throttle.count_known("a key")
    with pytest.raises(TooManyRequests) as caught:
        throttle.count_known("a key")
    assert 1 <= caught.value.retry_after_s <= 61
    throttle.count_known("another key")


def test_counting_takes_bounded_memory_and_still_counts() -> None:
    throttle = Throttle(requests=3, uploads=3)
    for number in range(MAX_COUNTED):
        throttle.count_unknown(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", is_upload=False)
    for number in range(3):
        throttle.count_unknown(f"192.0.2.{number}", is_upload=False)
    with pytest.raises(TooManyRequests):
        throttle.count_unknown("192.0.2.200", is_upload=False)


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("::ffff:192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8::1", 1), "2001:db8::/64"),
        (("2001:db8::ffff:1", 1), "2001:db8::/64"),
        (("2001:db8:0:1::1", 1), "2001:db8:0:1::/64"),
        (("testclient", 1), "unknown"),
        (None, "unknown"),
    ],
)
def test_a_caller_is_counted_by_what_it_cannot_change(client: Any, counted: str) -> None:
    assert read_address(client) == counted


def test_an_address_that_a_stranger_claims_is_not_believed(open_team: Any, tmp_path: Path) -> None:
    # Only a proxy on this machine may say for whom it asks; this client is one.
    with open_team(tmp_path, MODELLAB_RATE_LIMIT="3") as team, team.ask() as proxy:
        for _ in range(3):
            assert proxy.get("/runs", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 401
        assert proxy.get("/runs", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429
        assert proxy.get("/runs", headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 401
        # Of several the last one counts, which the proxy itself has added.
        several = {"X-Forwarded-For": "192.0.2.9, 192.0.2.1"}
        assert proxy.get("/runs", headers=several).status_code == 429
