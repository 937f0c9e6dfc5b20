"""Files of runs over HTTP: sent, listed, fetched in ranges, removed; and what must not happen."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

from modellab.tracking.spool import spool_artifact

if TYPE_CHECKING:
    from tests.server.conftest import Lab

OpenLab = Callable[..., AbstractContextManager["Lab"]]
SEVERAL_MB = os.urandom(1 << 20) * 3 + b"the rest"
LIMIT = 8_000_000


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Files:
    """A server, a run on it, and what is done with the run's files."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.api = lab.api
        self.run_id = lab.record()
        self.address = f"/api/modellab/artifacts/{self.run_id}"

    def send(self, path: str, content: bytes = b"content", **more: Any) -> Any:
        """Send a file as the whole body; the answer."""
        return self.api.post(self.address, params={"path": path, **more}, content=content)

    def send_form(self, content: bytes, name: str = "file.bin", kind: str = "", **fields: str) -> Any:
        """Send a file in a form; the answer."""
        return self.api.post(self.address, files={"file": (name, content, kind)}, data=fields)

    def link(self, path: str) -> str:
        return f"{self.address}/download/{quote(path)}"

    def paths(self, **params: Any) -> list[str]:
        return [file["path"] for file in self.lab.get(self.address, **params)["items"]]

    def on_disk(self) -> list[Path]:
        """Every file in the place for bytes, finished or not."""
        place = self.lab.settings.home / "artifacts"
        return [path for path in place.rglob("*") if path.is_file() and path.name != ".gitignore"]


@pytest.fixture(scope="module")
def shared(open_lab: OpenLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    def lower_limit(app: Any) -> None:
        app.state.settings = dataclasses.replace(app.state.settings, max_upload_bytes=LIMIT)

    with open_lab(tmp_path_factory.mktemp("project"), lower_limit) as lab:
        yield lab


@pytest.fixture
def files(shared: Lab) -> Iterator[Files]:
    files = Files(shared)
    yield files
    for path in files.paths():
        files.api.delete(files.link(path))
    assert files.on_disk() == []  # whatever a test did, nothing lies about


def test_a_file_is_sent_in_a_form_listed_and_fetched(files: Files) -> None:
    answer = files.send_form(SEVERAL_MB, path="checkpoints/best.pt")

    assert answer.status_code == 201
    assert answer.json()["path"] == "checkpoints/best.pt"
    assert answer.json()["sha256"] == digest_of(SEVERAL_MB)
    assert answer.json()["size"] == len(SEVERAL_MB)
    assert answer.json()["is_stored"] is True
    assert files.lab.get(files.address) == {"items": [answer.json()], "next_cursor": None}
    fetched = files.api.get(files.link("checkpoints/best.pt"))
    assert fetched.content == SEVERAL_MB
    assert fetched.headers["content-length"] == str(len(SEVERAL_MB))


def test_a_file_is_sent_as_the_whole_body(files: Files) -> None:
    assert files.send("a/b.txt", SEVERAL_MB).status_code == 201
    assert files.api.get(files.link("a/b.txt")).content == SEVERAL_MB


def test_an_empty_file_is_a_file(files: Files) -> None:
    assert files.send("empty.txt", b"").json()["size"] == 0
    assert files.send_form(b"", path="also.txt").json()["size"] == 0
    fetched = files.api.get(files.link("empty.txt"))
    assert (fetched.status_code, fetched.content) == (200, b"")
    assert files.api.get(files.link("empty.txt"), headers={"Range": "bytes=0-"}).status_code == 416


def test_without_a_path_the_files_own_name_is_it(files: Files) -> None:
    assert files.send_form(b"x", name="C:\\fakepath\\plot.png").json()["path"] == "plot.png"
    refused = files.api.post(files.address, content=b"x")
    assert refused.status_code == 422
    assert "no path" in refused.json()["detail"]


def test_sending_the_same_again_changes_nothing_and_other_bytes_replace_it(files: Files) -> None:
    first = files.send("best.pt", b"epoch 1")
    again = files.send("best.pt", b"epoch 1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()

    assert files.send("best.pt", b"epoch 2").status_code == 201
    assert files.api.get(files.link("best.pt")).content == b"epoch 2"
    assert files.paths() == ["best.pt"]
    assert len(files.on_disk()) == 1


def test_the_run_names_its_files_and_the_audit_log_who_sent_them(files: Files) -> None:
    files.send("a.bin")
    files.api.delete(files.link("a.bin"))
    files.send("b.bin")

    assert files.lab.get(f"/runs/{files.run_id}")["artifacts"] == ["b.bin"]
    noted = [entry for entry in files.lab.store.audit.list(limit=100).items if entry.kind == "artifact"]
    assert [(entry.action, entry.target) for entry in noted][:3] == [
        ("add", "b.bin"),
        ("remove", "a.bin"),
        ("add", "a.bin"),
    ]


def test_a_list_is_paged_and_may_be_of_one_folder(files: Files) -> None:
    for path in ("plots/a.png", "plots/b.png", "plots/c.png", "other.txt"):
        files.send(path, path.encode())

    page = files.lab.get(files.address, folder="plots", limit=2)
    assert [file["path"] for file in page["items"]] == ["plots/a.png", "plots/b.png"]
    rest = files.lab.get(files.address, folder="plots", limit=2, cursor=page["next_cursor"])
    assert [file["path"] for file in rest["items"]] == ["plots/c.png"]
    assert rest["next_cursor"] is None
    assert files.api.get(files.address, params={"cursor": "nonsense!"}).status_code == 422
    assert files.api.get(files.address, params={"folder": "../x"}).status_code == 422


def test_removing_says_what_it_freed(files: Files) -> None:
    files.send("a.bin", b"12345")
    files.send("b.bin", b"12345")
    assert files.api.delete(files.link("a.bin")).json() == {"path": "a.bin", "freed_bytes": 0}
    assert files.api.delete(files.link("b.bin")).json() == {"path": "b.bin", "freed_bytes": 5}
    assert files.api.delete(files.link("b.bin")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "expected", "said"),
    [
        ("bytes=0-3", 206, slice(0, 4), "bytes 0-3/10"),
        ("bytes=4-", 206, slice(4, 10), "bytes 4-9/10"),
        ("bytes=-3", 206, slice(7, 10), "bytes 7-9/10"),
        ("bytes=-99", 206, slice(0, 10), "bytes 0-9/10"),
        ("bytes=8-99", 206, slice(8, 10), "bytes 8-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=5-4", 200, slice(0, 10), None),
        ("bytes=0-1,4-5", 200, slice(0, 10), None),
        ("bytes=-", 200, slice(0, 10), None),
        ("lines=1-2", 200, slice(0, 10), None),
        (f"bytes={'9' * 40}-", 200, slice(0, 10), None),
    ],
)
def test_ranges_are_answered_as_the_standard_has_it(
    files: Files, asked: str, status: int, expected: slice | None, said: str | None
) -> None:
    files.send("ten.bin", b"0123456789")
    answer = files.api.get(files.link("ten.bin"), headers={"Range": asked})
    assert answer.status_code == status
    assert answer.headers.get("content-range") == said
    if expected is not None:
        assert answer.content == b"0123456789"[expected]


def test_a_download_that_was_cut_goes_on_where_it_ended(files: Files) -> None:
    files.send("big.bin", SEVERAL_MB)
    half = len(SEVERAL_MB) // 2
    whole = files.api.get(files.link("big.bin"))
    rest = files.api.get(
        files.link("big.bin"), headers={"Range": f"bytes={half}-", "If-Range": whole.headers["etag"]}
    )
    assert rest.status_code == 206
    assert SEVERAL_MB[:half] + rest.content == SEVERAL_MB

    changed = files.api.get(files.link("big.bin"), headers={"Range": f"bytes={half}-", "If-Range": '"other"'})
    assert changed.status_code == 200


def test_what_a_client_has_already_is_not_sent_again(files: Files) -> None:
    files.send("a.bin")
    etag = files.api.head(files.link("a.bin")).headers["etag"]
    assert etag == f'"{digest_of(b"content")}"'
    for tags in (etag, f'W/{etag}, "other"', "*"):
        answer = files.api.get(files.link("a.bin"), headers={"If-None-Match": tags})
        assert (answer.status_code, answer.content) == (304, b"")
    assert files.api.get(files.link("a.bin"), headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_head_tells_size_and_checksum_without_the_bytes(files: Files) -> None:
    files.send("a.bin", SEVERAL_MB)
    answer = files.api.head(files.link("a.bin"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(SEVERAL_MB))
    digest = base64.b64encode(hashlib.sha256(SEVERAL_MB).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"


@pytest.mark.parametrize("name", ["x.html", "x.htm", "x.svg", "x.xml", "x.js", "x.xhtml", "x", "x.swf"])
def test_nothing_that_a_browser_could_run_is_shown_by_it(files: Files, name: str) -> None:
    kind = "text/html" if name == "x" else "image/svg+xml"
    files.send_form(b"<script>alert(1)</script>", name=name, kind=kind)
    answer = files.api.get(files.link(name))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


PAGE = b"<script>fetch('/api/modellab/me'); parent.document.cookie</script>"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.html", "text/html"),
        ("x.svg", "image/svg+xml"),
        ("x", "text/html"),
        ("x.xhtml", "application/xhtml+xml"),
    ],
)
@pytest.mark.parametrize("more", [{}, {"Range": "bytes=0-7"}])
def test_pages_are_shown_in_a_sandbox_that_nothing_leaves(
    files: Files, name: str, kind: str, more: dict[str, str]
) -> None:
    files.send_form(PAGE, name=name, kind=kind)
    for ask in (files.api.get, files.api.head):
        answer = ask(f"{files.link(name)}?sandbox=true", headers=more)
        assert answer.status_code == (206 if more else 200)
        assert answer.headers["content-type"].partition(";")[0] == kind
        assert answer.headers["content-disposition"].startswith("inline")
        parts = answer.headers["content-security-policy"].split("; ")
        policy = {name: values for name, _, values in (part.partition(" ") for part in parts)}
        assert policy["sandbox"] == "allow-scripts"  # above all no `allow-same-origin`
        for nothing in ("default-src", "connect-src", "form-action", "base-uri"):
            assert policy[nothing] == "'none'"
        assert policy["frame-ancestors"] == "'self'"
        sources = {
            source for name, values in policy.items() if name.endswith("-src") for source in values.split()
        }
        assert sources == {
            "'none'",
            "'unsafe-inline'",
            "'unsafe-eval'",
            "data:",
            "blob:",
        }  # nothing over a wire
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("x.js", "text/javascript"), ("x.xml", "application/xml"), ("x", "application/octet-stream"),
     ("x.html", "text/html; charset=x"), ("x.swf", "application/x-shockwave-flash"), ("x", "TEXT/HTML")],
)  # fmt: skip
def test_a_sandbox_is_for_pages_only(files: Files, name: str, kind: str) -> None:
    files.send_form(PAGE, name=name, kind=kind)
    answer = files.api.get(files.link(name), params={"sandbox": "true"})
    shown = answer.headers["content-type"]
    if not shown.startswith("text/html"):
        assert shown == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "allow-same-origin" not in answer.headers["content-security-policy"]


def test_sound_can_be_played_from_its_middle(files: Files) -> None:
    for name, kind in (("a.wav", "audio/wav"), ("a.flac", "audio/flac"), ("a.m4a", "audio/mp4")):
        files.send(name, b"RIFF----WAVE")
        answer = files.api.get(files.link(name), headers={"Range": "bytes=4-"})
        assert (answer.status_code, answer.headers["content-type"]) == (206, kind)
        assert answer.headers["accept-ranges"] == "bytes"


def test_pictures_and_text_may_be_shown_but_not_guessed_at(files: Files) -> None:
    files.send("plot.png", b"<script>alert(1)</script>")
    answer = files.api.get(files.link("plot.png"))
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == 'inline; filename="plot.png"'
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_any_name_arrives_whole_and_splits_no_header(files: Files) -> None:
    name = "häl'lo; 😀%41 = x.txt"
    assert files.send(f"deep/{name}").json()["path"] == f"deep/{name}"
    disposition = files.api.get(files.link(f"deep/{name}")).headers["content-disposition"]
    assert disposition.endswith(f"filename*=UTF-8''{quote(name, safe='')}")
    assert 'filename="h_l\'lo_ __41 = x.txt"' in disposition


BAD_PATHS = [
    "%252e%252e/x",
    "a|b",
    "gpj.\u202eexe",
    "../../x",
    "/etc/passwd",
    "C:\\x",
    "%2e%2e/x",
    "a/../../b",
    "a\x00b",
    "a\r\nb",
    "a//b",
    "a/",
    "x" * 300,
    "/".join(["y" * 200] * 6),
    "nul",
]


@pytest.mark.parametrize("path", BAD_PATHS, ids=ascii)
def test_a_path_that_leads_elsewhere_is_refused_in_every_place(files: Files, path: str) -> None:
    assert files.send(path).status_code == 422
    if "\x00" not in path:  # no form can say that
        assert files.send_form(b"x", path=path).status_code == 422
    assert files.on_disk() == []


@pytest.mark.parametrize(
    "raw", ["%2e%2e/%2e%2e/x", "..%2f..%2fx", "%2e%2e%5cx", "a%00b", "C:%5Cx", "%252e%252e/x", ".%2e/x"]
)
def test_an_address_that_leads_elsewhere_finds_nothing(files: Files, raw: str) -> None:
    request = f"GET {files.address}/download/{raw} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = _talk(files, request.encode())
    assert answer.startswith((b"HTTP/1.1 422", b"HTTP/1.1 404"))
    assert b"root:" not in answer


def test_a_wrong_checksum_is_refused_with_both_and_leaves_nothing(files: Files) -> None:
    wrong = digest_of(b"other")
    digest = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    answers = [
        files.send("a.bin", b"content", sha256=wrong),
        files.send_form(b"content", path="a.bin", sha256=wrong),
        files.api.post(
            files.address,
            params={"path": "a.bin"},
            content=b"content",
            headers={"Content-Digest": f"sha-256=:{digest}:"},
        ),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert wrong in answer.json()["detail"]
        assert digest_of(b"content") in answer.json()["detail"]
    assert files.send("a.bin", b"content", sha256="abc").status_code == 422
    assert files.paths() == []
    assert files.on_disk() == []


@pytest.mark.parametrize(
    "said", ["sha-256=:zz:", "sha-256", "sha-256=", "SHA-256=abc", "md5=:AAAA:, sha-256=:=:", "sha-256=::"]
)
def test_a_checksum_header_that_cannot_be_read_is_refused(files: Files, said: str) -> None:
    answer = files.api.post(
        files.address, params={"path": "a.bin"}, content=b"x", headers={"Content-Digest": said}
    )
    assert answer.status_code == 422
    assert "Content-Digest" in answer.json()["detail"]
    assert files.on_disk() == []


def test_checksums_of_other_kinds_are_passed_over(files: Files) -> None:
    headers = {"Content-Digest": "md5=:rL0Y20zC+Fzt72VPzMSk2A==:"}
    sent = files.api.post(files.address, params={"path": "a.bin"}, content=b"x", headers=headers)
    assert sent.status_code == 201


def test_a_kept_file_that_has_vanished_is_a_404_for_get_and_head_alike(files: Files) -> None:
    files.send("a.bin")
    [lost] = files.on_disk()
    lost.unlink()

    assert files.api.get(files.link("a.bin")).status_code == 404
    assert files.api.head(files.link("a.bin")).status_code == 404
    assert files.send("a.bin").status_code == 200  # the same again brings it back
    assert files.api.head(files.link("a.bin")).status_code == 200


def test_the_same_content_may_be_sent_and_removed_by_many_at_once(files: Files) -> None:
    """Nobody is told that others have removed the same bytes: each upload has its own."""

    def send_and_remove(worker: int) -> list[int]:
        statuses = []
        with httpx.Client(base_url=files.lab.address, timeout=60) as api:
            for _ in range(8):
                link = files.link(f"{worker}.bin")
                sent = api.post(files.address, params={"path": f"{worker}.bin"}, content=b"the same")
                statuses += [sent.status_code, api.get(link).status_code, api.delete(link).status_code]
        return statuses

    with ThreadPoolExecutor(8) as workers:
        found = [status for statuses in workers.map(send_and_remove, range(8)) for status in statuses]
    assert found == [201, 200, 200] * 64


def test_a_right_checksum_is_fine_wherever_it_is_said(files: Files) -> None:
    right, digest = digest_of(b"content"), base64.b64encode(hashlib.sha256(b"content").digest()).decode()
    assert files.send("a.bin", sha256=right).status_code == 201
    assert files.send_form(b"content", path="b.bin", sha256=right.upper()).status_code == 201
    headers = {"Content-Digest": f"sha-512=:AAAA:, sha-256=:{digest}:"}
    sent = files.api.post(files.address, params={"path": "c.bin"}, content=b"content", headers=headers)
    assert sent.status_code == 201
    # Of a form the header speaks of the whole, not of the file.
    form = files.api.post(files.address, files={"file": ("d.bin", b"other")}, headers=headers)
    assert form.status_code == 201


def part(head: str, content: bytes = b"a") -> bytes:
    """A part of a form whose boundary is X."""
    return f"--X\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"


FILE, END = part('name="file"; filename="a"'), b"--X--\r\n"
BAD_FORMS = {
    "empty": (b"", 400, "last boundary"),
    "none": (b"no boundary at all", 400, "The form cannot be read"),
    "cut": (FILE, 400, "last boundary"),
    "no file": (part('name="path"') + END, 422, "no part named"),
    "a file under another name": (part('name="other"; filename="a"') + END, 422, "other"),
    "two files": (FILE + FILE + END, 422, "more than one"),
    "no text": (part('name="path"', b"\xff") + FILE + END, 422, "UTF-8"),
    "a long field": (part('name="path"', b"a" * 100_001) + FILE + END, 422, "100,000 bytes"),
    "many fields": (b"".join(part(f'name="f{n}"') for n in range(21)) + FILE + END, 422, "20 fields"),
}


@pytest.mark.parametrize(("body", "status", "message"), BAD_FORMS.values(), ids=BAD_FORMS)
def test_a_form_that_is_none_is_refused_and_leaves_nothing(
    files: Files, body: bytes, status: int, message: str
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=X"}
    answer = files.api.post(files.address, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert message in answer.json()["detail"]
    assert files.on_disk() == []


def test_a_form_without_a_boundary_is_refused(files: Files) -> None:
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'x' * 500}",
    ):
        answer = files.api.post(files.address, content=b"--X", headers={"Content-Type": kind})
        assert answer.status_code in (400, 422), kind


def test_more_bytes_than_allowed_are_refused_before_they_are_all_read(files: Files) -> None:
    for send in (
        lambda: files.send("a.bin", bytes(LIMIT + 1)),
        lambda: files.send_form(bytes(LIMIT + 1), path="a.bin"),
        lambda: files.api.post(files.address, params={"path": "a"}, content=iter([bytes(1 << 20)] * 9)),
    ):
        answer = send()
        assert answer.status_code == 413
        assert f"{LIMIT:,} bytes" in answer.json()["detail"]
    assert files.on_disk() == []
    assert files.send("a.bin", bytes(LIMIT)).status_code == 201


def test_a_claim_that_is_too_large_is_refused_at_once(files: Files) -> None:
    head = f"POST {files.address}?path=a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000000\r\n\r\n"
    assert _talk(files, head.encode() + b"x").startswith(b"HTTP/1.1 413")


def test_an_upload_that_is_cut_leaves_nothing(files: Files, wait_until: Callable[..., None]) -> None:
    for kind, body in (
        ("application/octet-stream", bytes(1000)),
        (
            "multipart/form-data; boundary=X",
            b'--X\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + bytes(900),
        ),
        ("application/octet-stream", bytes(3_000_000)),
    ):
        head = (
            f"POST {files.address}?path=a HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            "Content-Length: 7000000\r\n\r\n"
        )
        with socket.create_connection(_place(files)) as connection:
            connection.sendall(head.encode() + body)
            wait_until(files.on_disk)
        wait_until(lambda: not files.on_disk())
    assert files.paths() == []
    assert files.send("a", b"the whole").status_code == 201


def test_a_client_that_goes_away_from_a_download_harms_nobody(files: Files) -> None:
    files.send("big.bin", SEVERAL_MB)
    for _ in range(5):
        with files.api.stream("GET", files.link("big.bin")) as answer:
            next(answer.iter_raw())
    assert files.api.get(files.link("big.bin")).content == SEVERAL_MB


def test_what_is_not_there_is_not_found(files: Files) -> None:
    assert files.api.get(files.link("nothing.bin")).status_code == 404
    assert files.api.head(files.link("nothing.bin")).status_code == 404
    assert files.api.delete(files.link("nothing.bin")).status_code == 404
    for address in ("/api/modellab/artifacts/nobody", "/api/modellab/artifacts/nobody/download/a"):
        assert files.api.get(address).status_code == 404
    assert (
        files.api.post("/api/modellab/artifacts/nobody", params={"path": "a"}, content=b"x").status_code
        == 404
    )


def test_a_file_whose_bytes_are_not_here_says_so(files: Files) -> None:
    writer = files.lab.write()
    file = {"path": "a.bin", "sha256": digest_of(b"elsewhere"), "size": 9}
    writer.append_event("artifact", {"path": "a.bin", "files": [file]})
    writer.append_event("end", {"status": "completed"})
    writer.close()
    files.lab.store.collector.collect_run(writer.run_id)

    [listed] = files.lab.get(f"/api/modellab/artifacts/{writer.run_id}")["items"]
    assert listed["is_stored"] is False
    answer = files.api.get(f"/api/modellab/artifacts/{writer.run_id}/download/a.bin")
    assert answer.status_code == 404
    assert "not here" in answer.json()["detail"]
    assert (
        files.api.delete(f"/api/modellab/artifacts/{writer.run_id}/download/a.bin").json()["freed_bytes"] == 0
    )


def test_what_a_live_run_logs_is_there_soon_without_anybodys_doing(
    files: Files, wait_until: Callable[..., None]
) -> None:
    writer = files.lab.write()
    source = files.lab.settings.root / "weights.bin"
    source.write_bytes(b"weights")
    copied = spool_artifact(str(source), None, root=files.lab.settings.root, spool=files.lab.settings.spool)
    writer.append_event("artifact", {"path": "weights.bin", "files": copied.files})
    address = f"/api/modellab/artifacts/{writer.run_id}"

    wait_until(lambda: files.api.get(f"{address}/download/weights.bin").status_code == 200)

    assert files.api.get(f"{address}/download/weights.bin").content == b"weights"
    files.api.delete(f"{address}/download/weights.bin")
    writer.append_event("end", {"status": "completed"})
    writer.close()


def test_a_place_that_fails_is_logged_once_and_tried_again(
    open_lab: OpenLab, tmp_path: Path, wait_until: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    def use_bad_place(app: Any) -> None:
        app.state.settings = dataclasses.replace(app.state.settings, artifacts_url=f"{tmp_path}/file/place")

    (tmp_path / "file").write_text("in the way")
    with open_lab(tmp_path, use_bad_place) as lab:
        (tmp_path / "a.txt").write_text("patient")
        copied = spool_artifact(str(tmp_path / "a.txt"), None, root=tmp_path, spool=lab.settings.spool)
        run_id = lab.record()
        writer = lab.write(run_id)
        writer.append_event("artifact", {"path": "a.txt", "files": copied.files})
        wait_until(lambda: "Files of runs could not be kept" in caplog.text)
        assert lab.api.get("/health").status_code == 200

        (tmp_path / "file").unlink()

        address = f"/api/modellab/artifacts/{run_id}/download/a.txt"
        wait_until(lambda: lab.api.get(address).status_code == 200)
        writer.append_event("end", {"status": "completed"})
        writer.close()
    assert caplog.text.count("Files of runs could not be kept") == 1


def test_a_run_in_the_trash_takes_nothing_in(files: Files) -> None:
    files.send("a.bin")
    run_id = files.lab.record()
    files.api.delete(f"/api/modellab/runs/{run_id}")
    if files.api.get(f"/api/modellab/runs/{run_id}").status_code != 404:
        pytest.fail("the run is not in the trash")
    sent = files.api.post(f"/api/modellab/artifacts/{run_id}", params={"path": "a"}, content=b"new")
    assert sent.status_code == 404
    assert len(files.on_disk()) == 1


def _place(files: Files) -> tuple[str, int]:
    host, port = files.lab.address.removeprefix("http://").split(":")
    return host, int(port)


def _talk(files: Files, request: bytes) -> bytes:
    """What the server says to raw bytes, until it closes the connection."""
    with socket.create_connection(_place(files), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while data := connection.recv(65_536):
            answer += data
    return answer
