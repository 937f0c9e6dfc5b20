"""Runs in the database: listed, ranked, read whole, and annotated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import bindparam, select, update

from modellab.errors import InvalidInput, NotFound
from modellab.records import (
    MAX_NOTE_LENGTH,
    MetricSummary,
    Run,
    RunComparison,
    RunFilter,
    RunSummary,
)
from modellab.records.repro import Replay
from modellab.store.comparability import find_different_data
from modellab.store.dataset_rows import read_uses
from modellab.store.engine import Database
from modellab.store.events import clean_text
from modellab.store.feed import note_change
from modellab.store.filters import bind_values, check_filter
from modellab.store.pages import Page, check_count, read_cursor, write_cursor
from modellab.store.replays import fetch_replay
from modellab.store.run_rows import as_metric, as_run, as_summary
from modellab.store.search_index import index_items
from modellab.store.selection import count_runs, fetch_newest, fetch_ranked
from modellab.store.tables import console, metrics, runs, texts

MAX_LIST = 10_000
"""Runs in one page of a list."""
MAX_LEADERBOARD = 1000
"""Runs on one leaderboard."""
MAX_CHILDREN = 1000
"""Nested runs that a run names; a list of runs by `parent_id` has all of them."""
MAX_COMPARE = 100
"""Runs in one comparison."""

_diff, _freeze = texts.alias("diff"), texts.alias("freeze")
_WHOLE = (
    select(runs, _diff.c.body.label("git_diff"), _freeze.c.body.label("pip_freeze"))
    .outerjoin(_diff, _diff.c.digest == runs.c.git_diff_digest)
    .outerjoin(_freeze, _freeze.c.digest == runs.c.pip_freeze_digest)
)
_WHOLE_BY_IDS = _WHOLE.where(runs.c.run_id.in_(bindparam("ids", expanding=True)))
_IDS = select(runs.c.run_id).where(runs.c.deleted_us.is_(None))
_PROJECT = select(runs.c.project_id).where(runs.c.run_id == bindparam("run_id_"))
_PROJECTS = select(runs.c.run_id, runs.c.project_id).where(
    runs.c.run_id.in_(bindparam("ids", expanding=True))
)
_CHILDREN_BY_RUNS = (
    select(runs.c.parent_id, runs.c.run_id)
    .where(runs.c.parent_id.in_(bindparam("ids", expanding=True)), runs.c.deleted_us.is_(None))
    .order_by(runs.c.started_us, runs.c.id)
)
_METRICS_BY_RUNS = (
    select(metrics)
    .where(metrics.c.run.in_(bindparam("ids", expanding=True)))
    .order_by(metrics.c.run, metrics.c.key)
)


class RunShelf:
    """The runs of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self, wanted: RunFilter | None = None, *, limit: int = 1000, cursor: str | None = None
    ) -> Page[RunSummary]:
        """The runs that match, newest first, `limit` (1 to 10 000) at a time."""
        wanted = check_filter(wanted or RunFilter())
        check_count("limit", limit, MAX_LIST)
        values = bind_values(wanted)
        if cursor is not None:
            values["before_us"], values["before_id"] = read_cursor(cursor)
        with self._database.read() as connection:
            rows = fetch_newest(connection, values, limit=limit + 1, is_sqlite=self._database.is_sqlite)
        more = len(rows) > limit
        rows = rows[:limit]
        following = write_cursor(rows[-1].started_us, rows[-1].id) if more else None
        return Page([as_summary(row) for row in rows], following)

    def rank(
        self,
        metric_name: str,
        *,
        top_k: int = 10,
        ascending: bool = False,
        dataset_id: str | None = None,
        has_artifacts: bool | None = None,
        query: str | None = None,
        visible: frozenset[str] | None = None,
    ) -> Sequence[RunSummary]:
        """The `top_k` (1 to 1000) runs by the final value of a metric, largest first unless `ascending`.

        Runs without the metric, or with NaN, have no rank. `query` is a text of the query language;
        `visible` are the projects that the caller may see, `None` for all.
        """
        check_count("top_k", top_k, MAX_LEADERBOARD)
        wanted = RunFilter(
            metric_name=metric_name,
            dataset_id=dataset_id,
            has_artifacts=has_artifacts,
            query=query,
            visible=visible,
        )
        values = {"metric_name": metric_name, **bind_values(check_filter(wanted))}
        with self._database.read() as connection:
            rows = fetch_ranked(
                connection, values, limit=top_k, ascending=ascending, is_sqlite=self._database.is_sqlite
            )
        return [as_summary(row) for row in rows]

    def get(self, run_id: str, *, in_trash: bool = False) -> Run:
        """A run, whole; one that lies in the trash only if asked for. Raises `NotFound`."""
        return self.get_many([run_id], in_trash=in_trash)[0]

    def get_many(self, run_ids: Sequence[str], *, in_trash: bool = False) -> Sequence[Run]:
        """Runs, whole, in the order asked for; raises `NotFound` naming those that are not there."""
        wanted = list(dict.fromkeys(run_ids))
        statement = _WHOLE_BY_IDS if in_trash else _WHOLE_BY_IDS.where(runs.c.deleted_us.is_(None))
        with self._database.read() as connection:
            rows = {row.run_id: row for row in connection.execute(statement, {"ids": wanted})}
            missing = [run_id for run_id in wanted if run_id not in rows]
            if missing:
                raise report_no_runs(missing)
            summaries: dict[int, dict[str, MetricSummary]] = {row.id: {} for row in rows.values()}
            for found in connection.execute(_METRICS_BY_RUNS, {"ids": list(summaries)}).mappings():
                summaries[found["run"]][found["key"]] = as_metric(found)
            children: dict[str, list[str]] = {run_id: [] for run_id in wanted}
            for parent_id, run_id in connection.execute(_CHILDREN_BY_RUNS, {"ids": wanted}):
                children[parent_id].append(run_id)
            uses = read_uses(connection, list(summaries))
        return [
            as_run(
                rows[run_id],
                summaries[rows[run_id].id],
                children[run_id][:MAX_CHILDREN],
                uses[rows[run_id].id],
            )
            for run_id in wanted
        ]

    def find_project(self, run_id: str) -> str | None:
        """The project of a run, in the trash or not; raises `NotFound` for a run that is not there."""
        with self._database.read() as connection:
            row = connection.execute(_PROJECT, {"run_id_": run_id}).one_or_none()
        if row is None:
            raise report_no_runs([run_id])
        return cast("str | None", row.project_id)

    def find_projects(self, run_ids: Sequence[str], *, in_trash: bool = False) -> Mapping[str, str | None]:
        """The projects of those runs that are there; those in the trash only if asked for."""
        statement = _PROJECTS if in_trash else _PROJECTS.where(runs.c.deleted_us.is_(None))
        with self._database.read() as connection:
            rows = connection.execute(statement, {"ids": list(dict.fromkeys(run_ids))})
            return {row.run_id: row.project_id for row in rows}

    def compare(self, run_ids: Sequence[str]) -> RunComparison:
        """Runs side by side, with the union of their metric and param names (1 to 100 runs)."""
        check_count("The number of runs to compare", len(set(run_ids)), MAX_COMPARE)
        found = self.get_many(run_ids)
        return RunComparison(
            metric_keys=sorted({key for run in found for key in run.final_metrics}),
            param_keys=sorted({key for run in found for key in run.params}),
            runs=found,
            warnings=find_different_data(found),
        )

    def find(self, prefix: str) -> str:
        """The id of the one run whose id begins, or else ends, with `prefix`, in any letter case.

        The first half of an id is the time, so neighbours differ at the end. Raises `NotFound`, and
        `InvalidInput` if several ids fit.
        """
        if not prefix:
            raise InvalidInput("A run id has at least one character.")
        with self._database.read() as connection:
            for pattern in (
                runs.c.run_id == prefix,
                runs.c.run_id.istartswith(prefix, autoescape=True),
                runs.c.run_id.iendswith(prefix, autoescape=True),
            ):
                found = connection.execute(_IDS.where(pattern).limit(2)).scalars().all()
                if len(found) == 1:
                    return str(found[0])
                if found:
                    raise InvalidInput(f"More than one run id fits {prefix!r}.", hint="Give more characters.")
        raise report_no_runs([prefix])

    def set_note(self, run_id: str, note: str) -> Run:
        """Replace a run's note (at most 100 000 characters); the run as it is then. Raises `NotFound`."""
        if len(note) > MAX_NOTE_LENGTH:
            raise InvalidInput(f"The note has {len(note)} characters; at most {MAX_NOTE_LENGTH} are allowed.")
        with self._database.write() as connection:
            statement = update(runs).where(runs.c.run_id == run_id).values(note=clean_text(note))
            number = connection.execute(statement.returning(runs.c.id)).scalar_one_or_none()
            if number is None:
                raise report_no_runs([run_id])
            index_items(connection, self._database, "run", [number])
            note_change(connection, self._database, number, "changed")
        return self.get(run_id)

    def read_console(self, run_id: str) -> str:
        """What a run printed, as far as it was recorded."""
        return self.follow_console(run_id, 0)[0]

    def follow_console(self, run_id: str, place: int) -> tuple[str, int]:
        """What a run printed after a place in its console, and the place where that ends; 0 is the start."""
        # Lines of one run are written by one transaction at a time, so ids come in the order of commits.
        statement = select(console.c.text, console.c.id).join(runs, runs.c.id == console.c.run)
        wanted = statement.where(runs.c.run_id == run_id, console.c.id > place).order_by(console.c.id)
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return "".join(f"{text}\n" for text, _ in rows), rows[-1].id if rows else place

    def read_replay(self, run_id: str) -> Replay | None:
        """How a run can be started again; `None` if nothing was recorded of that."""
        with self._database.read() as connection:
            return fetch_replay(connection, run_id)

    def metric_names(self) -> Sequence[str]:
        """Every metric name that some run has, in order."""
        with self._database.read() as connection:
            return (
                connection.execute(select(metrics.c.key).distinct().order_by(metrics.c.key)).scalars().all()
            )

    def count(self, *, in_trash: bool = False) -> int:
        """How many runs there are, or how many lie in the trash."""
        with self._database.read() as connection:
            return count_runs(connection, in_trash=in_trash)


def report_no_runs(run_ids: Sequence[str]) -> NotFound:
    """The error that says that runs are not there; the same whoever asks."""
    shown = ", ".join(run_id[:60] for run_id in run_ids[:5]) + (", …" if len(run_ids) > 5 else "")
    word = "There is no run" if len(run_ids) == 1 else "There are no runs"
    return NotFound(f"{word} {shown}.", hint="`modellab runs` lists the runs that are there.")
