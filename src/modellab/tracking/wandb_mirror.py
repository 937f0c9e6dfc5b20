"""Mirrors a run to Weights & Biases when the user has set it up; never in the way of the run itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from modellab.notice import tell
from modellab.settings import Settings


def open_mirror(
    settings: Settings, run_id: str, name: str | None, params: Mapping[str, Any]
) -> WandbMirror | None:
    """A mirror, if `WANDB_PROJECT` and `WANDB_API_KEY` are set and wandb is installed; else `None`."""
    if not (settings.wandb_project and settings.wandb_api_key):
        return None
    try:
        import wandb  # late: heavy, and only for those who use it

        if not hasattr(wandb, "init"):  # a folder of that name, as wandb itself leaves it
            return None
        # The key may stand in `.env` alone, where wandb does not look.
        os.environ.setdefault("WANDB_API_KEY", settings.wandb_api_key)
        run = wandb.init(
            project=settings.wandb_project,
            name=name,
            id=run_id,
            config=dict(params),
            resume="allow",
            reinit="create_new",
            settings=wandb.Settings(silent=True, console="off"),
        )
        # Our steps may come in any order; wandb drops what goes back on its own step axis.
        run.define_metric("*", step_metric="step")
    except ImportError:
        return None
    except Exception as error:
        tell(f"Run {run_id} is not mirrored to Weights & Biases: {error}")
        return None
    return WandbMirror(run, run_id)


class WandbMirror:
    """One run's mirror; off after the first failure, and in a forked child: the run is its parent's."""

    def __init__(self, run: Any, run_id: str) -> None:
        self._run = run
        self._run_id = run_id
        self._pid = os.getpid()
        self._broken = False
        self.url: str | None = None if run.offline else run.url or None

    def log(self, metrics: Mapping[str, Any], step: int) -> None:
        """Mirror metrics at a step."""
        self._try(lambda: self._run.log({**metrics, "step": step}))

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Mirror params into wandb's config."""
        self._try(lambda: self._run.config.update(dict(params), allow_val_change=True))

    def log_final(self, metrics: Mapping[str, Any]) -> None:
        """Mirror final metrics into wandb's summary."""
        self._try(lambda: self._run.summary.update(dict(metrics)))

    def finish(self, *, failed: bool) -> None:
        """End the mirrored run."""
        self._try(lambda: self._run.finish(exit_code=int(failed)))

    def _try(self, call: Callable[[], Any]) -> None:
        if self._broken or os.getpid() != self._pid:
            return
        try:
            call()
        except Exception as error:
            self._broken = True
            tell(f"Run {self._run_id} is no longer mirrored to Weights & Biases: {error}")
