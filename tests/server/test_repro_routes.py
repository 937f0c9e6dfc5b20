from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import httpx

from modellab.repro.manifest import read_manifest
from modellab.settings import Settings

if TYPE_CHECKING:
    from tests.server.conftest import Lab, Team

OpenTeam = Callable[..., AbstractContextManager["Team"]]

CONTEXT = {
    "git_hash": "c0ffee00" * 5,
    "command": "python train.py <script>",
    "pip_freeze": "numpy==2.0.0",
    "replay": json.dumps({"arguments": ["python", "train.py"], "script": "train.py", "script_position": 1}),
    "code": json.dumps({"train.py": "print('<script>')\n"}),
}


def record_with_data(lab: Lab, data: bytes, used_from: str | None = None, **start: Any) -> str:
    upload = lab.store.files.start()
    upload.write(data)
    kept = upload.finish()
    writer = lab.write(**start)
    writer.append_event("context", CONTEXT)
    told = {"name": "iris", "sha256": kept.sha256, "size": kept.size, "format": "csv", "filename": "iris.csv"}
    writer.append_event("dataset", {**told, **({"project_id": used_from} if used_from else {})})
    writer.append_event("end", {"status": "completed"})
    writer.close()
    lab.store.collector.collect_run(writer.run_id)
    return writer.run_id


def test_the_manifest_is_told_and_is_the_one_in_the_pack(lab: Lab) -> None:
    run_id = lab.record(context=CONTEXT, final={"loss": "nan", "accuracy": 0.5}, seed=3)
    told = lab.get(f"/api/modellab/runs/{run_id}/repro", tolerance=0.001)
    assert told["seed"] == 3
    assert told["expected_metrics"] == [
        {"name": "accuracy", "value": 0.5, "tolerance": 0.001},
        {"name": "loss", "value": "nan", "tolerance": 0.001},
    ]
    answer = lab.api.get(f"/api/modellab/runs/{run_id}/repro/download", params={"tolerance": 0.001})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert json.loads(archive.read("manifest.json")) == told
        assert read_manifest(archive.read("manifest.json")).run_id == run_id


def test_a_pack_is_saved_and_not_shown_by_a_browser(lab: Lab) -> None:
    run_id = lab.record(context=CONTEXT)
    answer = lab.api.get(f"/api/modellab/runs/{run_id}/repro/download")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="repro-{run_id}.zip"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert lab.api.get(f"/api/modellab/runs/{run_id}/repro/download").content == answer.content


def test_the_data_are_in_the_pack_unless_they_are_not_wanted(lab: Lab) -> None:
    data = b"a,b\n1,2\n"
    run_id = record_with_data(lab, data)
    address = f"/api/modellab/runs/{run_id}/repro"
    path = f"datasets/{hashlib.sha256(data).hexdigest()[:16]}/iris.csv"
    assert lab.get(address)["datasets"][0]["path"] == path
    assert lab.get(address, data="none")["datasets"][0]["path"] is None
    with zipfile.ZipFile(io.BytesIO(lab.api.get(f"{address}/download").content)) as archive:
        assert archive.read(path) == data
    assert path.encode() not in lab.api.get(f"{address}/download", params={"data": "none"}).content


def test_bad_input_is_told_as_a_problem(
    lab: Lab, read_problem: Callable[[httpx.Response], dict[str, Any]]
) -> None:
    run_id = lab.record(context=CONTEXT)
    for path in ("repro", "repro/download"):
        for params in ({"tolerance": "-1"}, {"tolerance": "nan"}, {"tolerance": "2"}, {"data": "some"}):
            answer = lab.api.get(f"/api/modellab/runs/{run_id}/{path}", params=params)
            assert read_problem(answer)["status"] == 422
        answer = lab.api.get(f"/api/modellab/runs/no-such-run/{path}")
        assert read_problem(answer)["status"] == 404


def test_a_run_in_the_trash_has_no_pack(lab: Lab) -> None:
    run_id = lab.record(context=CONTEXT)
    assert lab.api.delete(f"/api/modellab/runs/{run_id}").is_success
    assert lab.api.get(f"/api/modellab/runs/{run_id}/repro/download").status_code == 404


def test_a_member_gets_packs_of_its_projects_only_and_without_data_of_others(
    open_team: OpenTeam, settings: Settings
) -> None:
    data = b"a,b\n5,6\n"
    with open_team(settings.root) as team:
        for project_id in ("ours", "theirs"):
            team.store.projects.create(project_id=project_id, name=project_id)
        team.store.accounts.join("mia", "ours", "viewer")
        mine = record_with_data(team.lab, data, used_from="theirs", project_id="ours")
        other = record_with_data(team.lab, data, project_id="theirs")
        with team.ask("mia", "read") as api:
            answer = api.get(f"/api/modellab/runs/{mine}/repro")
            assert answer.status_code == 200
            assert answer.json()["datasets"] == []  # runs are not linked to data of other projects
            for path in ("repro", "repro/download"):
                assert api.get(f"/api/modellab/runs/{other}/{path}").status_code == 404
        with team.ask() as nobody:
            assert nobody.get(f"/api/modellab/runs/{mine}/repro/download").status_code == 401
