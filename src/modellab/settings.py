"""Settings and places: one frozen object, made once and handed on.

Explicit arguments win, then environment variables, then `.env` at the project's root, then defaults.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modellab.errors import InvalidSetting

ROOT_MARKS = (".env", "manifests", ".git")

VARIABLES: Mapping[str, str] = {
    "PROJECT_NAME": "The project's name, as `/health` says it. Default: the name of the root folder.",
    "DB_PATH": "The database file, seen from the root. Default: `manifests/manifests.db`.",
    "MODELLAB_DATABASE_URL": "A `postgresql://` address instead of the file.",
    "MODELLAB_HOME": "The folder of `journals/`. Default: the folder of the database file.",
    "DATASET_ID": "The data set of runs that name none themselves.",
    "WANDB_PROJECT": "With `WANDB_API_KEY`: mirror runs to this project of Weights & Biases.",
    "WANDB_API_KEY": "With `WANDB_PROJECT`: the key of Weights & Biases.",
    "OPENAI_API_KEY": "Kept for the assistant; nothing reads it yet.",
    "MODELLAB_ALLOWED_HOSTS": "Names, separated by commas, under which the server may be asked besides "
    "`localhost` and `127.0.0.1`, such as that of a reverse proxy; `*` is any.",
    "MODELLAB_CONSOLE": "Whether runs record what they print: 1 or 0. Default: 1.",
    "MODELLAB_SYSTEM_METRICS_S": "Seconds between samples of CPU, memory and GPU; 0 is off. Default: 5.",
}
"""What can be set in the environment and in `.env`, and what it means."""

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things lie and what is on. Make one with `load_settings`."""

    root: Path
    project_name: str
    db_path: Path
    database_url: str | None = None
    """A `postgresql://` address; `None` means the SQLite file at `db_path`."""
    home: Path
    """The folder of `journals/`, `artifacts/` and `datasets/`: beside the database file."""
    dataset_id: str | None = None
    wandb_project: str | None = None
    wandb_api_key: str | None = None
    openai_api_key: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    """Names under which the server answers besides those of this machine itself; `*` is any."""
    capture_console: bool = True
    system_metrics_s: float = 5.0
    """Seconds between two samples of CPU, memory and GPU; 0 turns them off."""

    @property
    def journals(self) -> Path:
        """The folder of the journals, one folder a run."""
        return self.home / "journals"


def find_root(start: Path | None = None) -> Path:
    """The project's root: the nearest folder from `start` upwards with `.env`, `manifests/` or `.git`.

    Without any of them, `start` itself (the current folder if not given). A run started in a
    sub-folder thus lands in the same store as one started at the root.
    """
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if any((folder / mark).exists() for mark in ROOT_MARKS):
            return folder
    return here


def load_settings(
    *,
    start: Path | None = None,
    db_path: str | os.PathLike[str] | None = None,
    database_url: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings for a project, read afresh.

    `start` is where to look for the project's root from. Raises `InvalidSetting` for a value that
    cannot be meant, naming the variable and what it may be.
    """
    root = find_root(start)
    values = {**_read_env_file(root / ".env"), **(os.environ if environ is None else environ)}

    path = Path(db_path or values.get("DB_PATH") or "manifests/manifests.db").expanduser()
    path = path if path.is_absolute() else root / path
    if path.is_dir():
        raise InvalidSetting(
            f"DB_PATH is a folder: {path}.", hint="Name a file, such as manifests/manifests.db."
        )
    url = database_url or values.get("MODELLAB_DATABASE_URL") or None
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise InvalidSetting(
            f"MODELLAB_DATABASE_URL must start with postgresql://, not {url.split(':')[0]!r}.",
            hint="For a SQLite file set DB_PATH.",
        )
    home = values.get("MODELLAB_HOME")
    return Settings(
        root=root,
        project_name=values.get("PROJECT_NAME") or root.name or "modellab",
        db_path=path,
        database_url=url,
        home=root / Path(home).expanduser() if home else path.parent,
        dataset_id=values.get("DATASET_ID") or None,
        wandb_project=values.get("WANDB_PROJECT") or None,
        wandb_api_key=values.get("WANDB_API_KEY") or None,
        openai_api_key=values.get("OPENAI_API_KEY") or None,
        allowed_hosts=tuple(
            filter(None, map(str.strip, values.get("MODELLAB_ALLOWED_HOSTS", "").split(",")))
        ),
        capture_console=_read_bool(values, "MODELLAB_CONSOLE", default=True),
        system_metrics_s=_read_seconds(values, "MODELLAB_SYSTEM_METRICS_S", default=5.0),
    )


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # late: most training scripts have no `.env`

    try:
        return {key: value for key, value in dotenv_values(path).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{path} cannot be read: {error}.") from error


def _read_bool(values: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = values.get(name)
    if text is None:
        return default
    if text.strip().lower() in _TRUE:
        return True
    if text.strip().lower() in _FALSE:
        return False
    raise InvalidSetting(f"{name} is {text!r}; it may be 1 or 0.")


def _read_seconds(values: Mapping[str, str], name: str, *, default: float) -> float:
    text = values.get(name)
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 86_400:
        raise InvalidSetting(f"{name} is {text!r}; it may be a number of seconds, or 0 for off.")
    return seconds
