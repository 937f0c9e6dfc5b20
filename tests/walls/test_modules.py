"""How modules are kept: small, named by what they hold, and described in their first lines."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from modellab import errors

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
MODULES = sorted(SOURCE.rglob("*.py"))
NAMES = [str(path.relative_to(SOURCE)) for path in MODULES]
NOTHING_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "handler", "impl", "misc"}
EXCEPTIONS = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "it has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_module_is_named_by_what_it_holds(path: Path) -> None:
    words = {word for part in path.relative_to(SOURCE).with_suffix("").parts for word in part.split("_")}
    assert words & NOTHING_NAMES == set()


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_nothing_inside_imports_the_facade(path: Path) -> None:
    if path.name in ("lab_logger.py", "__init__.py"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert "modellab" not in {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.module != "modellab" or {alias.name for alias in node.names} <= {"__version__"}


def _raised_names() -> set[str]:
    """The classes that the source makes instances of."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found.add(node.func.id)
    return found


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda kind: kind.__name__)
def test_every_exception_is_described_and_used(kind: type[Exception]) -> None:
    assert kind.__doc__
    assert issubclass(kind, errors.ModelLabError)
    assert errors.__doc__ is not None
    assert kind.__name__ in errors.__doc__
    if kind is not errors.ModelLabError:  # the one to catch; never raised itself
        assert kind.__name__ in _raised_names()
