"""The `manifests` view: the 14 documented columns, one row a run, open to INSERT and to UPDATE of `note`.

Triggers put what is inserted into the same tables that `ingest` fills, so that rows written with
plain SQL are found by filters and leaderboards at once.
"""

from __future__ import annotations

from sqlalchemy import Connection

from modellab.records import MANIFEST_COLUMNS, MAX_NAME_LENGTH
from modellab.store.engine import Database
from modellab.store.tables import INDEXED_TEXT_LENGTH

_VIEW = """
CREATE VIEW manifests AS
SELECT r.run_id AS run_id, r.timestamp AS timestamp, r.git_hash AS git_hash, d.body AS git_diff,
       r.command AS command, r.python_version AS python_version, p.body AS pip_freeze,
       r.device_info AS device_info, r.dataset_id AS dataset_id, r.params_json AS params_json,
       r.final_metrics_json AS final_metrics_json, r.artifacts_json AS artifacts_json,
       r.wandb_url AS wandb_url, r.note AS note
FROM runs r
LEFT JOIN texts d ON d.digest = r.git_diff_digest
LEFT JOIN texts p ON p.digest = r.pip_freeze_digest
WHERE r.deleted_us IS NULL
"""

_INSERT_TEXTS = """
  INSERT INTO texts (digest, body) SELECT 'manifest:' || {id} || ':' || what, CAST(body AS TEXT) FROM (
    SELECT 'git_diff' AS what, NEW.git_diff AS body UNION ALL SELECT 'pip_freeze', NEW.pip_freeze
  ) AS large WHERE body IS NOT NULL;
"""

# SQLite lets a TEXT column hold bytes: they are taken as text.
_INSERT_RUN = """
  INSERT INTO runs (run_id, status, timestamp, started_us, dataset_id, git_hash, git_diff_digest, command,
                    python_version, pip_freeze_digest, device_info, params_json, final_metrics_json,
                    artifacts_json, n_artifacts, wandb_url, note)
  VALUES (CAST({id} AS TEXT), 'completed', CAST(COALESCE(NEW.timestamp, {now}) AS TEXT), {started},
          CAST(NEW.dataset_id AS TEXT), CAST(NEW.git_hash AS TEXT),
          CASE WHEN NEW.git_diff IS NOT NULL THEN 'manifest:' || {id} || ':git_diff' END,
          CAST(NEW.command AS TEXT), CAST(NEW.python_version AS TEXT),
          CASE WHEN NEW.pip_freeze IS NOT NULL THEN 'manifest:' || {id} || ':pip_freeze' END,
          CAST(NEW.device_info AS TEXT), CAST(NEW.params_json AS TEXT), CAST(NEW.final_metrics_json AS TEXT),
          CAST(NEW.artifacts_json AS TEXT), {n_artifacts}, CAST(NEW.wandb_url AS TEXT), CAST(NEW.note AS TEXT));
"""

# What plain SQL has changed is put into the index of words before the next search.
_QUEUE = """
  INSERT INTO search_pending (run)
    SELECT id FROM runs WHERE {condition}
      AND NOT EXISTS (SELECT 1 FROM search_pending WHERE run = runs.id);
"""

_IS_NAME = f"length(key) BETWEEN 1 AND {MAX_NAME_LENGTH}"  # an index entry has its limits

# A row without a run_id is possible in the documented table (SQLite lets a TEXT key be NULL).
_UNNAMED = "COALESCE(NEW.run_id, 'unnamed-' || (SELECT COALESCE(MAX(id), 0) + 1 FROM runs))"

_NEW_ID = "(SELECT MAX(id) FROM runs)"  # SQLite numbers a new row one above the largest

# SQLite's own times end at milliseconds: the fraction is taken from the text.
_SQLITE_STARTED = """CASE
    WHEN NEW.timestamp IS NULL THEN CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
    WHEN substr(NEW.timestamp, 20, 1) = '.' THEN
      COALESCE(strftime('%s', substr(NEW.timestamp, 1, 19) || ltrim(substr(NEW.timestamp, 21), '0123456789'))
               * 1000000 + CAST(round(('0.' || substr(NEW.timestamp, 21, 6)) * 1000000) AS INTEGER), 0)
    ELSE COALESCE(strftime('%s', NEW.timestamp) * 1000000, 0) END"""


def _read_json_sqlite(column: str, kind: str) -> str:
    """The column's JSON if it is an object or array; with the words that Python's `json` has for NaN and inf."""
    python = column
    for word, ours in (("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf")):
        for before in (": ", ":"):
            python = f"""replace({python}, '{before}{word}', ': "{ours}"')"""
    return f"""(SELECT CASE WHEN json_valid(body) THEN CASE WHEN json_type(body) = '{kind}' THEN body END END
       FROM (SELECT CASE WHEN json_valid({column}) THEN {column} ELSE {python} END AS body))"""


def _each_sqlite(column: str) -> str:
    """The members of the column's JSON object; of a name that stands there twice, the last."""
    return f"""(SELECT key, value, type, MAX(id)
        FROM json_each({_read_json_sqlite(column, "object")}) GROUP BY key)"""


_SQLITE_INSERT = f"""
CREATE TRIGGER manifests_insert INSTEAD OF INSERT ON manifests BEGIN
  -- Before anything else: INSERT OR IGNORE and OR REPLACE reach into a trigger.
  SELECT RAISE(ABORT, 'manifests: there is a run with this run_id')
    WHERE EXISTS (SELECT 1 FROM runs WHERE run_id = NEW.run_id);
  {
    _INSERT_RUN.format(
        id=_UNNAMED,
        now="strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
        started=_SQLITE_STARTED,
        n_artifacts=f"COALESCE(json_array_length({_read_json_sqlite('NEW.artifacts_json', 'array')}), 0)",
    )
}
  {_INSERT_TEXTS.format(id=f"(SELECT run_id FROM runs WHERE id = {_NEW_ID})")}
  INSERT INTO params (run, key, text, number)
    SELECT {_NEW_ID}, key,
           substr(CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN 'null'
                  ELSE CAST(value AS TEXT) END, 1, {INDEXED_TEXT_LENGTH}),
           CASE WHEN type IN ('integer', 'real') THEN CAST(value AS REAL) END
    FROM {_each_sqlite("NEW.params_json")} WHERE {_IS_NAME};
  INSERT INTO metrics (run, key, final, last, first, min, max, count, n_nonfinite, returned)
    SELECT {_NEW_ID}, key, number, number, number, finite, finite, 0, 0, 1
    FROM (SELECT *, CASE WHEN abs(number) < 9e999 THEN number END AS finite
          FROM (SELECT *, CASE WHEN type IN ('integer', 'real') THEN CAST(value AS REAL)
                               WHEN value = 'inf' THEN 9e999 WHEN value = '-inf' THEN -9e999 END AS number
                FROM {_each_sqlite("NEW.final_metrics_json")}))
    WHERE (type IN ('integer', 'real') OR value IN ('nan', 'inf', '-inf')) AND {_IS_NAME};
  {_QUEUE.format(condition=f"id = {_NEW_ID}")}
END
"""

_SQLITE_UPDATE = f"""
CREATE TRIGGER manifests_note INSTEAD OF UPDATE ON manifests BEGIN
  SELECT RAISE(ABORT, 'manifests: nothing but the note can be changed')
    WHERE {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in MANIFEST_COLUMNS if name != "note")};
  UPDATE runs SET note = NEW.note WHERE run_id = OLD.run_id;
  {_QUEUE.format(condition="run_id = OLD.run_id")}
END
"""

_POSTGRESQL_NOW = "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"

_POSTGRESQL_READ_JSON = r"""
CREATE FUNCTION modellab_read_json(body text, kind text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  found jsonb;
BEGIN
  BEGIN
    found := body::jsonb;
  EXCEPTION WHEN OTHERS THEN  -- Python's `json` has words of its own for NaN and inf
    BEGIN
      found := regexp_replace(regexp_replace(body, ': ?NaN', ': "nan"', 'g'), ': ?(-?)Infinity', ': "\1inf"', 'g')::jsonb;
    EXCEPTION WHEN OTHERS THEN RETURN NULL;
    END;
  END;
  RETURN CASE WHEN jsonb_typeof(found) = kind THEN found END;
END $$
"""

_POSTGRESQL_INSERT = f"""
CREATE FUNCTION modellab_manifests_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  new_id bigint;
  started bigint := 0;
BEGIN
  NEW.run_id := {_UNNAMED};
  BEGIN
    started := EXTRACT(EPOCH FROM (CASE WHEN NEW.timestamp ~ '([zZ]|[+-][0-9][0-9]:?[0-9]*)$' AND length(NEW.timestamp) > 10
                                   THEN NEW.timestamp::timestamptz
                                   ELSE COALESCE(NEW.timestamp::timestamp AT TIME ZONE 'UTC', now()) END)) * 1000000;
  EXCEPTION WHEN OTHERS THEN started := 0;
  END;
  {_INSERT_TEXTS.format(id="NEW.run_id")}
  {
    _INSERT_RUN.format(
        id="NEW.run_id",
        now=_POSTGRESQL_NOW,
        started="started",
        n_artifacts="COALESCE(jsonb_array_length(modellab_read_json(NEW.artifacts_json, 'array')), 0)",
    )
    .strip()
    .removesuffix(";")
} RETURNING id INTO new_id;
  INSERT INTO params (run, key, text, number)
    SELECT new_id, key, left(COALESCE(value #>> '{{}}', 'null'), {INDEXED_TEXT_LENGTH}),
           CASE WHEN jsonb_typeof(value) = 'number' THEN (value #>> '{{}}')::double precision END
    FROM jsonb_each(modellab_read_json(NEW.params_json, 'object')) WHERE {_IS_NAME};
  INSERT INTO metrics (run, key, final, last, first, min, max, count, n_nonfinite, returned)
    SELECT new_id, key, number, number, number, finite, finite, 0, 0, 1
    FROM (SELECT *, CASE WHEN abs(number) < 'infinity' THEN number END AS finite
          FROM (SELECT *, CASE WHEN jsonb_typeof(value) = 'number' OR value #>> '{{}}' IN ('inf', '-inf')
                               THEN (value #>> '{{}}')::double precision END AS number
                FROM jsonb_each(modellab_read_json(NEW.final_metrics_json, 'object'))) AS m) AS n
    WHERE (jsonb_typeof(value) = 'number' OR value #>> '{{}}' IN ('nan', 'inf', '-inf')) AND {_IS_NAME};
  {_QUEUE.format(condition="id = new_id")}
  RETURN NEW;
END $$
"""

_POSTGRESQL_UPDATE = f"""
CREATE FUNCTION modellab_manifests_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  OLD.note := NEW.note;
  IF NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'manifests: nothing but the note can be changed';
  END IF;
  UPDATE runs SET note = NEW.note WHERE run_id = OLD.run_id;
  {_QUEUE.format(condition="run_id = OLD.run_id")}
  RETURN NEW;
END $$
"""

_SQLITE = (_VIEW, _SQLITE_INSERT, _SQLITE_UPDATE)
_POSTGRESQL = (
    _VIEW,
    _POSTGRESQL_READ_JSON,
    _POSTGRESQL_INSERT,
    "CREATE TRIGGER manifests_insert INSTEAD OF INSERT ON manifests "
    "FOR EACH ROW EXECUTE FUNCTION modellab_manifests_insert()",
    _POSTGRESQL_UPDATE,
    "CREATE TRIGGER manifests_note INSTEAD OF UPDATE ON manifests "
    "FOR EACH ROW EXECUTE FUNCTION modellab_manifests_note()",
)


_DROP_SQLITE = ("DROP VIEW IF EXISTS manifests",)
_DROP_POSTGRESQL = (
    "DROP VIEW IF EXISTS manifests",
    "DROP FUNCTION IF EXISTS modellab_manifests_insert()",
    "DROP FUNCTION IF EXISTS modellab_manifests_note()",
    "DROP FUNCTION IF EXISTS modellab_read_json(text, text)",
)


def drop_view(connection: Connection, database: Database) -> None:
    """Drop the view and its triggers, so that the newest can be created."""
    for statement in _DROP_SQLITE if database.is_sqlite else _DROP_POSTGRESQL:
        connection.exec_driver_sql(statement)


def create_view(connection: Connection, database: Database) -> None:
    """Create the view and its triggers."""
    for statement in _SQLITE if database.is_sqlite else _POSTGRESQL:
        connection.exec_driver_sql(statement)
