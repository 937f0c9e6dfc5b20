"""How many distributions does the base install bring?

Counted by following the requirements that installed distributions state, without extras, for this
interpreter and platform. Nothing is downloaded.
"""

from __future__ import annotations

from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.table import Row


def measure(quick: bool) -> list[Row]:  # noqa: ARG001 - there is nothing to make shorter
    """The number of distributions, ModelLab itself included, and what they take on disk."""
    found = follow_requirements("modellab")
    others = sorted(name for name in found if name != "modellab")
    megabytes = sum(_size_bytes(found[name]) for name in others) / 1e6
    return [
        Row(
            f"base install: distributions (modellab, {', '.join(others)})",
            f"{len(found)}, {megabytes:.0f} MB beside modellab itself",
            "1",
            float(len(found)),
            "≤ 12",
            len(found) <= 12,
        )
    ]


def follow_requirements(root: str) -> dict[str, Distribution]:
    """The distributions that an install of `root` brings, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(root, frozenset[str]())]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        found[name] = distribution(name)
        for text in found[name].requires or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker and not any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
                continue
            needed = (str(canonicalize_name(requirement.name)), frozenset(requirement.extras))
            if needed not in seen:
                seen.add(needed)
                waiting.append(needed)
    return found


def _size_bytes(found: Distribution) -> int:
    paths = (Path(str(found.locate_file(file))) for file in found.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())
