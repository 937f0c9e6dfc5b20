"""The command of a pack as a person types it: all paths are seen from where the code lies now."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modellab.records.repro import PackManifest
from modellab.repro.command import move_path, place_arguments
from modellab.repro.data import plan_data

# Stands for the folder of the code while paths are worked out; none of it is left in the result.
_CODE = Path(os.sep, "modellab-pack-code").resolve()


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What is typed: `copies` from the pack to places seen from the code; the rest seen from `folder`."""

    folder: str
    copies: Sequence[tuple[str, str]]
    environment: Mapping[str, str]
    arguments: Sequence[str]


def plan_by_hand(manifest: PackManifest) -> Typed:
    """How the run of a pack is repeated by hand, if its manifest has arguments."""
    folder = (_CODE / (manifest.folder or ".")).resolve()
    if not folder.is_relative_to(_CODE):
        folder = _CODE
    arguments = place_arguments(manifest, _CODE) if manifest.arguments else []
    packed = [data for data in manifest.datasets if data.path is not None]
    arguments, places = plan_data(packed, arguments, _CODE, folder)
    environment = dict(manifest.environment)
    environment["PYTHONPATH"] = os.pathsep.join(_list_import_places(manifest, folder))
    return Typed(
        folder=os.path.relpath(folder, _CODE),
        copies=[
            (str(data.path), os.path.relpath(target, _CODE)) for data, targets in places for target in targets
        ],
        environment={name: value for name, value in sorted(environment.items()) if value},
        arguments=[_see_from(folder, argument) for argument in arguments],
    )


def _list_import_places(manifest: PackManifest, folder: Path) -> list[str]:
    """The folders of PYTHONPATH, and those that a project was imported from which was installed in place."""
    given = filter(None, manifest.environment.get("PYTHONPATH", "").split(os.pathsep))
    found = [_see_from(folder, move_path(place, manifest.root, _CODE)) for place in given]
    known = folder if manifest.script_position is None else (_CODE / (manifest.script or "")).parent
    roots = [(_CODE / path).resolve() for path in manifest.import_roots]
    found += [os.path.relpath(root, folder) for root in roots if root != known]
    return list(dict.fromkeys(found))


def _see_from(folder: Path, text: str) -> str:
    up = os.path.relpath(_CODE, folder)
    if text == str(_CODE):
        return up
    return text.replace(f"{_CODE}{os.sep}", "" if up == "." else f"{up}{os.sep}")
