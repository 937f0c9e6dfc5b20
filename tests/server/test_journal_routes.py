"""Journals and files that other machines send: taken in once, in order, from those who may, or not at all."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from modellab.ids import new_run_id, new_writer_id
from modellab.journal.line import encode_event, encode_points

API = "/api/modellab"
WaitUntil = Callable[[Callable[[], object]], None]


def make_lines(n_points: int = 3, **start: Any) -> bytes:
    points = [
        encode_points(step, 1_763_000_000_000 + step, {"loss": 1.0 / (step + 1)}) for step in range(n_points)
    ]
    return encode_event("start", 1_763_000_000_000, {"params": {}, **start}) + b"".join(points)


END = encode_event("end", 1_763_000_001_000, {"status": "completed"})


class Sender:
    """A writer on another machine."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.run_id, self.writer_id = new_run_id(), new_writer_id()

    @property
    def address(self) -> str:
        return f"{API}/journals/{self.run_id}/{self.writer_id}"

    def send(self, offset: int, data: bytes) -> Any:
        return self.client.post(self.address, params={"offset": offset}, content=data)


@pytest.fixture(scope="module")
def lab(open_lab: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def sender(lab: Any) -> Sender:
    return Sender(lab.api)


def test_lines_are_taken_in_and_the_answer_says_where_to_go_on(lab: Any, sender: Sender) -> None:
    lines = make_lines()
    answer = sender.send(0, lines)
    assert (answer.status_code, answer.json()) == (
        200,
        {"offset": len(lines), "n_points": 3, "n_events": 1, "n_bad": 0, "is_ended": False},
    )
    assert sender.client.get(sender.address).json() == {"offset": len(lines)}
    assert sender.send(len(lines), END).json()["is_ended"] is True
    assert lab.store.runs.get(sender.run_id).status == "completed"


def test_bytes_that_are_there_already_are_passed_over(lab: Any, sender: Sender) -> None:
    lines = make_lines()
    for _ in range(3):
        assert sender.send(0, lines).json()["offset"] == len(lines)
    assert sender.send(0, lines + END).json()["offset"] == len(lines + END)
    assert lab.store.runs.get(sender.run_id).metrics["loss"].count == 3


def test_missing_bytes_are_a_conflict_that_names_the_byte_to_send_from(
    sender: Sender, read_problem: Callable[[Any], dict[str, Any]]
) -> None:
    lines = make_lines()
    sender.send(0, lines)
    problem = read_problem(sender.send(len(lines) + 10, END))
    assert (problem["status"], problem["expected"]) == (409, len(lines))
    assert read_problem(sender.send(len(lines) + 10, b""))["expected"] == len(lines)  # a sign of life too


def test_a_torn_line_waits_for_its_rest(sender: Sender) -> None:
    lines = make_lines()
    assert sender.send(0, lines[:-5]).json()["n_points"] == 2
    whole = lines.rfind(b"\n", 0, len(lines) - 1) + 1
    assert sender.send(whole, lines[whole:]).json() == {
        "offset": len(lines), "n_points": 1, "n_events": 0, "n_bad": 0, "is_ended": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\xff\xfe\n",
        b"{}\n",
        b"[]\n",
        b"[1,2,3]\n",
        b'[1,2,{"a":"many"}]\n',
        b'{"event":7,"time":0}\n',
        b'{"event":"params","time":1,"params":7}\n',
        b'{"event":"tags","time":1,"tags":[1]}\n',
        b'{"event":"artifact","time":1}\n',
        b'{"event":"artifact","time":1,"path":"x","files":[{"path":"../x","sha256":7}]}\n',
        b'{"event":"dataset","time":1,"name":7}\n',
        b'{"event":"status","time":1,"status":"done"}\n',
        b'{"event":"config","time":1,"config":[]}\n',
        b'{"event":"note","time":99999999999999999,"note":"x"}\n',
        b'{"event":"start","time":1,"project_id":{"a":1},"seed":1e300,"started_us":-5}\n',
        b"[" * 100_000 + b"\n",
    ],
    ids=lambda line: line[:40].decode("latin-1"),
)
def test_lines_that_make_no_sense_harm_nothing_around_them(lab: Any, sender: Sender, line: bytes) -> None:
    lines = make_lines()
    answer = sender.send(0, lines + line + END)
    assert answer.status_code == 200, answer.text
    kept = lab.store.runs.get(sender.run_id)
    assert (kept.status, kept.metrics["loss"].count) == ("completed", 3)


@pytest.mark.parametrize(
    ("run_id", "writer_id", "offset"),
    [
        ("..%2f..%2fetc", "0" * 16, 0),
        ("a" * 129, "0" * 16, 0),
        ("-rf", "0" * 16, 0),
        ("0" * 32, "api", 0),  # what is written over HTTP has a journal of its own
        ("0" * 32, "0" * 15, 0),
        ("0" * 32, "G" * 16, 0),
        ("0" * 32, "0" * 16, -1),
        ("0" * 32, "0" * 16, 2**63),
        ("0" * 32, "0" * 16, "many"),
    ],
)
def test_what_names_no_journal_is_refused(lab: Any, run_id: str, writer_id: str, offset: object) -> None:
    address = f"{API}/journals/{run_id}/{writer_id}"
    before = lab.store.runs.count()
    answer = lab.api.post(address, params={"offset": offset}, content=make_lines())
    assert answer.status_code in (404, 422)
    assert lab.store.runs.count() == before


def test_an_empty_body_says_that_a_writer_lives_and_makes_no_run(lab: Any, sender: Sender) -> None:
    before = lab.store.runs.count()
    assert sender.send(0, b"").json()["offset"] == 0
    assert lab.store.runs.count() == before


def test_a_writer_that_died_is_marked_and_lives_again_when_it_speaks(lab: Any, sender: Sender) -> None:
    lines = make_lines()
    sender.send(0, lines)
    assert sender.client.post(f"{sender.address}/dead").json() == {"marked": True}
    assert sender.client.post(f"{sender.address}/dead").json() == {"marked": False}
    assert lab.store.runs.get(sender.run_id).status == "failed"
    sender.send(len(lines), b"")
    assert lab.store.runs.get(sender.run_id).status == "running"


def test_a_body_that_ends_early_leaves_nothing(lab: Any, sender: Sender, wait_until: WaitUntil) -> None:
    host, _, port = lab.address.removeprefix("http://").partition(":")
    lines = make_lines()
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST {sender.address}?offset=0 HTTP/1.1\r\nHost: {host}\r\nContent-Length: {2 << 20}\r\n\r\n"
        connection.sendall(head.encode() + lines)
    assert sender.client.get(sender.address).json() == {"offset": 0}
    assert sender.send(0, lines).json()["offset"] == len(lines)


def test_a_body_over_64_mib_is_refused(lab: Any, sender: Sender) -> None:
    host, _, port = lab.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = (
            f"POST {sender.address}?offset=0 HTTP/1.1\r\nHost: {host}\r\nContent-Length: {65 << 20}\r\n\r\n"
        )
        try:
            connection.sendall(head.encode())
            for _ in range(65):
                connection.sendall(bytes(1 << 20))
        except OSError:
            pass  # it stopped listening
        assert b" 413 " in connection.recv(65_536).partition(b"\r\n")[0]
    assert sender.client.get(sender.address).json() == {"offset": 0}


def test_a_file_is_kept_once_and_only_with_its_checksum(lab: Any) -> None:
    content = b"weights" * 100_000
    sha256 = hashlib.sha256(content).hexdigest()
    address = f"{API}/files"
    assert lab.get(address, sha256=sha256) == {"is_stored": False}

    wrong = lab.api.put(address, params={"sha256": sha256}, content=content + b"!")
    assert wrong.status_code == 422
    assert lab.get(address, sha256=sha256) == {"is_stored": False}

    for _ in range(2):
        kept = lab.api.put(address, params={"sha256": sha256}, content=content)
        assert (kept.status_code, kept.json()) == (200, {"sha256": sha256, "size": len(content)})
    assert lab.get(address, sha256=sha256) == {"is_stored": True}
    assert b"".join(lab.store.files.read(sha256)) == content


@pytest.mark.parametrize("sha256", ["", "0" * 63, "G" * 64, "../x", "0" * 65])
def test_what_is_no_checksum_is_refused(lab: Any, sha256: str) -> None:
    assert lab.api.put(f"{API}/files", params={"sha256": sha256}, content=b"x").status_code == 422
    assert lab.api.get(f"{API}/files", params={"sha256": sha256}).status_code == 422


@pytest.fixture(scope="module")
def team(open_team: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_team(tmp_path_factory.mktemp("team")) as team:
        for name in ("mine", "theirs"):
            team.store.projects.create(name, project_id=name)
        team.store.accounts.join("mia", "mine", "editor")
        yield team


@pytest.mark.parametrize(
    ("user", "scope", "status"),
    [
        (None, "admin", 401),
        ("ada", "log", 200),
        ("ada", "read", 403),
        ("eddy", "log", 200),
        ("vera", "admin", 403),
    ],
)
def test_a_key_that_may_log_is_needed(team: Any, user: str | None, scope: str, status: int) -> None:
    with team.ask(user, scope) as client:
        sender = Sender(client)
        assert sender.send(0, make_lines()).status_code == status
        assert sender.send(0, b"").status_code == status
        assert client.get(sender.address).status_code == status
        assert client.post(f"{sender.address}/dead").status_code == status
        sha256 = hashlib.sha256(b"x").hexdigest()
        assert client.get(f"{API}/files", params={"sha256": sha256}).status_code == status
        assert client.put(f"{API}/files", params={"sha256": sha256}, content=b"x").status_code == status


def test_a_member_logs_to_its_own_projects_and_nowhere_else(team: Any) -> None:
    with team.ask("mia", "log") as client, team.ask("ada", "log") as admin:
        own = Sender(client)
        assert own.send(0, make_lines(project_id="mine")).status_code == 200
        starts: tuple[dict[str, Any], ...] = ({}, {"project_id": "theirs"}, {"project_id": "not there"})
        for start in starts:
            sender = Sender(client)
            assert sender.send(0, make_lines(**start)).status_code == 403
            assert admin.get(sender.address).json() == {"offset": 0}
            assert admin.get(f"{API}/runs/{sender.run_id}").status_code == 404

        other = Sender(admin)
        lines = make_lines(project_id="theirs")
        other.send(0, lines)
        other.client = client
        assert other.send(len(lines), END).status_code == 403
        # Asking does not tell whether the run is there.
        assert other.send(len(lines), b"").json()["expected"] == 0
        assert client.get(other.address).json() == {"offset": 0}
        assert client.post(f"{other.address}/dead").json() == {"marked": False}
        assert team.store.runs.get(other.run_id).status == "running"


def test_a_run_of_ones_own_cannot_reach_into_another_project(team: Any) -> None:
    with team.ask("mia", "log") as client:
        sender = Sender(client)
        foreign = orjson.dumps({"event": "dataset", "time": 1, "name": "x", "project_id": "theirs"}) + b"\n"
        assert sender.send(0, make_lines(project_id="mine") + foreign).status_code == 403
        assert client.get(sender.address).json() == {"offset": 0}


def test_the_first_lines_of_a_writer_are_in_the_audit_log(team: Any) -> None:
    with team.ask("eddy", "log") as client, team.ask("ada") as admin:
        sender = Sender(client)
        lines = make_lines()
        sender.send(0, lines)
        sender.send(len(lines), END)
        found = admin.get(f"{API}/audit", params={"target": sender.run_id}).json()["items"]
        assert [(entry["actor"], entry["action"]) for entry in found] == [("eddy", "log")]
