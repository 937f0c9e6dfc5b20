"""Files of one run on their way into its journal: copied into the spool, and told of what is not kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from modellab.errors import InvalidInput
from modellab.journal.writer import JournalWriter
from modellab.notice import tell
from modellab.settings import Settings

if TYPE_CHECKING:
    from modellab.tracking.evaluations import Report
    from modellab.tracking.spool import Copied


class ArtifactLog:
    """What a run logs as its files; the first trouble with keeping them is told, all are counted."""

    def __init__(self, settings: Settings, writer: JournalWriter) -> None:
        self._settings = settings
        self._writer = writer
        self._is_told = False

    def describe(self, path: str, name: str | None = None) -> dict[str, Any]:
        """The fields of the event for a file or folder, of which there are copies now."""
        from modellab.tracking.spool import name_artifact, spool_artifact  # late: many runs log no file

        place = self._settings
        fields: dict[str, Any] = {"path": name_artifact(path, name, place.root)}
        if place.keep_artifacts and os.path.exists(path):
            copied = spool_artifact(path, name, root=place.root, spool=place.spool, home=place.home)
            fields["files"] = copied.files
            self.count(copied)
        return fields

    def add_report(self, describe: Callable[[], Report]) -> Mapping[str, float]:
        """Record a report with its files; the metrics that it gives the run, none if it could not be.

        What goes wrong is told, and not raised: the training that made the report goes on.
        """
        from modellab.tracking.evaluations import encode_report, spool_report

        try:
            report = describe()
            copied = spool_report(report, self._settings)
            lines = encode_report(report, copied.files)
        except Exception as problem:  # no memory, say, or no room
            self._writer.dropped += 1
            tell(f"Run {self._writer.run_id}: a report could not be recorded: {problem}", stacklevel=5)
            return {}
        self.count(copied)
        return report.headline if self._writer.append(lines) else {}

    def count(self, copied: Copied) -> None:
        """Count the files that are not kept, and say so the first time."""
        self._writer.dropped += copied.n_failed
        if copied.n_failed and not self._is_told:
            self._is_told = True
            tell(
                f"Run {self._writer.run_id}: not all files could be kept, only their paths; the first is "
                f"{copied.trouble}. `run.dropped` counts them.",
                stacklevel=6,
            )


def check_artifact(path: object, name: object) -> None:
    """Raise `InvalidInput` unless there is something at `path`, and `name` can say where it goes."""
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise InvalidInput(f"An artifact is a path, not {type(path).__name__}: {str(path)[:80]!r}.")
    if not os.path.exists(path):
        raise InvalidInput(f"There is no file or folder {os.fspath(path)!r}.")
    if name is not None:
        from modellab.tracking.spool import check_name

        check_name(name)
