-- The fourth schema, as ModelLab made it on this database before it could be searched. Tests migrate it; it never changes.
;;
CREATE TABLE modellab_migrations (
	number INTEGER NOT NULL,
	name TEXT NOT NULL,
	applied_at TEXT NOT NULL,
	PRIMARY KEY (number)
)
;;
CREATE TABLE texts (
	digest TEXT NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (digest)
)
;;
CREATE TABLE users (
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	password_hash TEXT,
	created_us BIGINT NOT NULL,
	disabled_us BIGINT,
	sessions_from_us BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (name)
)
;;
CREATE TABLE audit (
	id INTEGER NOT NULL,
	at_us BIGINT NOT NULL,
	actor TEXT NOT NULL,
	key_id TEXT,
	action TEXT NOT NULL,
	kind TEXT NOT NULL,
	target TEXT NOT NULL,
	details_json TEXT NOT NULL,
	address TEXT,
	request_id TEXT,
	PRIMARY KEY (id)
)
;;
CREATE INDEX audit_by_target ON audit (kind, target, id)
;;
CREATE TABLE secrets (
	name TEXT NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (name)
)
;;
CREATE TABLE projects (
	id INTEGER NOT NULL,
	project_id TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT,
	tags_json TEXT,
	created_us BIGINT NOT NULL,
	updated_us BIGINT NOT NULL,
	deleted_us BIGINT,
	PRIMARY KEY (id),
	UNIQUE (project_id)
)
;;
CREATE TABLE datasets (
	id INTEGER NOT NULL,
	dataset_id TEXT NOT NULL,
	project_id TEXT DEFAULT '' NOT NULL,
	name TEXT NOT NULL,
	version INTEGER NOT NULL,
	parent_id TEXT,
	description TEXT,
	tags_json TEXT,
	filename TEXT,
	format TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	size BIGINT NOT NULL,
	n_rows BIGINT,
	n_columns INTEGER,
	columns_json TEXT,
	unread TEXT,
	changes_json TEXT,
	created_us BIGINT NOT NULL,
	updated_us BIGINT NOT NULL,
	deleted_us BIGINT,
	purged_us BIGINT,
	PRIMARY KEY (id),
	UNIQUE (project_id, name, version),
	UNIQUE (dataset_id)
)
;;
CREATE INDEX datasets_by_content ON datasets (sha256)
;;
CREATE TABLE blobs (
	sha256 TEXT NOT NULL,
	size BIGINT NOT NULL,
	created_us BIGINT NOT NULL,
	PRIMARY KEY (sha256)
)
;;
CREATE TABLE withheld (
	sha256 TEXT NOT NULL,
	project_id TEXT NOT NULL,
	PRIMARY KEY (sha256, project_id)
)
 WITHOUT ROWID
;;
CREATE TABLE purged_runs (
	run_id TEXT NOT NULL,
	purged_us BIGINT NOT NULL,
	PRIMARY KEY (run_id)
)
;;
CREATE TABLE views (
	id INTEGER NOT NULL,
	view_id TEXT NOT NULL,
	project_id TEXT DEFAULT '' NOT NULL,
	page TEXT NOT NULL,
	owner TEXT DEFAULT '' NOT NULL,
	name TEXT NOT NULL,
	state_json TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	updated_us BIGINT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (project_id, page, owner, name),
	UNIQUE (view_id)
)
;;
CREATE TABLE runs (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	status TEXT NOT NULL,
	timestamp TEXT,
	started_us BIGINT NOT NULL,
	ended_us BIGINT,
	name TEXT,
	project_id TEXT,
	parent_id TEXT,
	function TEXT,
	seed BIGINT,
	dataset_id TEXT,
	git_hash TEXT,
	git_branch TEXT,
	git_dirty INTEGER,
	git_diff_digest TEXT,
	command TEXT,
	python_version TEXT,
	pip_freeze_digest TEXT,
	device_info TEXT,
	hostname TEXT,
	user TEXT,
	description TEXT,
	config_json TEXT,
	params_json TEXT,
	final_metrics_json TEXT,
	artifacts_json TEXT,
	n_artifacts INTEGER DEFAULT '0' NOT NULL,
	tags_json TEXT,
	wandb_url TEXT,
	note TEXT,
	error TEXT,
	traceback TEXT,
	n_dropped BIGINT DEFAULT '0' NOT NULL,
	deleted_us BIGINT,
	PRIMARY KEY (id),
	UNIQUE (run_id),
	FOREIGN KEY(git_diff_digest) REFERENCES texts (digest),
	FOREIGN KEY(pip_freeze_digest) REFERENCES texts (digest)
)
;;
CREATE INDEX runs_overview ON runs (status, started_us, id, ended_us, project_id, deleted_us, n_artifacts)
;;
CREATE INDEX runs_newest ON runs (started_us, id)
;;
CREATE INDEX runs_by_project ON runs (project_id, started_us)
;;
CREATE INDEX runs_parent ON runs (parent_id)
;;
CREATE TABLE memberships (
	user INTEGER NOT NULL,
	project_id TEXT NOT NULL,
	role TEXT NOT NULL,
	PRIMARY KEY (user, project_id),
	FOREIGN KEY(user) REFERENCES users (id)
)
;;
CREATE TABLE api_keys (
	id INTEGER NOT NULL,
	key_id TEXT NOT NULL,
	user INTEGER NOT NULL,
	name TEXT NOT NULL,
	scope TEXT NOT NULL,
	secret_sha256 TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	expires_us BIGINT,
	revoked_us BIGINT,
	last_used_us BIGINT,
	PRIMARY KEY (id),
	UNIQUE (key_id),
	FOREIGN KEY(user) REFERENCES users (id)
)
;;
CREATE TABLE writers (
	id INTEGER NOT NULL,
	run INTEGER NOT NULL,
	writer_id TEXT NOT NULL,
	"offset" BIGINT NOT NULL,
	role TEXT NOT NULL,
	state TEXT NOT NULL,
	outcome TEXT,
	error TEXT,
	traceback TEXT,
	n_dropped BIGINT DEFAULT '0' NOT NULL,
	started_ms BIGINT NOT NULL,
	last_ms BIGINT NOT NULL,
	seen_ms BIGINT,
	PRIMARY KEY (id),
	UNIQUE (run, writer_id),
	FOREIGN KEY(run) REFERENCES runs (id)
)
;;
CREATE TABLE params (
	run INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	text TEXT NOT NULL,
	number DOUBLE,
	PRIMARY KEY (run, "key"),
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID
;;
CREATE INDEX params_by_number ON params ("key", number, run)
;;
CREATE INDEX params_by_text ON params ("key", text, run)
;;
CREATE TABLE metrics (
	run INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	final DOUBLE,
	last DOUBLE,
	first DOUBLE,
	min DOUBLE,
	max DOUBLE,
	count BIGINT NOT NULL,
	n_nonfinite BIGINT NOT NULL,
	first_step BIGINT,
	last_step BIGINT,
	min_step BIGINT,
	max_step BIGINT,
	returned INTEGER NOT NULL,
	PRIMARY KEY (run, "key"),
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID
;;
CREATE INDEX metrics_by_final ON metrics ("key", final, run)
;;
CREATE TABLE metric_chunks (
	id INTEGER NOT NULL,
	run INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	writer INTEGER NOT NULL,
	lo BIGINT NOT NULL,
	hi BIGINT NOT NULL,
	n INTEGER NOT NULL,
	stride BIGINT,
	t0 BIGINT NOT NULL,
	t1 BIGINT NOT NULL,
	vmin DOUBLE,
	vmin_step BIGINT,
	vmin_time BIGINT,
	vmax DOUBLE,
	vmax_step BIGINT,
	vmax_time BIGINT,
	vsum DOUBLE NOT NULL,
	n_nonfinite INTEGER NOT NULL,
	rollup BLOB NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(run) REFERENCES runs (id)
)
;;
CREATE INDEX metric_chunks_chart ON metric_chunks (run, "key", lo, hi, n, vmin, vmin_step, vmin_time, vmax, vmax_step, vmax_time, n_nonfinite, id)
;;
CREATE INDEX metric_chunks_writer ON metric_chunks (run, writer, n)
;;
CREATE TABLE console (
	id INTEGER NOT NULL,
	run INTEGER NOT NULL,
	stream TEXT NOT NULL,
	time_ms BIGINT NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(run) REFERENCES runs (id)
)
;;
CREATE INDEX console_by_run ON console (run, id)
;;
CREATE TABLE run_datasets (
	run INTEGER NOT NULL,
	dataset INTEGER NOT NULL,
	split TEXT NOT NULL,
	PRIMARY KEY (run, dataset, split),
	FOREIGN KEY(run) REFERENCES runs (id),
	FOREIGN KEY(dataset) REFERENCES datasets (id)
)
 WITHOUT ROWID
;;
CREATE INDEX run_datasets_by_dataset ON run_datasets (dataset, run)
;;
CREATE TABLE artifacts (
	run INTEGER NOT NULL,
	path TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	size BIGINT NOT NULL,
	media_type TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	PRIMARY KEY (run, path),
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID
;;
CREATE INDEX artifacts_by_content ON artifacts (sha256)
;;
CREATE TABLE tags (
	run INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (run, "key"),
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID
;;
CREATE INDEX tags_by_text ON tags ("key", text, run)
;;
CREATE TABLE feed (
	run INTEGER NOT NULL,
	seq BIGINT NOT NULL,
	started_seq BIGINT DEFAULT '0' NOT NULL,
	points_seq BIGINT DEFAULT '0' NOT NULL,
	ended_seq BIGINT DEFAULT '0' NOT NULL,
	changed_seq BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (run),
	FOREIGN KEY(run) REFERENCES runs (id)
)
;;
CREATE UNIQUE INDEX feed_by_seq ON feed (seq)
;;
CREATE TABLE evaluations (
	run INTEGER NOT NULL,
	name TEXT NOT NULL,
	task_type TEXT NOT NULL,
	n BIGINT NOT NULL,
	primary_metric TEXT NOT NULL,
	classes_json TEXT,
	metrics_json TEXT NOT NULL,
	notes_json TEXT NOT NULL,
	intervals_json TEXT NOT NULL,
	takeaway TEXT NOT NULL,
	rows_sha256 TEXT NOT NULL,
	examples_sha256 TEXT,
	files_json TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	PRIMARY KEY (run, name),
	FOREIGN KEY(run) REFERENCES runs (id)
)
;;
CREATE TABLE latencies (
	run INTEGER NOT NULL,
	name TEXT NOT NULL,
	report_json TEXT NOT NULL,
	samples_sha256 TEXT,
	files_json TEXT NOT NULL,
	created_us BIGINT NOT NULL,
	PRIMARY KEY (run, name),
	FOREIGN KEY(run) REFERENCES runs (id)
)
;;
CREATE INDEX IF NOT EXISTS runs_in_trash ON runs (deleted_us) WHERE deleted_us IS NOT NULL
;;
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
;;
CREATE TRIGGER manifests_insert INSTEAD OF INSERT ON manifests BEGIN
  -- Before anything else: INSERT OR IGNORE and OR REPLACE reach into a trigger.
  SELECT RAISE(ABORT, 'manifests: there is a run with this run_id')
    WHERE EXISTS (SELECT 1 FROM runs WHERE run_id = NEW.run_id);

  INSERT INTO runs (run_id, status, timestamp, started_us, dataset_id, git_hash, git_diff_digest, command,
                    python_version, pip_freeze_digest, device_info, params_json, final_metrics_json,
                    artifacts_json, n_artifacts, wandb_url, note)
  VALUES (CAST(COALESCE(NEW.run_id, 'unnamed-' || (SELECT COALESCE(MAX(id), 0) + 1 FROM runs)) AS TEXT), 'completed', CAST(COALESCE(NEW.timestamp, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')) AS TEXT), CASE
    WHEN NEW.timestamp IS NULL THEN CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
    WHEN substr(NEW.timestamp, 20, 1) = '.' THEN
      COALESCE(strftime('%s', substr(NEW.timestamp, 1, 19) || ltrim(substr(NEW.timestamp, 21), '0123456789'))
               * 1000000 + CAST(round(('0.' || substr(NEW.timestamp, 21, 6)) * 1000000) AS INTEGER), 0)
    ELSE COALESCE(strftime('%s', NEW.timestamp) * 1000000, 0) END,
          CAST(NEW.dataset_id AS TEXT), CAST(NEW.git_hash AS TEXT),
          CASE WHEN NEW.git_diff IS NOT NULL THEN 'manifest:' || COALESCE(NEW.run_id, 'unnamed-' || (SELECT COALESCE(MAX(id), 0) + 1 FROM runs)) || ':git_diff' END,
          CAST(NEW.command AS TEXT), CAST(NEW.python_version AS TEXT),
          CASE WHEN NEW.pip_freeze IS NOT NULL THEN 'manifest:' || COALESCE(NEW.run_id, 'unnamed-' || (SELECT COALESCE(MAX(id), 0) + 1 FROM runs)) || ':pip_freeze' END,
          CAST(NEW.device_info AS TEXT), CAST(NEW.params_json AS TEXT), CAST(NEW.final_metrics_json AS TEXT),
          CAST(NEW.artifacts_json AS TEXT), COALESCE(json_array_length((SELECT CASE WHEN json_valid(body) THEN CASE WHEN json_type(body) = 'array' THEN body END END
       FROM (SELECT CASE WHEN json_valid(NEW.artifacts_json) THEN NEW.artifacts_json ELSE replace(replace(replace(replace(replace(replace(NEW.artifacts_json, ': NaN', ': "nan"'), ':NaN', ': "nan"'), ': Infinity', ': "inf"'), ':Infinity', ': "inf"'), ': -Infinity', ': "-inf"'), ':-Infinity', ': "-inf"') END AS body))), 0), CAST(NEW.wandb_url AS TEXT), CAST(NEW.note AS TEXT));


  INSERT INTO texts (digest, body) SELECT 'manifest:' || (SELECT run_id FROM runs WHERE id = (SELECT MAX(id) FROM runs)) || ':' || what, CAST(body AS TEXT) FROM (
    SELECT 'git_diff' AS what, NEW.git_diff AS body UNION ALL SELECT 'pip_freeze', NEW.pip_freeze
  ) AS large WHERE body IS NOT NULL;

  INSERT INTO params (run, key, text, number)
    SELECT (SELECT MAX(id) FROM runs), key,
           substr(CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN 'null'
                  ELSE CAST(value AS TEXT) END, 1, 300),
           CASE WHEN type IN ('integer', 'real') THEN CAST(value AS REAL) END
    FROM (SELECT key, value, type, MAX(id)
        FROM json_each((SELECT CASE WHEN json_valid(body) THEN CASE WHEN json_type(body) = 'object' THEN body END END
       FROM (SELECT CASE WHEN json_valid(NEW.params_json) THEN NEW.params_json ELSE replace(replace(replace(replace(replace(replace(NEW.params_json, ': NaN', ': "nan"'), ':NaN', ': "nan"'), ': Infinity', ': "inf"'), ':Infinity', ': "inf"'), ': -Infinity', ': "-inf"'), ':-Infinity', ': "-inf"') END AS body))) GROUP BY key) WHERE length(key) BETWEEN 1 AND 250;
  INSERT INTO metrics (run, key, final, last, first, min, max, count, n_nonfinite, returned)
    SELECT (SELECT MAX(id) FROM runs), key, number, number, number, finite, finite, 0, 0, 1
    FROM (SELECT *, CASE WHEN abs(number) < 9e999 THEN number END AS finite
          FROM (SELECT *, CASE WHEN type IN ('integer', 'real') THEN CAST(value AS REAL)
                               WHEN value = 'inf' THEN 9e999 WHEN value = '-inf' THEN -9e999 END AS number
                FROM (SELECT key, value, type, MAX(id)
        FROM json_each((SELECT CASE WHEN json_valid(body) THEN CASE WHEN json_type(body) = 'object' THEN body END END
       FROM (SELECT CASE WHEN json_valid(NEW.final_metrics_json) THEN NEW.final_metrics_json ELSE replace(replace(replace(replace(replace(replace(NEW.final_metrics_json, ': NaN', ': "nan"'), ':NaN', ': "nan"'), ': Infinity', ': "inf"'), ':Infinity', ': "inf"'), ': -Infinity', ': "-inf"'), ':-Infinity', ': "-inf"') END AS body))) GROUP BY key)))
    WHERE (type IN ('integer', 'real') OR value IN ('nan', 'inf', '-inf')) AND length(key) BETWEEN 1 AND 250;
END
;;
CREATE TRIGGER manifests_note INSTEAD OF UPDATE ON manifests BEGIN
  SELECT RAISE(ABORT, 'manifests: nothing but the note can be changed')
    WHERE NEW.run_id IS NOT OLD.run_id OR NEW.timestamp IS NOT OLD.timestamp OR NEW.git_hash IS NOT OLD.git_hash OR NEW.git_diff IS NOT OLD.git_diff OR NEW.command IS NOT OLD.command OR NEW.python_version IS NOT OLD.python_version OR NEW.pip_freeze IS NOT OLD.pip_freeze OR NEW.device_info IS NOT OLD.device_info OR NEW.dataset_id IS NOT OLD.dataset_id OR NEW.params_json IS NOT OLD.params_json OR NEW.final_metrics_json IS NOT OLD.final_metrics_json OR NEW.artifacts_json IS NOT OLD.artifacts_json OR NEW.wandb_url IS NOT OLD.wandb_url;
  UPDATE runs SET note = NEW.note WHERE run_id = OLD.run_id;
END
;;
INSERT INTO modellab_migrations (number, name, applied_at) VALUES (1, 'initial', '2026-11-20T00:00:00+00:00'), (2, 'platform', '2026-11-20T00:00:00+00:00'), (3, 'evaluations', '2026-11-20T00:00:00+00:00'), (4, 'web app', '2026-11-20T00:00:00+00:00')
