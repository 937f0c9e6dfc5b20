"""Which run is the current one: the innermost of this context, so that tasks and threads keep apart."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modellab.tracking.run import ActiveRun

_innermost: ContextVar[ActiveRun | None] = ContextVar("modellab_run", default=None)
_active: list[ActiveRun] = []


def innermost() -> ActiveRun | None:
    """The run that a new one started here is nested in."""
    run = _innermost.get()
    # It may have been finished elsewhere: in another thread, or while a copied context lived on.
    while run is not None and run not in _active:
        run = run.outer
    return run


def current_run() -> ActiveRun | None:
    """The run that is being recorded here, or `None`.

    Inside nested runs, the innermost. A new thread begins without a context of its own: there it is the
    process's only active run, if there is just one.
    """
    run = innermost()
    if run is not None:
        return run
    return _active[0] if len(_active) == 1 else None


def active_runs() -> list[ActiveRun]:
    """All runs of this process that have not finished, oldest first."""
    return list(_active)


def enter(run: ActiveRun) -> None:
    """Make `run` the current one."""
    _innermost.set(run)
    _active.append(run)


def leave(run: ActiveRun) -> None:
    """Make the run around it the current one again."""
    if run in _active:
        _active.remove(run)
    _innermost.set(innermost())
