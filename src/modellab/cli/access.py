"""From the command line to the store and to a run: `--db`, opening, and what RUN may be."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from modellab.cli.errors import print_warning
from modellab.errors import NotFound, StoreError
from modellab.settings import Settings, load_settings

if TYPE_CHECKING:
    from modellab.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])

_DB_PATH = "modellab.db_path"
_LATEST = re.compile(r"latest(?:~(\d{1,4}))?")


def db_option(*, hidden: bool = False) -> Callable[[Command], Command]:
    """The option `--db`, which works before and after the command's name."""

    def remember(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.meta[_DB_PATH] = value

    return click.option(
        "--db",
        metavar="PATH",
        hidden=hidden,
        expose_value=False,
        callback=remember,
        help="The database file, instead of the project's.",
    )


def given_db_path() -> str | None:
    """What `--db` said."""
    path: str | None = click.get_current_context().meta.get(_DB_PATH)
    return path


def given_settings() -> Settings:
    """The settings of the project that the current folder lies in, with the server that it records on."""
    return load_settings(db_path=given_db_path())


def current_settings() -> Settings:
    """The settings of the project that the current folder lies in; `--db` wins over an address.

    Commands read the project's own store: what is recorded on a server is looked at there.
    """
    settings = replace(given_settings(), api_url=None)
    if given_db_path() is None or settings.database_url is None:
        return settings
    return replace(settings, database_url=None)


def is_there(settings: Settings) -> bool:
    """Whether there is a store, or journals to make one from; looking for runs must not make one."""
    return settings.database_url is not None or settings.db_path.exists() or settings.journals.is_dir()


@contextmanager
def open_collected() -> Iterator[Store]:
    """The project's store, after what a crash left has been taken in; raises `NotFound` if there is none."""
    settings = current_settings()
    if not is_there(settings):
        raise NotFound(
            f"There are no runs yet: {settings.db_path} is not there.", hint="Try `modellab demo`."
        )
    from modellab.store import open_store  # late: SQLAlchemy

    with open_store(settings) as store:
        collect_quietly(store)
        yield store


@contextmanager
def open_if_there() -> Iterator[Store | None]:
    """As `open_collected`, but `None` if there is no store: nothing to list is no error."""
    if not is_there(current_settings()):
        yield None
        return
    with open_collected() as store:
        yield store


def collect_quietly(store: Store) -> None:
    """Take in what live and crashed runs have logged; trouble with that is one line on stderr."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        try:
            store.collector.collect_open()
            store.take_in_files()
        except (StoreError, OSError) as error:
            print_warning(f"What runs have logged could not be taken in: {str(error).splitlines()[0]}")
    if len(caught) == 1:
        print_warning(str(caught[0].message))
    elif caught:
        print_warning(f"{len(caught)} journals have lines that cannot be read; see `modellab doctor`.")


def find_run(store: Store, reference: str) -> str:
    """The id of the run that RUN means: an id, a unique beginning or ending, `latest`, `latest~1`."""
    match = _LATEST.fullmatch(reference)
    if match is None:
        return store.runs.find(reference.strip())
    back = int(match[1] or 0)
    newest = store.runs.list(limit=back + 1).items
    if len(newest) <= back:
        n = len(newest)
        raise NotFound(f"There is no {reference}: the store has {n} {'run' if n == 1 else 'runs'}.")
    return newest[back].run_id
