"""Opening a store: new, known, old, too new, or no store at all."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from modellab.errors import InvalidSetting, ModelLabError, NewerDatabase, NotADatabase, StoreError
from modellab.ids import new_run_id
from modellab.journal.line import encode_event, encode_points
from modellab.settings import Settings, load_settings
from modellab.store import open_store
from modellab.store.engine import Database, open_database
from modellab.store.migrations import MIGRATIONS, Migration, migrate, schema_number

NEWEST = MIGRATIONS[-1].number


def digest_folder(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


def add_column(connection: Connection, database: Database) -> None:
    connection.execute(text("ALTER TABLE runs ADD COLUMN colour TEXT"))
    connection.execute(text("UPDATE runs SET colour = 'blue'"))


def fail_half_way(connection: Connection, database: Database) -> None:
    connection.execute(text("ALTER TABLE metrics ADD COLUMN size TEXT"))
    connection.execute(text("DELETE FROM metrics"))
    raise RuntimeError("half way")


NEXT = Migration(NEWEST + 1, "colour", add_column)
FAILING = Migration(NEWEST + 2, "failing", fail_half_way)


def test_a_fresh_database_gets_the_newest_schema(any_settings: Settings) -> None:
    with open_store(any_settings) as store:
        assert store.schema_number == NEWEST
        assert migrate(store.database) == []
        assert store.runs.count() == 0
    assert not list(any_settings.db_path.parent.glob("*backup*"))
    with open_store(any_settings) as store:
        assert store.schema_number == NEWEST


def test_a_store_that_is_opened_again_has_its_runs(any_settings: Settings) -> None:
    run_id = new_run_id()
    with open_store(any_settings) as store:
        store.ingest(run_id, "w", 0, encode_event("start", 1, {"name": "kept"}))
    before = digest_folder(any_settings.db_path.parent)
    with open_store(any_settings) as store:
        assert store.runs.get(run_id).name == "kept"
    assert digest_folder(any_settings.db_path.parent) == before


def test_sqlite_lets_readers_and_the_writer_work_side_by_side(settings: Settings) -> None:
    open_store(settings).close()
    with closing(sqlite3.connect(settings.db_path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def make_old_schema(database: Database, number: int = 1) -> None:
    """The database as the ModelLab of that schema made it, with a run in it."""
    name = "sqlite" if database.is_sqlite else "postgresql"
    statements = Path(__file__).with_name(f"schema_{number}_{name}.sql").read_text().split("\n;;\n")
    with database.write() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(
            "INSERT INTO runs (run_id, status, started_us, project_id, tags_json, note) "
            "VALUES ('old', 'completed', 5, 'iris', '{\"team\": \"vision\"}', 'n')"
        )


def describe_schema(database: Database) -> dict[str, Any]:
    """Tables with their columns and indexes, and the view's columns."""
    inspector = inspect(database.engine)
    described: dict[str, Any] = {}
    for table in inspector.get_table_names():
        columns = {(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)}
        indexes = {(i["name"], tuple(i["column_names"])) for i in inspector.get_indexes(table)}
        described[table] = (columns, indexes)
    described["manifests"] = [column["name"] for column in inspector.get_columns("manifests")]
    return described


@pytest.mark.parametrize("number", range(1, NEWEST))
def test_an_old_database_comes_to_the_same_schema_as_a_new_one(
    any_settings: Settings, request: pytest.FixtureRequest, tmp_path: Path, number: int
) -> None:
    old = open_database(any_settings)
    make_old_schema(old, number)
    assert migrate(old) == [step.name for step in MIGRATIONS[number:]]
    if old.is_sqlite:
        fresh_settings = replace(any_settings, db_path=tmp_path / "fresh.db")
    else:
        server = request.getfixturevalue("postgresql")
        fresh_settings = replace(any_settings, database_url=server.new_database(migrated=True))
    with open_store(fresh_settings) as fresh:
        assert describe_schema(old) == describe_schema(fresh.database)
    old.close()


def test_the_runs_of_an_old_database_are_there_and_can_be_found_by_what_is_new(
    any_settings: Settings,
) -> None:
    old = open_database(any_settings)
    make_old_schema(old)
    old.close()
    with open_store(any_settings) as store:
        assert store.runs.get("old").tags == {"team": "vision"}
        with store.database.read() as connection:
            assert connection.execute(text("SELECT key, text FROM tags")).all() == [("team", "vision")]
            assert connection.execute(text("SELECT project_id, name FROM projects")).all() == [
                ("iris", "iris")
            ]
            assert connection.execute(text("SELECT note FROM manifests")).scalars().all() == ["n"]


def test_an_older_database_gets_the_steps_it_lacks_after_a_copy(any_settings: Settings) -> None:
    run_id = new_run_id()
    with open_store(any_settings) as store:
        store.ingest(run_id, "w", 0, encode_points(0, 1, {"m": 0.5}))
        assert migrate(store.database, (*MIGRATIONS, NEXT)) == ["colour"]
        assert migrate(store.database, (*MIGRATIONS, NEXT)) == []
        assert schema_number(store.database) == NEWEST + 1
        with store.database.read() as connection:
            assert connection.execute(text("SELECT colour FROM runs")).scalars().all() == ["blue"]
        assert store.runs.get(run_id).final_metrics == {"m": 0.5}
        backups = list(any_settings.db_path.parent.glob("manifests.db.backup-*"))
        assert len(backups) == store.database.is_sqlite
    for backup in backups:
        with closing(sqlite3.connect(backup)) as connection:
            assert connection.execute("SELECT run_id FROM manifests").fetchall() == [(run_id,)]
            assert "colour" not in [row[1] for row in connection.execute("PRAGMA table_info(runs)")]


def test_a_step_that_fails_leaves_everything_as_it_was(any_settings: Settings) -> None:
    run_id = new_run_id()
    with open_store(any_settings) as store:
        store.ingest(run_id, "w", 0, encode_points(0, 1, {"m": 0.5}))
        before = store.runs.get(run_id)
        with pytest.raises(RuntimeError, match="half way"):
            migrate(store.database, (*MIGRATIONS, NEXT, FAILING))
        assert store.schema_number == NEWEST
        assert store.runs.get(run_id) == before
        columns = [column["name"] for column in inspect(store.database.engine).get_columns("runs")]
        assert "colour" not in columns
        assert len(list(any_settings.db_path.parent.glob("*backup*"))) == store.database.is_sqlite
        assert migrate(store.database, (*MIGRATIONS, NEXT)) == ["colour"]


def test_a_fresh_database_whose_first_step_fails_stays_fresh(any_settings: Settings) -> None:
    database = open_database(any_settings)
    with pytest.raises(RuntimeError, match="half way"):
        migrate(database, (*MIGRATIONS, FAILING))
    assert inspect(database.engine).get_table_names() == []
    assert migrate(database) == [step.name for step in MIGRATIONS]
    database.close()


def test_a_database_of_a_newer_modellab_is_refused_and_untouched(any_settings: Settings) -> None:
    with open_store(any_settings) as store:
        migrate(store.database, (*MIGRATIONS, NEXT))
    before = digest_folder(any_settings.db_path.parent)
    with pytest.raises(NewerDatabase, match=f"schema {NEWEST + 1}; this ModelLab knows up to {NEWEST}"):
        open_store(any_settings)
    assert digest_folder(any_settings.db_path.parent) == before


OPEN = """
import sys
from pathlib import Path
from modellab.settings import load_settings
from modellab.store import open_store
print("ready", flush=True)
sys.stdin.readline()
settings = load_settings(start=Path(sys.argv[1]), environ={}, database_url=sys.argv[2] or None)
with open_store(settings) as store:
    print(store.schema_number, store.runs.count())
"""


def open_at_once(settings: Settings) -> list[list[str]]:
    """What four processes say of a database that they open at the same moment."""
    command = [sys.executable, "-c", OPEN, str(settings.root), settings.database_url or ""]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[0].split() for process in processes]


def test_processes_that_open_a_fresh_database_at_once_all_find_it_ready(any_settings: Settings) -> None:
    assert open_at_once(any_settings) == [[str(NEWEST), "0"]] * 4
    assert not list(any_settings.db_path.parent.glob("*backup*"))


def test_processes_that_open_an_old_database_at_once_adopt_and_copy_it_once(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.db_path)) as connection, connection:
        connection.execute("CREATE TABLE manifests (run_id TEXT PRIMARY KEY, note TEXT)")
        connection.execute("INSERT INTO manifests VALUES ('r', 'n')")
    assert open_at_once(settings) == [[str(NEWEST), "1"]] * 4
    (backup,) = settings.db_path.parent.glob("*backup*")
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT * FROM manifests").fetchall() == [("r", "n")]  # not the new view


def test_a_file_that_somebody_is_writing_is_waited_for(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.db_path, check_same_thread=False)) as connection:
        connection.execute("CREATE TABLE manifests (run_id TEXT PRIMARY KEY)")
        connection.execute("INSERT INTO manifests VALUES ('r')")  # not committed yet
        threading.Timer(0.3, connection.commit).start()
        with open_store(settings) as store:
            assert store.runs.get("r").run_id == "r"


@pytest.mark.parametrize(
    "content",
    [b"run_id,note\n1,x\n" * 100, b"x", b"SQLite format 3\x00" + b"\xee" * 5000, b"SQLite format 3\x00"],
    ids=["text", "one byte", "header and garbage", "header alone"],
)
def test_a_file_that_is_no_database_is_refused_and_untouched(settings: Settings, content: bytes) -> None:
    settings.db_path.write_bytes(content)
    with pytest.raises(NotADatabase, match="not a SQLite database"):
        open_store(settings)
    assert {path.name: path.read_bytes() for path in settings.db_path.parent.iterdir()} == {
        "manifests.db": content
    }


def test_an_empty_file_becomes_a_database(settings: Settings) -> None:
    settings.db_path.touch()
    with open_store(settings) as store:
        assert store.schema_number == NEWEST


def test_a_damaged_database_is_said_to_be_damaged(settings: Settings) -> None:
    with open_store(settings) as store:
        for _ in range(50):
            store.ingest(new_run_id(), "w", 0, encode_points(0, 1, {"m": 0.5}))
    content = bytearray(settings.db_path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    settings.db_path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        open_store(settings)
    assert settings.db_path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_untouched(any_settings: Settings) -> None:
    database = open_database(any_settings)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE runs (run_uuid TEXT PRIMARY KEY)"))
        connection.execute(text("INSERT INTO runs VALUES ('1')"))
    before = digest_folder(any_settings.db_path.parent)
    with pytest.raises(StoreError, match="another program: it has tables named runs"):
        open_store(any_settings)
    assert inspect(database.engine).get_table_names() == ["runs"]
    database.close()
    assert digest_folder(any_settings.db_path.parent) == before


def test_a_place_that_cannot_be_is_refused(settings: Settings) -> None:
    (settings.root / "file").write_text("")
    for place in (settings.root, settings.root / "file" / "x.db", settings.root / "file" / "far" / "x.db"):
        with pytest.raises(ModelLabError) as refused:
            open_store(replace(settings, db_path=place))
        assert isinstance(refused.value, (InvalidSetting, StoreError))
        assert str(place.parent if "file" in place.parts else place) in str(refused.value)


@pytest.mark.parametrize("name", ["with blank.db", "ä#ü?.db", "100%25.db", "a&b=c.db", "'quoted\".db"])
def test_a_path_may_have_any_characters(tmp_path: Path, name: str) -> None:
    settings = load_settings(start=tmp_path, environ={}, db_path=tmp_path / "some folder" / name)
    with open_store(settings) as store:
        assert store.runs.count() == 0
    assert (tmp_path / "some folder" / name).stat().st_size > 0
    assert [path.name for path in (tmp_path / "some folder").glob("*.db*")] == [name]


@pytest.mark.parametrize(
    "url", ["postgresql://postgres@/db?host=/nonexistent", "postgresql://postgres:secret@127.0.0.1:1/db"]
)
def test_a_server_that_is_not_there_is_named_without_its_password(settings: Settings, url: str) -> None:
    with pytest.raises(StoreError, match="cannot be used") as refused:
        open_store(replace(settings, database_url=url))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["postgresql://host:port/db", "postgresql://[::1/db"])
def test_an_address_that_cannot_be_read_is_refused(settings: Settings, url: str) -> None:
    with pytest.raises(InvalidSetting, match="MODELLAB_DATABASE_URL"):
        open_store(replace(settings, database_url=url))


def test_a_store_says_what_it_is(any_settings: Settings) -> None:
    with open_store(any_settings) as store:
        assert store.database.size_bytes() > 0
        kind = "SQLite" if store.database.is_sqlite else "PostgreSQL"
        assert store.database.version().split()[0] == kind
