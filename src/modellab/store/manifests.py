"""The `manifests` view: the 14 documented columns, one row a run, open to INSERT and to UPDATE of `note`.

Triggers put what is inserted into the same tables that `ingest` fills, so that rows written with
plain SQL are found by filters and leaderboards at once.
"""

from __future__ import annotations

from sqlalchemy import Connection

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
"""

_INSERT_TEXTS = """
  INSERT INTO texts (digest, body) SELECT 'manifest:' || {id} || ':' || what, body FROM (
    SELECT 'git_diff' AS what, NEW.git_diff AS body UNION ALL SELECT 'pip_freeze', NEW.pip_freeze
  ) AS large WHERE body IS NOT NULL;
"""

_INSERT_RUN = """
  INSERT INTO runs (run_id, status, timestamp, started_us, dataset_id, git_hash, git_diff_digest, command,
                    python_version, pip_freeze_digest, device_info, params_json, final_metrics_json,
                    artifacts_json, n_artifacts, wandb_url, note)
  VALUES ({id}, 'completed', COALESCE(NEW.timestamp, {now}), {started}, NEW.dataset_id, NEW.git_hash,
          CASE WHEN NEW.git_diff IS NOT NULL THEN 'manifest:' || {id} || ':git_diff' END, NEW.command,
          NEW.python_version,
          CASE WHEN NEW.pip_freeze IS NOT NULL THEN 'manifest:' || {id} || ':pip_freeze' END, NEW.device_info,
          NEW.params_json, NEW.final_metrics_json, NEW.artifacts_json, {n_artifacts}, NEW.wandb_url, NEW.note);
"""

# A row without a run_id is possible in the documented table (SQLite lets a TEXT key be NULL).
_SQLITE_INSERT = f"""
CREATE TRIGGER manifests_insert INSTEAD OF INSERT ON manifests BEGIN
  {
    _INSERT_RUN.format(
        id="COALESCE(NEW.run_id, 'unnamed-' || (SELECT COALESCE(MAX(id), 0) + 1 FROM runs))",
        now="strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
        started="CAST(COALESCE((julianday(COALESCE(NEW.timestamp, 'now')) - 2440587.5) * 86400000000.0, 0) AS INTEGER)",
        n_artifacts="CASE WHEN json_valid(NEW.artifacts_json) AND json_type(NEW.artifacts_json) = 'array' "
        "THEN json_array_length(NEW.artifacts_json) ELSE 0 END",
    )
}
  {_INSERT_TEXTS.format(id="(SELECT run_id FROM runs WHERE id = last_insert_rowid())")}
  INSERT INTO params (run, key, text, number)
    SELECT (SELECT MAX(id) FROM runs), key,
           substr(CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN 'null'
                  ELSE CAST(value AS TEXT) END, 1, {INDEXED_TEXT_LENGTH}),
           CASE WHEN type IN ('integer', 'real') THEN CAST(value AS REAL) END
    FROM json_each(CASE WHEN json_valid(NEW.params_json) AND json_type(NEW.params_json) = 'object'
                   THEN NEW.params_json ELSE '{{}}' END);
  INSERT INTO metrics (run, key, final, last, first, min, max, count, n_nonfinite, returned)
    SELECT (SELECT MAX(id) FROM runs), key, number, number, number, number, number, 0, 0, 1
    FROM (SELECT key, CASE WHEN type IN ('integer', 'real') THEN CAST(value AS REAL)
                      WHEN value = 'inf' THEN 9e999 WHEN value = '-inf' THEN -9e999 END AS number, type, value
          FROM json_each(CASE WHEN json_valid(NEW.final_metrics_json) AND json_type(NEW.final_metrics_json) = 'object'
                         THEN NEW.final_metrics_json ELSE '{{}}' END))
    WHERE type IN ('integer', 'real') OR value IN ('nan', 'inf', '-inf');
END
"""

_SQLITE_UPDATE = """
CREATE TRIGGER manifests_note INSTEAD OF UPDATE OF note ON manifests BEGIN
  UPDATE runs SET note = NEW.note WHERE run_id = OLD.run_id;
END
"""

_POSTGRESQL_NOW = "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"

_POSTGRESQL_INSERT = f"""
CREATE FUNCTION modellab_manifests_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  new_id bigint;
  started bigint := 0;
  all_params jsonb := '{{}}';
  all_metrics jsonb := '{{}}';
  n_files integer := 0;
BEGIN
  NEW.run_id := COALESCE(NEW.run_id, 'unnamed-' || (SELECT COALESCE(MAX(id), 0) + 1 FROM runs));
  BEGIN
    started := EXTRACT(EPOCH FROM (CASE WHEN NEW.timestamp ~ '([zZ]|[+-][0-9][0-9]:?[0-9]*)$' AND length(NEW.timestamp) > 10
                                   THEN NEW.timestamp::timestamptz
                                   ELSE COALESCE(NEW.timestamp::timestamp, now()::timestamp) AT TIME ZONE 'UTC' END)) * 1000000;
  EXCEPTION WHEN OTHERS THEN started := 0;
  END;
  BEGIN
    IF jsonb_typeof(NEW.params_json::jsonb) = 'object' THEN all_params := NEW.params_json::jsonb; END IF;
  EXCEPTION WHEN OTHERS THEN NULL;
  END;
  BEGIN
    IF jsonb_typeof(NEW.final_metrics_json::jsonb) = 'object' THEN all_metrics := NEW.final_metrics_json::jsonb; END IF;
  EXCEPTION WHEN OTHERS THEN NULL;
  END;
  BEGIN
    IF jsonb_typeof(NEW.artifacts_json::jsonb) = 'array' THEN n_files := jsonb_array_length(NEW.artifacts_json::jsonb); END IF;
  EXCEPTION WHEN OTHERS THEN NULL;
  END;
  {_INSERT_TEXTS.format(id="NEW.run_id")}
  {
    _INSERT_RUN.format(id="NEW.run_id", now=_POSTGRESQL_NOW, started="started", n_artifacts="n_files")
    .strip()
    .removesuffix(";")
} RETURNING id INTO new_id;
  INSERT INTO params (run, key, text, number)
    SELECT new_id, key, left(value #>> '{{}}', {INDEXED_TEXT_LENGTH}),
           CASE WHEN jsonb_typeof(value) = 'number' THEN (value #>> '{{}}')::double precision END
    FROM (SELECT key, CASE WHEN value = 'null' THEN '"null"' ELSE value END AS value FROM jsonb_each(all_params)) AS p;
  INSERT INTO metrics (run, key, final, last, first, min, max, count, n_nonfinite, returned)
    SELECT new_id, key, number, number, number, number, number, 0, 0, 1
    FROM (SELECT key, value, CASE WHEN jsonb_typeof(value) = 'number' OR value #>> '{{}}' IN ('inf', '-inf')
                             THEN (value #>> '{{}}')::double precision END AS number
          FROM jsonb_each(all_metrics)) AS m
    WHERE jsonb_typeof(value) = 'number' OR value #>> '{{}}' IN ('nan', 'inf', '-inf');
  RETURN NEW;
END $$
"""

_POSTGRESQL_UPDATE = """
CREATE FUNCTION modellab_manifests_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE runs SET note = NEW.note WHERE run_id = OLD.run_id;
  RETURN NEW;
END $$
"""

_SQLITE = (_VIEW, _SQLITE_INSERT, _SQLITE_UPDATE)
_POSTGRESQL = (
    _VIEW,
    _POSTGRESQL_INSERT,
    "CREATE TRIGGER manifests_insert INSTEAD OF INSERT ON manifests "
    "FOR EACH ROW EXECUTE FUNCTION modellab_manifests_insert()",
    _POSTGRESQL_UPDATE,
    "CREATE TRIGGER manifests_note INSTEAD OF UPDATE ON manifests "
    "FOR EACH ROW EXECUTE FUNCTION modellab_manifests_note()",
)


def create_view(connection: Connection, database: Database) -> None:
    """Create the view and its triggers."""
    for statement in _SQLITE if database.is_sqlite else _POSTGRESQL:
        connection.exec_driver_sql(statement)
