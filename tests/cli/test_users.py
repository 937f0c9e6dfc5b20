"""Users, keys and the audit log on the command line."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from modellab.store import open_store

if TYPE_CHECKING:
    from tests.cli.conftest import Project

PASSWORD = "correct horse battery"


def add(
    project: Project, name: str, *options: str, password: str = PASSWORD
) -> subprocess.CompletedProcess[str]:
    """`modellab users add`, with the password on standard input."""
    return subprocess.run(
        [sys.executable, "-m", "modellab", "users", "add", name, "--password-stdin", *options],
        cwd=project.folder,
        input=f"{password}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def team(project: Project) -> Project:
    with open_store(project.settings) as store:
        store.accounts.add("ada", "admin", PASSWORD)
    return project


def test_the_first_user_is_added_before_there_are_runs(project: Project) -> None:
    outcome = add(project, "Ada", "--role", "admin")
    assert (outcome.returncode, outcome.stdout) == (0, "")
    assert "ada may log in" in outcome.stderr
    with open_store(project.settings) as store:
        assert store.accounts.check_password("ada", PASSWORD) is not None


@pytest.mark.parametrize(
    ("name", "password", "word"),
    [("ada", "short", "10 to 1000"), ("a b", PASSWORD, "cannot be a user's name")],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    project: Project, name: str, password: str, word: str
) -> None:
    outcome = add(project, name, password=password)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert word in outcome.stderr
    listed = project.call("users", "list")
    assert (listed.code, listed.out) == (0, "")
    assert "There are no users yet." in listed.err


def _ask_in_terminal(project: Project, *answers: str) -> tuple[int, str]:
    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "modellab", "users", "add", "ada", "--role", "admin"],
        cwd=project.folder,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = ""
    for answer in answers:
        asked = ""
        while not asked.rstrip().endswith(":"):
            asked += os.read(control, 1000).decode()
        shown += asked
        os.write(control, f"{answer}\n".encode())
    code = process.wait(60)
    try:
        while part := os.read(control, 1000):
            shown += part.decode()
    except OSError:
        pass
    os.close(control)
    return code, shown


def test_in_a_terminal_the_password_is_asked_for_twice_and_not_shown(project: Project) -> None:
    code, shown = _ask_in_terminal(project, PASSWORD, "a slip", PASSWORD, PASSWORD)
    assert code == 0, shown
    assert PASSWORD not in shown
    with open_store(project.settings) as store:
        assert store.accounts.check_password("ada", PASSWORD) is not None


def test_without_a_terminal_the_way_to_give_a_password_is_told(project: Project) -> None:
    outcome = project.start("users", "add", "ada")
    assert outcome.returncode == 2
    assert "--password-stdin" in outcome.stderr


def test_users_are_listed_with_role_and_state(team: Project) -> None:
    with open_store(team.settings) as store:
        store.accounts.add("vera", "viewer", PASSWORD)
    assert team.call("users", "remove", "vera").code == 0
    assert [(row["name"], row["role"], row["state"]) for row in team.call("users", "list").rows()] == [
        ("ada", "admin", "enabled"),
        ("vera", "viewer", "removed"),
    ]
    assert [user["name"] for user in team.call("users", "list", "--json").json()] == ["ada", "vera"]


def test_roles_and_passwords_are_changed(team: Project) -> None:
    with open_store(team.settings) as store:
        store.accounts.add("vera", "viewer", PASSWORD)
    assert team.call("users", "role", "vera", "editor").code == 0
    changed = subprocess.run(
        [sys.executable, "-m", "modellab", "users", "password", "vera", "--password-stdin"],
        cwd=team.folder,
        input="another password\n",
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert changed.returncode == 0, changed.stderr
    with open_store(team.settings) as store:
        user = store.accounts.check_password("vera", "another password")
        assert user is not None
        assert user.role == "editor"


def test_the_last_admin_stays(team: Project) -> None:
    for arguments in (("remove", "ada"), ("role", "ada", "viewer")):
        outcome = team.call("users", *arguments)
        assert (outcome.code, "last admin" in outcome.err) == (1, True)


def test_members_join_and_leave_projects(team: Project) -> None:
    with open_store(team.settings) as store:
        store.accounts.add("mia", "member", PASSWORD)
    team.record(project_id="vision")
    team.collect()
    assert team.call("users", "join", "mia", "vision", "--role", "editor").code == 0
    assert team.call("users", "list").rows()[1]["projects"] == "vision (editor)"
    assert team.call("users", "leave", "mia", "vision").code == 0
    outcome = team.call("users", "join", "mia", "nowhere")
    assert (outcome.code, "no project nowhere" in outcome.err) == (1, True)


def test_a_key_alone_is_what_a_script_reads(team: Project) -> None:
    outcome = team.call("keys", "add", "ada", "--name", "cluster", "--scope", "read", "--days", 3)
    assert outcome.code == 0
    token = outcome.out.strip()
    with open_store(team.settings) as store:
        found = store.keys.find(token)
    assert found is not None
    assert (found[0].name, found[1].scope, found[1].name) == ("ada", "read", "cluster")
    (row,) = team.call("keys", "list").rows()
    assert (row["state"], row["key"]) == ("valid", found[1].key_id)
    assert token.split("_", 2)[2] not in team.call("keys", "list", "--json").out
    assert team.call("keys", "revoke", found[1].key_id).code == 0
    assert team.call("keys", "list", "--user", "ada").rows()[0]["state"] == "revoked"
    assert team.call("keys", "revoke", "nonsense").code == 1
    assert team.call("keys", "add", "nobody").code == 1


def test_the_audit_log_has_what_was_done_here(team: Project) -> None:
    team.call("keys", "add", "ada")
    team.call("users", "password", "ada")  # refused: no terminal
    (row,) = team.call("audit").rows()
    assert (row["who"], row["did"], row["kind"]) == ("local", "add", "key")
    (entry,) = team.call("audit", "--json", "--kind", "key", "--actor", "local").json()
    assert entry["details"]["user"] == "ada"
    none = team.call("audit", "--kind", "user")
    assert (none.code, none.out, none.err) == (0, "", "No change matches.\n")


def test_keys_of_a_user_that_is_not_there_are_no_empty_list(project: Project) -> None:
    outcome = project.call("keys", "list", "--user", "nobody")
    assert (outcome.code, outcome.out) == (1, "")
    assert "There is no user nobody" in outcome.err
