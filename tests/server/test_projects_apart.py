"""Projects kept apart: a member of one names runs, datasets and bytes of others, and gets nothing of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from modellab.ids import derive_dataset_id, new_run_id, new_writer_id
from modellab.journal.line import encode_event

API = "/api/modellab"
TABLE = b"secret_column\n1\n2\n"
WRITER = "0" * 15 + "1"
TIME_MS = 1_763_000_000_000


@pytest.fixture(scope="module")
def team(open_team: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_team(tmp_path_factory.mktemp("team")) as team:
        for name in ("mine", "theirs"):
            team.store.projects.create(name, project_id=name)
        team.store.accounts.join("mia", "mine", "editor")
        with team.ask("mia") as team.member, team.ask("ada") as team.admin:
            yield team


def send(client: Any, run_id: str, *events: tuple[str, dict[str, Any]], writer_id: str | None = None) -> Any:
    lines = b"".join(encode_event(name, TIME_MS, fields) for name, fields in events)
    address = f"{API}/journals/{run_id}/{writer_id or new_writer_id()}"
    return client.post(address, params={"offset": 0}, content=lines)


def start(project_id: str | None = None, **fields: Any) -> tuple[str, dict[str, Any]]:
    return "start", {"params": {}, **({"project_id": project_id} if project_id else {}), **fields}


def upload_dataset(team: Any, project_id: str | None, name: str) -> Any:
    files = {"file": ("x.csv", TABLE + name.encode() + b"\n")}
    data = {"name": name, **({"project_id": project_id} if project_id else {})}
    answer = team.admin.post(f"{API}/datasets", files=files, data=data)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_member_cannot_take_a_run_that_is_in_no_project(team: Any) -> None:
    run_id = team.lab.record(name="of none")
    for events in ([start("mine")], [start("theirs")], [start()], [("note", {"note": "x"})]):
        assert send(team.member, run_id, *events, writer_id=WRITER).status_code == 403
    assert team.member.get(f"{API}/runs/{run_id}").status_code == 404
    run = team.store.runs.get(run_id)
    assert (run.project_id, run.note) == (None, None)


def test_who_sees_all_may_put_a_run_into_a_project_once_which_is_audited(team: Any) -> None:
    run_id = new_run_id()
    theirs = upload_dataset(team, "theirs", "of the other project")["dataset_id"]
    assert send(team.admin, run_id, start(dataset_id=theirs)).status_code == 200
    assert [use.dataset_id for use in team.store.runs.get(run_id).datasets] == [theirs]
    for project_id in ("mine", "theirs"):
        assert send(team.admin, run_id, start(project_id)).status_code == 200
    run = team.store.runs.get(run_id)
    assert (run.project_id, run.dataset_id) == ("mine", theirs)
    assert run.datasets == []  # members of its project do not see the other one's
    found = team.admin.get(f"{API}/audit", params={"target": run_id}).json()["items"]
    moves = [entry for entry in found if entry["action"] == "set-project"]
    assert [entry["details"] for entry in moves] == [{"project_id": "mine"}]


@pytest.mark.parametrize("project_id", ["theirs", None])
@pytest.mark.parametrize("door", ["runs", "journals"])
def test_naming_a_foreign_datasets_id_shows_nothing_of_it(
    team: Any, project_id: str | None, door: str
) -> None:
    name = f"hidden {project_id} {door}"
    dataset = upload_dataset(team, project_id, name)
    run_id = new_run_id()
    if door == "runs":
        body = {"run_id": run_id, "project_id": "mine", "dataset_id": dataset["dataset_id"]}
        assert team.member.post(f"{API}/runs", json=body).status_code == 201
    else:
        answer = send(team.member, run_id, start("mine", dataset_id=dataset["dataset_id"]))
        assert answer.status_code == 200
    run = team.member.get(f"{API}/runs/{run_id}").json()
    assert (run["dataset_id"], run["datasets"]) == (dataset["dataset_id"], [])
    query = {"query": f"run_id = '{run_id}' and datasets.sha256 like '{dataset['sha256'][:4]}%'"}
    assert team.member.get(f"{API}/runs", params=query).json()["items"] == []
    for path in (f"{API}/runs/{run_id}/repro", f"{API}/runs/{run_id}"):
        text = team.member.get(path).text
        assert name not in text
        assert dataset["sha256"] not in text
    assert team.admin.get(f"{API}/datasets/{dataset['dataset_id']}/runs").json()["items"] == []


def test_a_dataset_that_comes_later_is_linked_to_runs_of_its_own_project_only(team: Any) -> None:
    name = "named before"
    content = TABLE + name.encode() + b"\n"
    dataset_id = derive_dataset_id("theirs", name, hashlib.sha256(content).hexdigest())
    runs = {project: new_run_id() for project in ("mine", "theirs", None)}
    for project, run_id in runs.items():
        assert send(team.admin, run_id, start(project, dataset_id=dataset_id)).status_code == 200
    assert upload_dataset(team, "theirs", name)["dataset_id"] == dataset_id
    uses = {project: len(team.store.runs.get(run_id).datasets) for project, run_id in runs.items()}
    assert uses == {"mine": 0, "theirs": 1, None: 1}


def test_data_that_a_member_logs_are_of_its_runs_project(team: Any) -> None:
    run_id = new_run_id()
    data = {"name": "own", "sha256": "1" * 64, "size": 3, "format": "csv"}
    assert send(team.member, run_id, start("mine"), ("dataset", data)).status_code == 200
    [use] = team.member.get(f"{API}/runs/{run_id}").json()["datasets"]
    assert team.store.datasets.find_project(use["dataset_id"]) == "mine"


def test_a_run_of_another_project_is_told_of_like_one_that_is_not_there(team: Any) -> None:
    hidden = team.lab.record(project_id="theirs")
    (writer_id,) = (path.stem for path in (team.lab.settings.journals / hidden).iterdir())
    assert team.store.read_offset(hidden, writer_id) > 0
    asked = []
    for run_id in (hidden, new_run_id()):
        address = f"{API}/journals/{run_id}/{writer_id}"
        answers = [
            team.member.get(address),
            team.member.post(address, params={"offset": 0}),
            team.member.post(address, params={"offset": 7}),
            team.member.post(f"{address}/dead"),
            send(team.member, run_id, start(), writer_id=writer_id),
        ]
        bodies = [answer.text.replace(run_id, "ID") for answer in answers]
        words = ("request_id", "instance")
        asked.append(
            [
                (answer.status_code, *(body.partition(f'"{word}"')[0] for word in words))
                for answer, body in zip(answers, bodies, strict=True)
            ]
        )
    assert asked[0] == asked[1]


def test_the_size_of_kept_bytes_is_theirs_whatever_a_journal_says(team: Any) -> None:
    for size in (1, 10**6):
        content = f"these are {size} and more bytes".encode()
        sha256 = hashlib.sha256(content).hexdigest()
        run_id = new_run_id()
        file = {"path": "a.txt", "sha256": sha256, "size": size, "media_type": "text/plain"}
        data = {"name": f"sized {size}", "sha256": sha256, "size": size, "format": "other"}
        events = start("mine"), ("artifact", {"path": "a.txt", "files": [file]}), ("dataset", data)
        assert send(team.member, run_id, *events).status_code == 200
        put = team.member.put(f"{API}/files", params={"sha256": sha256}, content=content)
        assert put.status_code == 200
        [listed] = team.member.get(f"{API}/artifacts/{run_id}").json()["items"]
        assert listed["size"] == len(content)
        assert team.member.get(f"{API}/artifacts/{run_id}/download/a.txt").content == content
        [use] = team.member.get(f"{API}/runs/{run_id}").json()["datasets"]
        assert team.member.get(f"{API}/datasets/{use['dataset_id']}").json()["size"] == len(content)
        assert team.member.get(f"{API}/datasets/{use['dataset_id']}/download").content == content


@pytest.mark.parametrize("kind", ["artifact", "dataset"])
@pytest.mark.parametrize("is_first", [False, True])
def test_bytes_of_others_cannot_be_had_by_their_checksum(team: Any, kind: str, is_first: bool) -> None:
    content = f"secret,{kind},{is_first}\n1,2,3\n".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    hidden, run_id = team.lab.record(project_id="theirs"), new_run_id()

    def keep() -> None:
        answer = team.admin.post(f"{API}/artifacts/{hidden}", files={"file": ("x.csv", content)})
        assert answer.status_code == 201

    def name() -> str:
        file = {"path": "x.csv", "sha256": sha256, "size": len(content), "media_type": "text/csv"}
        data = {"name": f"x {is_first}", "sha256": sha256, "size": len(content), "format": "csv"}
        event = ("dataset", data) if kind == "dataset" else ("artifact", {"path": "x.csv", "files": [file]})
        assert send(team.member, run_id, start("mine"), event).status_code == 200
        if kind == "artifact":
            return f"{API}/artifacts/{run_id}/download/x.csv"
        [use] = team.member.get(f"{API}/runs/{run_id}").json()["datasets"]
        return f"{API}/datasets/{use['dataset_id']}/download"

    if not is_first:
        keep()
    address = name()
    if is_first:
        keep()
    assert team.member.get(f"{API}/files", params={"sha256": sha256}).json() == {"is_stored": False}
    for _ in range(2):  # naming them again makes no difference
        assert team.member.get(address).status_code == 404
        name()
    assert b"secret" not in team.member.get(f"{API}/runs/{run_id}/repro/download").content
    assert team.admin.get(f"{API}/artifacts/{hidden}/download/x.csv").content == content

    # Who has the bytes sends them, and is then told that they need not be sent again.
    assert team.member.put(f"{API}/files", params={"sha256": sha256}, content=content).status_code == 200
    assert team.member.get(address).content == content
    assert team.member.get(f"{API}/files", params={"sha256": sha256}).json() == {"is_stored": True}
    run_id = new_run_id()
    assert team.member.get(name()).content == content


def test_an_upload_gives_a_project_the_bytes_that_were_withheld(team: Any) -> None:
    content = b"the same in both"
    file = {"path": "a", "sha256": hashlib.sha256(content).hexdigest(), "size": 1, "media_type": "text/plain"}
    hidden, run_id = team.lab.record(project_id="theirs"), new_run_id()
    team.admin.post(f"{API}/artifacts/{hidden}", files={"file": ("x", content)}).raise_for_status()
    assert send(team.member, run_id, start("mine"), ("artifact", {"path": "a", "files": [file]})).is_success
    address = f"{API}/artifacts/{run_id}/download/a"
    assert team.member.get(address).status_code == 404
    put = team.member.post(f"{API}/artifacts/{run_id}", files={"file": ("a", content)})
    assert put.json()["is_stored"] is True
    assert team.member.get(address).content == content
