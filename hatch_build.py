"""Builds the web app into the package, so that `pip install .` needs nothing but Python."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebAppBuild(BuildHookInterface):  # type: ignore[type-arg]
    """Has `scripts/web_app.py` build `ui/`, unless the bundle is fresh; an install goes on without it."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js from PyPI, where it is needed and not on this machine."""
        web_app = self._load()
        is_needed = not (web_app.is_fresh() or web_app.os.environ.get(web_app.SKIP) or web_app.find_npm())
        return [web_app.NODE_FROM_PYPI] if is_needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's)
        """Build it."""
        problem = self._load().build()
        if problem is not None:
            self.app.display_warning(problem)

    def _load(self) -> Any:
        """`scripts/web_app.py`: build environments do not have the project's root on their path."""
        path = Path(self.root, "scripts", "web_app.py")
        spec = importlib.util.spec_from_file_location("web_app", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
