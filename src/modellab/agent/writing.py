"""What tools change: notes, and the tag of runs that are to be published. Never a run's record."""

from __future__ import annotations

from typing import Any

from modellab.agent import arguments
from modellab.agent.api import LabAPI
from modellab.agent.brief import shorten_entries
from modellab.agent.references import find_run

PUBLISH_TAG = {"publish": "true"}
"""The tag of a run that is flagged for publishing."""


def update_note(api: LabAPI, given: arguments.UpdateNote) -> dict[str, Any]:
    """Write a note; tell what it is now and was before."""
    run = api.run(find_run(api, given.run_id))
    before = run["note"]
    note = f"{before}\n{given.note}" if before and given.mode == "append" else given.note
    api.write_note(run["run_id"], note)
    return {"run_id": run["run_id"], "name": run["name"], "note": note, "note_before": before}


def flag_run(api: LabAPI, given: arguments.FlagRun) -> dict[str, Any]:
    """Put the tag `publish` on a run."""
    run = api.set_tags(find_run(api, given.run_id), PUBLISH_TAG)
    return {"run_id": run["run_id"], "name": run["name"], "tags": shorten_entries(run["tags"])}
