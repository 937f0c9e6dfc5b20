"""What must never be recorded: files and arguments whose names say that they hold a secret, and keys and
tokens that are known by their shape wherever they stand."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Sequence

MASK = "***"
KEY_PREFIX = "mlk"
"""What API keys of ModelLab begin with: `mlk_<id>_<secret>`."""

# One of these is in every text that has a token, and in few others: most texts need no search.
_TOKEN_MARKS = (
    *(f"{KEY_PREFIX}_", "sk-", "AKIA", "ASIA", "xox", "hf_"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
)
# Beginnings, which stay, and what is secret after them: exact forms, so that ordinary code has none.
_TOKEN_SHAPES = (
    (r"(?:sk-proj-|sk-svcacct-|sk-admin-)", r"[A-Za-z0-9_-]{40,}"),
    (r"sk-ant-[a-z]+[0-9]{2}-", r"[A-Za-z0-9_-]{80,}"),
    (r"sk-", r"[A-Za-z0-9]{48}(?![A-Za-z0-9])"),
    (r"gh[pousr]_", r"[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    (r"github_pat_", r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}(?![A-Za-z0-9])"),
    (r"(?:AKIA|ASIA)", r"[A-Z2-7]{16}(?![A-Za-z0-9])"),
    (r"xox[abeoprs]-", r"[0-9]{8,}-[A-Za-z0-9-]{16,}"),
    (r"hf_", r"[A-Za-z0-9]{34}(?![A-Za-z0-9])"),
)

SECRET_FILES: tuple[str, ...] = (
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.ppk",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".netrc",
    ".pgpass",
    ".pypirc",
    ".npmrc",
    ".git-credentials",
    "*credential*",
    "*secret*",
    "*service_account*",
    "*service-account*",
    "kaggle.json",
    "*.tfvars",
    "*.tfvars.json",
    ".htpasswd",
)
"""Names of files, in any folder and any letter case, whose contents are withheld."""
SECRET_FOLDERS: tuple[str, ...] = (".ssh", ".aws", ".gnupg", ".env", "secrets", ".secrets", "credentials")
"""Names of folders, in any letter case, all of whose files are withheld."""
SHAREABLE_FILES: tuple[str, ...] = (".env.example", ".env.sample", ".env.template")
"""Names that match above and are meant to be shared."""

# The last word or two of an argument's name; `--max_tokens` and `--tokenizer` are no secrets.
_is_secret_word = re.compile(r"apikey|credentials?|passphrase|passwd|password|pwd|secrets?").fullmatch
_is_kind_of_key = re.compile(
    r"access|account|api|auth|encryption|license|private|secret|signing|ssh"
).fullmatch
# Tokens of a text, not of a login: `--pad_token`, `--eos-token`.
_is_kind_of_text_token = re.compile(
    r"additional|bos|cls|decoder|end|eos|extra|first|image|last|mask|max|min|next|num|pad|per|prefix"
    r"|prompt|sep|special|start|stop|suffix|target|text|unk"
).fullmatch
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAMED_VALUE = re.compile(r"(-{0,2}\+{0,2}[A-Za-z][\w.\-/@]*)=(.+)", re.DOTALL)
_QUOTED_VALUE = re.compile(
    r"""(?<![\w.-])([A-Za-z][\w.-]*+)(["']?\s*+[:=]\s*+)(["'])((?:(?!\3)[^\\]|\\.)*+)\3""", re.DOTALL
)
_LOGIN = re.compile(r"(?<=://)([^\s/:@]*+):[^\s/@]+@")


def is_secret_file(path: str) -> bool:
    """Whether the contents of the file at a `/`-separated path must not be recorded."""
    *folders, name = path.lower().split("/")
    if any(folder in SECRET_FOLDERS for folder in folders):
        return True
    return name not in SHAREABLE_FILES and _compile_secret_files().match(name) is not None


@functools.cache
def _compile_secret_files() -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, SECRET_FILES)))  # at first use: it takes 2 ms


def is_shareable_file(path: str) -> bool:
    """Whether a file's name matches a secret one and is yet meant to be shared."""
    return path.lower().rpartition("/")[2] in SHAREABLE_FILES and not is_secret_file(path)


def build_exclusions() -> list[str]:
    """The git pathspecs that leave out every secret-bearing file, and the shareable ones with them."""
    names = [f":(top,exclude,glob,icase)**/{name}" for name in SECRET_FILES]
    return names + [f":(top,exclude,glob,icase)**/{folder}/**" for folder in SECRET_FOLDERS]


def mask_tokens(text: str) -> str:
    """The text with `***` for the secret part of every key and token that is known by its shape.

    These are ModelLab's own API keys, of which the public id stays (`mlk_<id>_***`), and tokens of OpenAI,
    Anthropic, GitHub, AWS (its key ids), Slack and Hugging Face, of which the kind stays (`ghp_***`).
    """
    for mark in _TOKEN_MARKS:
        if mark in text:
            return _compile_tokens().sub(lambda match: f"{match[match.lastindex or 0]}{MASK}", text)
    return text


def has_masked_token(text: str) -> bool:
    """Whether a text shows that `mask_tokens` has been at it."""
    return MASK in text and _compile_masked_tokens().search(text) is not None


@functools.cache
def _compile_tokens() -> re.Pattern[str]:  # at first use, and so is the next
    begins_here = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
    others = "|".join(f"({prefix}){secret}" for prefix, secret in _TOKEN_SHAPES)
    return re.compile(rf"({KEY_PREFIX}_[0-9a-f]{{12}}_)[A-Za-z0-9_-]+|{begins_here}(?:{others})")


@functools.cache
def _compile_masked_tokens() -> re.Pattern[str]:
    prefixes = "|".join(prefix for prefix, _ in _TOKEN_SHAPES)
    return re.compile(rf"(?:{KEY_PREFIX}_[0-9a-f]{{12}}_|{prefixes}){re.escape(MASK)}")


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is a secret: `api_key`, `--hf-token`, `dbPassword`."""
    words = [word.lower() for word in _WORDS.findall(name)]
    last, before = (words or [""])[-1], (words[-2:-1] or [""])[0]
    if last == "token":
        return not _is_kind_of_text_token(before)
    return bool(_is_secret_word(last) or (last == "key" and _is_kind_of_key(before)))


def redact_arguments(arguments: Sequence[str]) -> list[str]:
    """A copy of a command's arguments in which `***` stands for the values of secret ones.

    Understood are `--password X`, `--password=X`, `password=X`, logins in addresses, quoted values inside
    code or JSON, and tokens of known shapes.
    """
    redacted: list[str] = []
    value_is_secret = False
    for argument in arguments:
        if value_is_secret and not argument.startswith("--"):
            redacted.append(MASK)
            value_is_secret = False
            continue
        redacted.append(_redact_argument(argument))
        value_is_secret = argument.startswith("-") and "=" not in argument and is_secret_name(argument)
    return redacted


def holds_secret(text: str) -> bool:
    """Whether code has a secret written into it: quoted, under a secret name, or as a login in an address.

    What `mask_tokens` has masked is none any more.
    """
    if _LOGIN.search(text):
        return True
    return any(
        is_secret_name(match[1]) and _is_secret_value(match[4]) and not has_masked_token(match[4])
        for match in _QUOTED_VALUE.finditer(text)
    )


_is_secret_value = re.compile(r"(?![${<*])\S{4,}").fullmatch  # no text for people, no placeholder


def _redact_argument(argument: str) -> str:
    named = _NAMED_VALUE.fullmatch(argument)
    if named and is_secret_name(named[1]):
        return f"{named[1]}={MASK}"
    argument = _LOGIN.sub(rf"\1:{MASK}@", mask_tokens(argument))
    return _QUOTED_VALUE.sub(_redact_quoted, argument)


def _redact_quoted(match: re.Match[str]) -> str:
    name, between, quote, _ = match.groups()
    return f"{name}{between}{quote}{MASK}{quote}" if is_secret_name(name) else match[0]
