"""What runs were told to do, of many at once and nothing else of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from modellab.records.run_groups import RunConfiguration
from modellab.store.dataset_rows import read_uses
from modellab.store.engine import Database
from modellab.store.json_columns import decode_json
from modellab.store.tables import runs

_AT_ONCE = 2000
_PLAIN = ("run_id", "project_id", "seed", "git_hash", "git_diff_digest", "function", "command", "dataset_id")
_ROWS = select(runs.c.id, runs.c.params_json, runs.c.config_json, *(runs.c[name] for name in _PLAIN)).where(
    runs.c.run_id.in_(bindparam("run_ids", expanding=True))
)


class ConfigurationShelf:
    """The configurations of the runs in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, run_ids: Sequence[str]) -> dict[str, RunConfiguration]:
        """The configurations of these runs, by their ids; one that is not there is left out."""
        found: dict[str, RunConfiguration] = {}
        for start in range(0, len(run_ids), _AT_ONCE):
            with self._database.read() as connection:
                rows = connection.execute(_ROWS, {"run_ids": run_ids[start : start + _AT_ONCE]}).all()
                uses = read_uses(connection, [row.id for row in rows])
            for row in rows:
                found[row.run_id] = RunConfiguration(
                    **{name: getattr(row, name) for name in _PLAIN},
                    params=decode_json(row.params_json, dict),
                    config=decode_json(row.config_json, dict),
                    datasets=uses[row.id],
                )
        return found
