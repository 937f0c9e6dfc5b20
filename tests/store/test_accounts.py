"""Users, keys and the audit log, on both databases."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text, update

from modellab.errors import Conflict, InvalidInput, NotFound
from modellab.settings import Settings
from modellab.store import Store, open_store
from modellab.store.account_tables import api_keys, users
from modellab.store.audit import MAX_DETAIL_LENGTH
from modellab.store.platform_tables import projects
from modellab.store.times import now_us

PASSWORD = "correct horse battery"


@pytest.fixture
def accounts(store: Store) -> Any:
    store.accounts.add("ada", "admin", PASSWORD)
    return store.accounts


@pytest.fixture
def project(store: Store) -> str:
    row = {"project_id": "vision", "name": "Vision", "created_us": 1, "updated_us": 1}
    with store.database.write() as connection:
        connection.execute(projects.insert(), row)
    return "vision"


def test_a_user_logs_in_with_its_name_in_any_letter_case_and_its_password(accounts: Any) -> None:
    assert accounts.check_password("Ada", PASSWORD) == accounts.get("ada")
    assert accounts.check_password("ada", PASSWORD + "!") is None
    assert accounts.check_password("eve", PASSWORD) is None


def test_a_password_with_accents_is_the_same_from_every_keyboard(store: Store) -> None:
    store.accounts.add("zoe", "viewer", "caf\u00e9 au lait")
    assert store.accounts.check_password("zoe", "cafe\u0301 au lait") is not None


def test_passwords_are_kept_as_argon2id_hashes_only(store: Store, accounts: Any) -> None:
    with store.database.read() as connection:
        kept = connection.execute(select(users.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_a_hash_of_older_settings_is_renewed_at_the_next_login(store: Store, accounts: Any) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    with store.database.write() as connection:
        connection.execute(update(users).values(password_hash=weak))
    assert accounts.check_password("ada", PASSWORD) is not None
    with store.database.read() as connection:
        kept = connection.execute(select(users.c.password_hash)).scalar_one()
    assert not PasswordHasher().check_needs_rehash(kept)


def test_a_hash_that_is_none_lets_nobody_in(store: Store, accounts: Any) -> None:
    with store.database.write() as connection:
        connection.execute(update(users).values(password_hash="not a hash"))
    assert accounts.check_password("ada", PASSWORD) is None


@pytest.mark.parametrize("name", ["", "a b", "-x", "x" * 101, "ada\n", "local", "<b>", "a/b", "zoé"])
def test_names_that_cannot_be_a_users_are_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be a user's name"):
        store.accounts.add(name, "viewer", PASSWORD)


@pytest.mark.parametrize("password", ["", "nine char", "x" * 1001])
def test_a_password_of_a_wrong_length_is_refused_without_being_told(store: Store, password: str) -> None:
    with pytest.raises(InvalidInput, match="10 to 1000") as caught:
        store.accounts.add("ada", "viewer", password)
    assert not password or password not in str(caught.value)


def test_a_role_that_there_is_not_is_refused(accounts: Any) -> None:
    with pytest.raises(InvalidInput, match="admin, editor, viewer, member"):
        accounts.add("bob", "king", PASSWORD)


def test_a_name_is_taken_once_and_free_again_when_its_user_is_removed(accounts: Any) -> None:
    accounts.add("bob", "viewer", PASSWORD)
    with pytest.raises(Conflict, match="bob"):
        accounts.add("BOB", "viewer", PASSWORD)
    assert accounts.disable("bob").disabled_at is not None
    assert accounts.check_password("bob", PASSWORD) is None
    back = accounts.add("bob", "editor", "another password")
    assert (back.role, back.disabled_at) == ("editor", None)
    assert accounts.check_password("bob", PASSWORD) is None


def test_the_last_admin_can_be_neither_removed_nor_demoted(accounts: Any) -> None:
    changes: list[Callable[[], object]] = [
        lambda: accounts.disable("ada"),
        lambda: accounts.set_role("ada", "editor"),
    ]
    for change in changes:
        with pytest.raises(Conflict, match="last admin"):
            change()
    accounts.add("bob", "admin", PASSWORD)
    assert accounts.set_role("ada", "editor").role == "editor"
    with pytest.raises(Conflict, match="last admin"):
        accounts.disable("bob")


def test_of_two_admins_who_remove_each_other_at_once_one_stays(store: Store, accounts: Any) -> None:
    accounts.add("bob", "admin", PASSWORD)
    refused = []

    def disable(name: str) -> None:
        try:
            accounts.disable(name)
        except Conflict:
            refused.append(name)

    threads = [threading.Thread(target=disable, args=(name,)) for name in ("ada", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert accounts.has_enabled_user(admin=True)


def test_sessions_end_with_a_logout_a_new_password_and_a_removal(accounts: Any) -> None:
    accounts.add("bob", "viewer", PASSWORD)
    ends: list[Callable[[], object]] = [
        lambda: accounts.end_sessions("bob"),
        lambda: accounts.set_password("bob", "a newer password"),
        lambda: accounts.disable("bob"),
    ]
    for end in ends:
        begun = now_us()
        assert accounts.find_in_session("bob", begun) is not None
        end()
        assert accounts.find_in_session("bob", begun) is None
    assert accounts.find_in_session("bob", now_us() + 1) is None


def test_memberships_name_projects_that_are_there(accounts: Any, project: str) -> None:
    accounts.add("bob", "member", PASSWORD)
    assert accounts.join("bob", project, "viewer").projects == {"vision": "viewer"}
    assert accounts.join("bob", project, "editor").projects == {"vision": "editor"}
    with pytest.raises(NotFound, match="no project"):
        accounts.join("bob", "elsewhere", "viewer")
    with pytest.raises(InvalidInput, match="editor or viewer"):
        accounts.join("bob", project, "admin")
    assert accounts.leave("bob", project).projects == {}
    with pytest.raises(NotFound, match="no member"):
        accounts.leave("bob", project)


def test_users_come_in_pages_with_their_memberships(accounts: Any, project: str) -> None:
    for number in range(4):
        accounts.add(f"user{number}", "member", PASSWORD)
        accounts.join(f"user{number}", project, "viewer")
    names, cursor = [], None
    while True:
        page = accounts.list(limit=2, cursor=cursor)
        names += [user.name for user in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert names == ["ada", "user0", "user1", "user2", "user3"]
    assert page.items[-1].projects == {"vision": "viewer"}


def test_a_key_is_found_by_what_was_shown_and_only_its_digest_is_kept(store: Store, accounts: Any) -> None:
    made = store.keys.add("ada", "cluster", "log")
    found = store.keys.find(made.token)
    assert found is not None
    assert (found[0].name, found[1].key_id, found[1].scope) == ("ada", made.key.key_id, "log")
    secret = made.token.split("_", 2)[2]
    assert len(secret) >= 43
    with store.database.read() as connection:
        rows = connection.execute(select(api_keys)).all()
    assert secret not in repr(rows)


def test_a_key_that_is_changed_in_any_part_is_not_found(store: Store, accounts: Any) -> None:
    token = store.keys.add("ada", "x", "read").token
    prefix, key_id, secret = token.split("_", 2)
    other = store.keys.add("ada", "y", "admin").token.split("_", 2)
    flipped = ("A" if secret[0] != "A" else "B") + secret[1:]
    for wrong in (
        *("", "mlk", "mlk_", f"mlk_{key_id}", f"mlk_{key_id}_", f"{prefix}_{key_id}_{flipped}", token[:-1]),
        *(
            f"{token}x",
            f"xyz_{key_id}_{secret}",
            f"mlk_{other[1]}_{secret}",
            f"mlk_{key_id}_\ud800",
            "mlk_'_x",
        ),
    ):
        assert store.keys.find(wrong) is None, wrong


def test_revoked_and_expired_keys_and_those_of_removed_users_are_not_found(
    store: Store, accounts: Any
) -> None:
    accounts.add("bob", "viewer", PASSWORD)
    revoked, expired, orphaned = (store.keys.add("bob", name, "read") for name in "abc")
    assert store.keys.revoke(revoked.key.key_id).revoked_at is not None
    with store.database.write() as connection:
        mine = api_keys.c.key_id == expired.key.key_id
        connection.execute(update(api_keys).where(mine).values(expires_us=now_us() - 1))
    assert store.keys.find(revoked.token) is None
    assert store.keys.find(expired.token) is None
    assert store.keys.find(orphaned.token) is not None
    accounts.disable("bob")
    assert store.keys.find(orphaned.token) is None
    accounts.add("bob", "admin", PASSWORD)
    assert store.keys.find(orphaned.token) is None


def test_a_key_holds_until_it_expires(store: Store, accounts: Any) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = store.keys.add("ada", "x", "read", expires_at=tomorrow)
    assert made.key.expires_at is not None
    assert store.keys.find(made.token) is not None


def test_keys_that_cannot_be_are_refused(store: Store, accounts: Any) -> None:
    for wanted in (
        {"name": ""},
        {"name": "x" * 101},
        {"scope": "everything"},
        {"expires_at": "2020-01-01"},
        {"expires_at": "soon"},
        {"expires_at": "9999-12-31T23:59:59-05:00"},  # no date in UTC
    ):
        arguments: dict[str, Any] = {"user": "ada", "name": "x", "scope": "read", **wanted}
        with pytest.raises(InvalidInput):
            store.keys.add(**arguments)
    with pytest.raises(NotFound):
        store.keys.add("eve", "x", "read")
    assert store.keys.list().items == []


def test_the_last_use_of_a_key_is_written_once_a_minute(store: Store, accounts: Any) -> None:
    made = store.keys.add("ada", "x", "read")
    assert made.key.last_used_at is None
    store.keys.find(made.token)
    first = store.keys.get(made.key.key_id).last_used_at
    store.keys.find(made.token)
    assert first is not None
    assert store.keys.get(made.key.key_id).last_used_at == first
    with store.database.write() as connection:
        connection.execute(update(api_keys).values(last_used_us=now_us() - 61_000_000))
    store.keys.find(made.token)
    used = store.keys.get(made.key.key_id).last_used_at
    assert used is not None
    assert used > first


def test_servers_of_one_database_share_a_secret_that_others_do_not_have(store: Store) -> None:
    values: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: values.append(store.accounts.read_secret("sessions")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(values) == 4
    assert len(set(values)) == 1
    assert len(values[0]) == 64
    assert store.accounts.read_secret("other") not in values


def test_the_audit_log_is_read_newest_first_and_by_what_is_asked(store: Store) -> None:
    for number in range(5):
        store.audit.note(actor="ada", action="update", kind="run", target=f"r{number}", details={"n": number})
    store.audit.note(actor="bob", action="delete", kind="dataset", target="d", request_id="7", address="::1")
    newest = store.audit.list(limit=1)
    assert [(e.actor, e.kind, e.request_id, e.address) for e in newest.items] == [
        ("bob", "dataset", "7", "::1")
    ]
    older = store.audit.list(limit=10, cursor=newest.cursor)
    assert [e.details["n"] for e in older.items] == [4, 3, 2, 1, 0]
    assert older.cursor is None
    assert [e.target for e in store.audit.list(kind="run", target="r3").items] == ["r3"]
    assert store.audit.list(actor="eve").items == []


def test_details_of_the_audit_log_are_shortened_and_may_be_anything(store: Store) -> None:
    details = {
        "note": "x" * 10_000,
        "nul": "a\x00b",
        "list": list(range(99)),
        "big": 2**80,
        "it": {1: object()},
    }
    store.audit.note(actor="a", action="b", kind="c", target="d", details=details)
    (entry,) = store.audit.list().items
    assert len(entry.details["note"]) == MAX_DETAIL_LENGTH + 1
    assert len(entry.details["list"]) == 50
    assert "\x00" not in entry.details["nul"]


def test_what_looks_like_sql_is_only_text(store: Store, accounts: Any) -> None:
    attack = "'; DROP TABLE users; --"
    assert accounts.check_password(attack, attack) is None
    assert store.keys.find(f"mlk_{attack}_{attack}") is None
    assert store.keys.list(user=attack).items == []
    assert store.audit.list(kind=attack, target=attack, actor=attack).items == []
    with store.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar_one() == 1


def test_a_name_that_nobody_has_is_refused_after_the_same_work(accounts: Any) -> None:
    def time_s(name: str) -> float:
        begun = time.perf_counter()
        assert accounts.check_password(name, "wrong password") is None
        return time.perf_counter() - begun

    known, unknown = (min(time_s(name) for _ in range(3)) for name in ("ada", "nobody"))
    assert unknown > known / 5  # without the work it would be a hundredth


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_database_is_closed_to_others_once_it_has_secrets(settings: Settings) -> None:
    def modes() -> set[str]:
        return {f"{path.stat().st_mode & 0o777:o}" for path in settings.db_path.parent.glob("manifests.db*")}

    settings.db_path.touch(mode=0o644)
    settings.db_path.chmod(0o644)
    with open_store(settings) as store:
        assert modes() == {"644"}
        store.database.back_up("early")
        store.accounts.add("ada", "admin", PASSWORD)
        store.database.back_up("late")
        assert modes() == {"600"}
        settings.db_path.chmod(0o640)  # its owner decides otherwise
        store.accounts.add("vera", "viewer", PASSWORD)
        assert "640" in modes()
        assert store.accounts.read_secret("sessions")
        assert modes() == {"600"}
