"""Files of runs: logged in journals, added by hand, listed, replaced, removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from modellab.errors import Conflict, InvalidInput, NotFound
from modellab.journal.line import encode_event
from modellab.records.artifacts import MAX_PATH_LENGTH, check_path, choose_media_type, clean_path
from modellab.store import Store
from modellab.store.files import Kept

AddRun = Callable[..., str]
START_MS = 1_700_000_000_000
SHA = "ab" * 32


def keep(store: Store, content: bytes) -> Kept:
    upload = store.files.start()
    upload.write(content)
    return upload.finish()


def add(store: Store, run_id: str, path: str, content: bytes = b"content") -> bool:
    return store.artifacts.add(run_id, path, keep(store, content)).is_new


def paths(store: Store, run_id: str, **wanted: Any) -> list[str]:
    return [file.path for file in store.artifacts.list(run_id, **wanted).items]


def log(store: Store, run_id: str, *events: dict[str, Any]) -> Any:
    """Write `artifact` events into a further journal of a run."""
    lines = b"".join(encode_event("artifact", START_MS, event) for event in events)
    return store.ingest(run_id, "f" * 16, store.read_offset(run_id, "f" * 16), lines)


def test_an_added_file_is_listed_with_what_is_known_of_it(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    added = store.artifacts.add(run_id, "plots/roc.png", keep(store, b"a picture"))

    assert added.is_new
    assert added.artifact == store.artifacts.get(run_id, "plots/roc.png")
    assert store.artifacts.list(run_id).items == [added.artifact]
    assert (added.artifact.size, added.artifact.media_type, added.artifact.is_stored) == (
        9,
        "image/png",
        True,
    )


def test_an_added_file_is_named_among_the_runs_artifacts_and_a_removed_one_is_not(
    store: Store, add_run: AddRun
) -> None:
    run_id = add_run(artifacts=["out/logged.txt"])
    add(store, run_id, "b.bin")
    add(store, run_id, "b.bin")
    add(store, run_id, "a.bin")
    assert store.runs.get(run_id).artifacts == ["out/logged.txt", "b.bin", "a.bin"]
    assert store.runs.get(run_id).n_artifacts == 3

    store.artifacts.remove(run_id, "b.bin")

    assert store.runs.get(run_id).artifacts == ["out/logged.txt", "a.bin"]
    assert store.runs.get(run_id).n_artifacts == 2


def test_the_very_same_file_is_not_added_twice_and_another_one_replaces_it(
    store: Store, add_run: AddRun
) -> None:
    run_id = add_run()
    assert add(store, run_id, "best.pt", b"epoch 1")
    assert not add(store, run_id, "best.pt", b"epoch 1")
    assert add(store, run_id, "best.pt", b"epoch 2")

    assert paths(store, run_id) == ["best.pt"]
    sha256 = store.artifacts.get(run_id, "best.pt").sha256
    assert b"".join(store.files.read(sha256)) == b"epoch 2"
    assert store.files.count() == (1, 7)  # the first one is freed


def test_removing_tells_what_it_freed_and_that_is_nothing_while_others_have_the_same(
    store: Store, add_run: AddRun
) -> None:
    run_id, other = add_run(), add_run()
    add(store, run_id, "a.bin", b"shared")
    add(store, other, "b.bin", b"shared")

    assert store.artifacts.remove(run_id, "a.bin") == 0
    assert store.artifacts.remove(other, "b.bin") == 6
    with pytest.raises(NotFound, match=r"no artifact b\.bin"):
        store.artifacts.remove(other, "b.bin")


def test_folders_are_listed_alone_and_no_name_that_only_begins_alike(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    for path in ("plots/a.png", "plots/deep/b.png", "plots2/c.png", "Plots/d.png", "plots"):
        add(store, run_id, path)

    assert paths(store, run_id, folder="plots") == ["plots/a.png", "plots/deep/b.png"]
    assert paths(store, run_id, folder="plots/deep/") == ["plots/deep/b.png"]
    assert paths(store, run_id, folder="nothing") == []
    assert len(paths(store, run_id)) == 5


def test_a_list_comes_in_pages_that_miss_nothing(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    wanted = sorted(f"c/{n:02d} é%_.bin" for n in range(7))
    for path in wanted:
        add(store, run_id, path)

    found: list[str] = []
    cursor = None
    for _ in range(4):
        page = store.artifacts.list(run_id, limit=2, cursor=cursor)
        found += [file.path for file in page.items]
        cursor = page.cursor
    assert found == wanted
    assert cursor is None


def test_a_page_has_bounds_and_a_cursor_that_is_none_is_refused(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    for limit in (0, -1, 1001):
        with pytest.raises(InvalidInput, match="1 to 1000"):
            store.artifacts.list(run_id, limit=limit)
    for cursor in ("!", "é", "Li4vLi4", "a", "AA=="):
        with pytest.raises(InvalidInput, match="no cursor"):
            store.artifacts.list(run_id, cursor=cursor)


def test_a_run_that_is_not_there_has_no_files(store: Store) -> None:
    kept = keep(store, b"content")
    for call in (
        lambda: store.artifacts.list("none"),
        lambda: store.artifacts.get("none", "a"),
        lambda: store.artifacts.add("none", "a", kept),
        lambda: store.artifacts.remove("none", "a"),
    ):
        with pytest.raises(NotFound):
            call()


def test_bytes_that_were_freed_in_between_are_not_promised(store: Store, add_run: AddRun) -> None:
    run_id, kept = add_run(), keep(store, b"content")
    store.files.release([kept.sha256])

    with pytest.raises(Conflict, match="removed for good"):
        store.artifacts.add(run_id, "a.bin", kept)
    assert paths(store, run_id) == []
    assert store.runs.get(run_id).n_artifacts == 0


def test_a_line_of_a_journal_names_files_and_the_path_stays_as_it_was_given(
    store: Store, add_run: AddRun
) -> None:
    run_id = add_run()
    files = [
        {"path": "out/a.txt", "sha256": SHA, "size": 3, "media_type": "text/plain"},
        {"path": "out/b.pt", "sha256": "cd" * 32, "size": 4},
    ]
    log(store, run_id, {"path": "/home/me/out", "files": files}, {"path": "only/named"})

    assert paths(store, run_id) == ["out/a.txt", "out/b.pt"]
    assert store.runs.get(run_id).artifacts == ["/home/me/out", "only/named"]
    first, second = store.artifacts.list(run_id).items
    assert (first.sha256, first.size, first.media_type, first.is_stored) == (SHA, 3, "text/plain", False)
    assert second.media_type == "application/octet-stream"


def test_a_file_that_is_logged_again_replaces_the_one_before(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    for sha256 in (SHA, "cd" * 32, "ef" * 32):
        log(store, run_id, {"path": "best.pt", "files": [{"path": "best.pt", "sha256": sha256, "size": 1}]})
    assert [file.sha256 for file in store.artifacts.list(run_id).items] == ["ef" * 32]
    assert store.runs.get(run_id).artifacts == ["best.pt"]


GOOD = {"path": "a", "sha256": SHA, "size": 1}


BAD_FILES: list[Any] = [
    {**GOOD, "path": "../../etc/passwd"},
    {**GOOD, "path": "/etc/passwd"},
    {**GOOD, "path": "C:\\x"},
    {**GOOD, "path": ""},
    {**GOOD, "path": 7},
    {**GOOD, "sha256": "../../../x"},
    {**GOOD, "sha256": SHA.upper()},
    {**GOOD, "sha256": None},
    {**GOOD, "size": -1},
    {**GOOD, "size": 2**63},
    {**GOOD, "size": "1"},
    {**GOOD, "size": True},
    {"path": "a"},
    "a",
    None,
]


def test_a_line_with_a_file_that_can_be_none_is_set_aside_whole(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    for file in BAD_FILES:
        result = log(store, run_id, {"path": "x", "files": [GOOD, file]})
        assert len(result.bad) == 1, file
    assert paths(store, run_id) == []
    assert store.runs.get(run_id).artifacts == []


ALLOWED = [
    "a",
    "checkpoints/best.pt",
    "a b/c (1).txt",
    ".hidden/.file",
    "…/日本語/😀👩‍👩‍👧.png",
    "100%.txt",
    "50%25/a",
    "loss-val",
    "joined\u200cletters.txt",
    "connect/auxiliary.txt",
    "x" * 255,
    "/".join(["y" * 99] * 10),
    "..a/a..b",
]
REFUSED = [
    "",
    "/",
    "/etc/passwd",
    "a/",
    "a//b",
    ".",
    "..",
    "../x",
    "../../x",
    "a/../b",
    "a/./b",
    "C:\\x",
    "C:/x",
    "c:x",
    "a\\b",
    "\\\\host\\share",
    "%2e%2e/x",
    "a/%2E%2E/x",
    "..%2fx",
    "%252e%252e/x",
    "a/%25252E./b",
    "a%5cb",
    "a%00b",
    "a\x00b",
    "a\nb",
    "a\x1b[31mb",
    "a\x7fb",
    "a\u2028b",
    "gpj.\u202eexe",
    "a\u2066b",
    "a\ufeffb",
    "a%E2%80%AEb",
    *(f"a{character}b" for character in '<>:"|?*'),
    "a%3Fb",
    "a\ud800b",
    "x" * 256,
    "é" * 128,
    "x" * 300,
    "/".join(["y" * 99] * 11),
    "CON",
    "nul.txt",
    "a/Com1.log",
    "LPT9 .x",
    "a./b",
    "a /b",
    "trailing.",
]


def test_unusual_paths_that_are_allowed_come_back_as_they_were(store: Store, add_run: AddRun) -> None:
    run_id = add_run()
    for path in ALLOWED:
        add(store, run_id, path)
        assert store.artifacts.get(run_id, path).path == path
    assert set(paths(store, run_id)) == set(ALLOWED)


@pytest.mark.parametrize("path", REFUSED, ids=ascii)
def test_these_paths_are_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="The path"):
        check_path(path)


def test_a_path_that_is_refused_is_refused_by_every_verb(store: Store, add_run: AddRun) -> None:
    run_id, kept = add_run(), keep(store, b"content")
    for call in (
        lambda: store.artifacts.add(run_id, "../x", kept),
        lambda: store.artifacts.get(run_id, "../x"),
        lambda: store.artifacts.remove(run_id, "../x"),
        lambda: store.artifacts.list(run_id, folder="../x"),
    ):
        with pytest.raises(InvalidInput, match="leads elsewhere"):
            call()
    assert paths(store, run_id) == []


def test_the_longest_path_fits_and_one_character_more_does_not() -> None:
    longest = "/".join(["z" * 199] * 5)
    assert len(longest) == MAX_PATH_LENGTH - 1
    check_path(longest + "z")
    with pytest.raises(InvalidInput, match="1001 characters; at most 1000"):
        check_path(longest + "zz")


@given(st.text(min_size=1, max_size=60))
def test_whatever_a_file_is_called_a_path_is_found_for_it(name: str) -> None:
    assume(max(len(part.encode("utf-8", "replace")) for part in name.split("/")) < 250)
    cleaned = clean_path(f"folder/{name}")
    assert check_path(cleaned) == cleaned
    assert ".." not in cleaned.split("/")


def test_what_windows_cannot_write_or_turns_text_around_becomes_an_underscore() -> None:
    assert clean_path('out/a|b*c?"d"<e>:f/\u202egpj.exe') == "out/a_b_c__d__e__f/_gpj.exe"
    assert clean_path("%252e%252e/x") == "_252e_252e/x"


@pytest.mark.parametrize("path", ALLOWED)
def test_a_name_that_is_allowed_is_kept_as_it_is(path: str) -> None:
    assert clean_path(path) == path


def test_a_media_type_follows_from_the_name_unless_one_is_said() -> None:
    assert choose_media_type("plots/ROC.PNG") == "image/png"
    assert choose_media_type("best.pt") == "application/octet-stream"
    assert choose_media_type("noending") == "application/octet-stream"
    assert choose_media_type("a.png", "application/octet-stream") == "image/png"
    assert choose_media_type("a.png", "text/x-mine") == "text/x-mine"
    assert choose_media_type("a.png", "text/html\r\nSet-Cookie: x") == "image/png"
