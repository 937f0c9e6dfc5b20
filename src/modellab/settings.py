"""Settings and places: one frozen object, made once and handed on.

Explicit arguments win, then environment variables, then `.env` at the project's root, then defaults.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    "MODELLAB_EMBEDDINGS_URL": "An OpenAI-compatible server whose embeddings let searches find runs by what "
    "their texts mean, such as `https://api.openai.com/v1`. Names, params, tags and notes are sent there. "
    "Default: none, and searches go by words alone.",
    "MODELLAB_EMBEDDINGS_MODEL": "With `MODELLAB_EMBEDDINGS_URL`: the model, such as "
    "`text-embedding-3-small`.",
    "MODELLAB_EMBEDDINGS_KEY": "The key for that server, if it asks for one.",
    "OPENAI_API_KEY": "The key of the model that answers for the assistant. Without it, and without "
    "`OPENAI_BASE_URL`, rules answer.",
    "OPENAI_BASE_URL": "Another server that speaks OpenAI's protocol, such as `http://127.0.0.1:11434/v1`.",
    "MODELLAB_AGENT_MODEL": "The model that the assistant asks. Default: `gpt-4.1-mini`.",
    "MODELLAB_AGENT_WRITES": "Whether the assistant may write notes and flag runs: 1 or 0. Default: 1.",
    "MODELLAB_ALLOWED_HOSTS": "Names, separated by commas, under which the server may be asked besides "
    "`localhost` and `127.0.0.1`, such as that of a reverse proxy; `*` is any.",
    "MODELLAB_API_URL": "A server that runs are recorded on and read from, instead of the project's own "
    "store, such as `https://lab.example.org`.",
    "MODELLAB_API_KEY": "The key for that server.",
    "MODELLAB_SEND_WAIT_S": "Seconds that the end of a run waits for a server which takes nothing more in; "
    "the rest is sent by `modellab sync`. Default: 10.",
    "MODELLAB_ARTIFACTS": "Where the bytes of artifacts and datasets are kept: a folder, seen from the root, "
    "or `s3://bucket/prefix`. Default: `artifacts/` beside the database file.",
    "MODELLAB_LOGIN": "Whether the server asks for a login: 1 or 0. Default: if it listens on more than this "
    "machine, and behind a proxy (`MODELLAB_ALLOWED_HOSTS`) once there is a user.",
    "MODELLAB_ALLOWED_ORIGINS": "Web pages on other sites that may use the API from a browser, separated by "
    "commas, such as `https://notebook.example.org`.",
    "MODELLAB_RATE_LIMIT": "Requests in 15 minutes from one address without a login. Default: 100, on a "
    "server that asks for a login.",
    "MODELLAB_UPLOAD_LIMIT": "Uploads in 15 minutes from one address without a login. Default: 20.",
    "MODELLAB_MAX_UPLOAD_GB": "The largest file that is taken in, in gigabytes. Default: 50.",
    "MODELLAB_TRASH_DAYS": "Days after which a server purges what lies in the trash, for good; 0 keeps it. "
    "Default: 0.",
    "MODELLAB_KEEP_ARTIFACTS": "Whether `log_artifact` keeps a copy of the file, or only its path: 1 or 0. "
    "Default: 1.",
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
    wandb_api_key: str | None = field(default=None, repr=False)
    openai_api_key: str | None = field(default=None, repr=False)
    embeddings_url: str | None = None
    """An OpenAI-compatible server for searches by meaning, with `embeddings_model`; `None` is words alone."""
    embeddings_model: str | None = None
    embeddings_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = None
    agent_model: str = "gpt-4.1-mini"
    agent_writes: bool = True
    """Whether the assistant may write notes and flag runs, for callers who may."""
    allowed_hosts: tuple[str, ...] = ()
    """Names under which the server answers besides those of this machine itself; `*` is any."""
    api_url: str | None = None
    """A server that runs are recorded on and read from; `None` means the project's own store."""
    api_key: str | None = field(default=None, repr=False)
    send_wait_s: float = 10.0
    """Seconds that the end of a run waits for a server that takes nothing more in."""
    artifacts_url: str | None = None
    """Where bytes are kept if not in `artifacts`: an `s3://` address, or a folder's path."""
    login: bool | None = None
    """Whether the server asks for a login; `None` leaves it to the address it listens on."""
    allowed_origins: tuple[str, ...] = ()
    rate_limit: int = 100
    upload_limit: int = 20
    """Requests and uploads in 15 minutes from one address without a login, where a login is asked for."""
    max_upload_bytes: int = 50 * 10**9
    trash_days: int = 0
    """Days after which a server purges what lies in the trash; 0 keeps it."""
    keep_artifacts: bool = True
    """Whether `log_artifact` keeps a copy of the file, or only its path."""
    capture_console: bool = True
    system_metrics_s: float = 5.0
    """Seconds between two samples of CPU, memory and GPU; 0 turns them off."""

    @property
    def journals(self) -> Path:
        """The folder of the journals, one folder a run; of those for a server, that server's outbox."""
        return self.outbox(self.api_url) / "journals" if self.api_url else self.home / "journals"

    @property
    def spool(self) -> Path:
        """Where files wait that runs have logged and that are not yet among the kept ones."""
        return self.journals.with_name("spool")

    @property
    def outboxes(self) -> Path:
        """The folder of what is recorded for servers, one folder a server."""
        return self.home / "outbox"

    def outbox(self, api_url: str) -> Path:
        """The folder of what is recorded for one server."""
        name = "".join(
            c if c.isalnum() or c in ".-" else "_" for c in api_url.partition("://")[2].rstrip("/")
        )
        return self.outboxes / name


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
    api_url: str | None = None,
    api_key: str | None = None,
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
        **_read_embeddings(values),
        openai_base_url=_read_model_url(values.get("OPENAI_BASE_URL")),
        agent_model=values.get("MODELLAB_AGENT_MODEL") or "gpt-4.1-mini",
        agent_writes=_read_bool(values, "MODELLAB_AGENT_WRITES", default=True),
        allowed_hosts=_read_list(values, "MODELLAB_ALLOWED_HOSTS"),
        api_url=_read_api_url(*_choose("api_url", api_url, values)),
        api_key=_read_api_key(*_choose("api_key", api_key, values)),
        send_wait_s=_read_seconds(values, "MODELLAB_SEND_WAIT_S", default=10.0),
        artifacts_url=_read_artifacts_url(values.get("MODELLAB_ARTIFACTS"), root),
        login=_read_bool(values, "MODELLAB_LOGIN", default=False) if values.get("MODELLAB_LOGIN") else None,
        allowed_origins=_read_list(values, "MODELLAB_ALLOWED_ORIGINS"),
        rate_limit=_read_count(values, "MODELLAB_RATE_LIMIT", default=100),
        upload_limit=_read_count(values, "MODELLAB_UPLOAD_LIMIT", default=20),
        max_upload_bytes=_read_gigabytes(values, "MODELLAB_MAX_UPLOAD_GB", default=50),
        trash_days=_read_days(values, "MODELLAB_TRASH_DAYS"),
        keep_artifacts=_read_bool(values, "MODELLAB_KEEP_ARTIFACTS", default=True),
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


def _read_list(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, values.get(name, "").split(","))))


def _read_count(values: Mapping[str, str], name: str, *, default: int) -> int:
    text = values.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= 10**9):
        raise InvalidSetting(f"{name} is {text!r}; it may be a whole number from 1 on.")
    return int(text)


def _read_days(values: Mapping[str, str], name: str) -> int:
    text = values.get(name) or "0"
    if not (text.isascii() and text.isdigit() and int(text[:12]) <= 36_500):
        raise InvalidSetting(f"{name} is {text!r}; it may be a number of whole days up to 36500.")
    return int(text)


def _read_gigabytes(values: Mapping[str, str], name: str, *, default: float) -> int:
    """A number of bytes, given in gigabytes."""
    text = values.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.001 <= number <= 10**9:
        raise InvalidSetting(f"{name} is {text!r}; it may be a number of gigabytes from 0.001 on.")
    return round(number * 10**9)


def _choose(argument: str, given: str | None, values: Mapping[str, str]) -> tuple[str, str | None]:
    """An argument or else its variable: what it is called, and its value."""
    variable = f"MODELLAB_{argument.upper()}"
    return (argument, given) if given else (variable, values.get(variable))


def _read_api_url(name: str, text: str | None) -> str | None:
    """A server's address without what routes add: `/api/modellab` at its end is taken away."""
    if not text:
        return None
    if not _is_address(text.strip()):
        shown = "an address with a name or password in it" if "@" in text else repr(text[:100])
        raise InvalidSetting(
            f"{name} is {shown}; it may be http://host:port or https://host.",
            hint="A key goes into MODELLAB_API_KEY, or configure(api_key=...).",
        )
    return text.strip().rstrip("/").removesuffix("/api/modellab").rstrip("/")


def _read_embeddings(values: Mapping[str, str]) -> dict[str, str | None]:
    names = ("url", "model", "key")
    url, model, key = (values.get(f"MODELLAB_EMBEDDINGS_{name.upper()}", "").strip() for name in names)
    if url and not _is_address(url):
        raise InvalidSetting("MODELLAB_EMBEDDINGS_URL may be http://host:port/v1 or https://host/v1.")
    if url and not model:
        raise InvalidSetting("MODELLAB_EMBEDDINGS_URL needs MODELLAB_EMBEDDINGS_MODEL, which is not set.")
    return {
        "embeddings_url": url.rstrip("/").removesuffix("/embeddings") or None,
        "embeddings_model": model or None,
        "embeddings_key": _read_api_key("MODELLAB_EMBEDDINGS_KEY", key),
    }


def _read_model_url(text: str | None) -> str | None:
    if not text:
        return None
    if not _is_address(text.strip()):
        raise InvalidSetting(
            "OPENAI_BASE_URL is no address; it may be http://host:port/v1 or https://host/v1."
        )
    return text.strip()


def _is_address(text: str) -> bool:
    from urllib.parse import urlsplit  # late: few processes need it

    try:
        parts = urlsplit(text)
        port = parts.port  # raises for what is no port
    except ValueError:
        return False
    is_plain = text.isascii() and text.isprintable() and not any(c in text for c in " @?#")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and is_plain


def _read_api_key(name: str, text: str | None) -> str | None:
    if not text:
        return None
    key = text.strip()
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise InvalidSetting(
            f"{name} has characters that no key has.",
            hint="Write it as it was shown when it was made.",
        )
    return key


def _read_artifacts_url(text: str | None, root: Path) -> str | None:
    if not text:
        return None
    if "://" not in text:
        return str(root / Path(text).expanduser())
    if not text.startswith("s3://") or not text.removeprefix("s3://").partition("/")[0]:
        raise InvalidSetting(
            f"MODELLAB_ARTIFACTS is {text[:100]!r}; it may be a folder or s3://bucket/prefix."
        )
    return text.rstrip("/")


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
