"""The page that `modellab doctor` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os.path import relpath

from rich.console import RenderableType
from rich.text import Text

from modellab.cli.diagnosis import DatabaseState, Diagnosis, JournalState, Place
from modellab.cli.formats import format_size, plural
from modellab.cli.outboxes import OutboxState, ServerState, describe_waiting
from modellab.cli.sheets import make_fields, make_section

Field = tuple[str, str | Text]

_MOST_FILES = 10


def make_page(found: Diagnosis) -> Iterator[RenderableType]:
    """The page's parts, with the verdict at the end, where the eye is."""
    yield make_section("Place", make_fields(_place(found.place)))
    yield make_section("Database", make_fields(_database(found.database)))
    yield make_section("Journals", make_fields(_journals(found.journals, found.place.journals)))
    if found.files is not None:
        read = [("read", plural(found.files.n_kept, "file"))]
        yield make_section("Files", make_fields(read))
    if found.server is not None or found.outboxes:
        yield make_section("Servers", make_fields(_servers(found.server, found.outboxes)))
    yield make_section("Versions", make_fields(_versions(found)))
    yield make_section("Extras", make_fields(_extra(name, found.extras[name]) for name in found.extras))
    if not found.problems:
        n_bad = sum(found.journals.bad_lines.values())
        lost = f", except that {plural(n_bad, 'line')} of journals could not be read" if n_bad else ""
        yield Text(f"\nAll is well{lost}.", "yellow" if lost else "green")
        return
    yield Text(f"\n{plural(len(found.problems), 'problem')}:", "bold red")
    for problem in found.problems:
        yield Text(f"  {problem}", "red")
    if found.database.hint:
        yield Text(f"  hint: {found.database.hint}")


def _place(place: Place) -> list[Field]:
    why = (
        f"({place.root_mark} is there)"
        if place.root_mark
        else "(the current folder: no .env, manifests or .git above)"
    )
    return [
        ("project", place.project_name),
        ("root", _explain(place.root, why)),
        ("database", _explain(place.database, f"({place.database_from})")),
        ("journals", place.journals),
        ("writable", "yes" if place.is_writable else Text("no", "red")),
    ]


def _database(state: DatabaseState) -> list[Field]:
    if state.error is not None:
        return [("state", Text(state.error, "red"))]
    if not state.exists and state.n_runs is None:
        return [("state", "not there yet; the first run makes it")]
    return [
        ("kind", f"{state.version}, schema {state.schema_number}"),
        ("size", format_size(state.size_bytes or 0)),
        ("runs", f"{state.n_runs}" + (f", and {state.n_deleted} in the trash" if state.n_deleted else "")),
    ]


def _journals(state: JournalState, folder: str) -> list[Field]:
    waiting = f"{state.n_open}, of which {state.n_live} being written" if state.n_open else "0"
    rows: list[Field] = [("there", str(state.n_journals)), ("open", waiting)]
    if state.unread is None:
        rows.append(("not wholly read", "unknown without the database" if state.n_journals else "0"))
    else:
        rows.append(("not wholly read", Text(str(len(state.unread)), "red" if state.unread else "")))
        rows += [("", relpath(path, folder)) for path in state.unread[:_MOST_FILES]]
    bad = sum(state.bad_lines.values())
    rows.append(("unreadable lines", Text(str(bad), "yellow" if bad else "")))
    files = list(state.bad_lines.items())
    return [
        *rows,
        *(("", f"{relpath(path, folder)}: {plural(n, 'line')}") for path, n in files[:_MOST_FILES]),
    ]


def _servers(server: ServerState | None, outboxes: Sequence[OutboxState]) -> list[Field]:
    rows: list[Field] = []
    if server is not None:
        state = Text("does not answer" if server.error else "answers", "red" if server.error else "green")
        rows.append((server.address, Text.assemble(state, ("  (MODELLAB_API_URL)", "dim"))))
    for outbox in outboxes:
        waits = describe_waiting(outbox) if outbox.n_waiting or outbox.n_files else "nothing"
        live = f", {plural(outbox.n_live, 'run')} being recorded" if outbox.n_live else ""
        recorded = f"{plural(outbox.n_runs, 'run')} recorded here"
        rows.append((outbox.address, Text.assemble(f"waiting: {waits}{live}", (f"  ({recorded})", "dim"))))
    return rows


def _versions(found: Diagnosis) -> list[Field]:
    packages = {"Python": found.python, "modellab": found.modellab}
    return [
        *packages.items(),
        *((name, version or Text("missing", "red")) for name, version in found.packages.items()),
    ]


def _extra(name: str, versions: Mapping[str, str | None]) -> Field:
    there = ", ".join(f"{package} {version}" for package, version in versions.items() if version)
    missing = [package for package, version in versions.items() if not version]
    if not missing:
        return name, there
    advice = f"pip install 'modellab[{name}]'"
    return name, Text(
        f"{there}; {', '.join(missing)} missing: {advice}" if there else f"not installed: {advice}", "dim"
    )


def _explain(value: str, why: str) -> Text:
    return Text.assemble(value, "  ", (why, "dim"))
