"""How modules are kept: small, named by what they hold, and described in their first lines."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from modellab import errors

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
MODULES = {str(path.relative_to(SOURCE)): path.read_text() for path in sorted(SOURCE.rglob("*.py"))}
NOTHING_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "handler", "impl", "misc"}
EXCEPTIONS = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
]


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Every module as it is understood by Python."""
    return {name: ast.parse(text) for name, text in MODULES.items()}


def test_every_module_says_what_it_is(trees: dict[str, ast.Module]) -> None:
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_every_module_has_at_most_400_lines() -> None:
    assert [name for name, text in MODULES.items() if len(text.splitlines()) > 400] == []


def test_every_module_is_named_by_what_it_holds() -> None:
    words = {name: set(name.removesuffix(".py").replace("/", "_").split("_")) for name in MODULES}
    assert [name for name in MODULES if words[name] & NOTHING_NAMES] == []


def test_nothing_inside_imports_the_facade(trees: dict[str, ast.Module]) -> None:
    inside = [name for name in MODULES if Path(name).name not in ("lab_logger.py", "__init__.py")]
    assert [name for name in inside if any(map(_is_of_facade, ast.walk(trees[name])))] == []


def _is_of_facade(node: ast.AST) -> bool:
    """Whether it imports `modellab` itself, or something by its place relative to the module."""
    if isinstance(node, ast.Import):
        return "modellab" in {alias.name for alias in node.names}
    if not isinstance(node, ast.ImportFrom):
        return False
    is_facade = node.module == "modellab" and not {alias.name for alias in node.names} <= {"__version__"}
    return is_facade or node.level > 0


@pytest.fixture(scope="module")
def raised(trees: dict[str, ast.Module]) -> set[str]:
    """The classes that the source makes instances of."""
    nodes = (node for tree in trees.values() for node in ast.walk(tree))
    return {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda kind: kind.__name__)
def test_every_exception_is_described_and_used(kind: type[Exception], raised: set[str]) -> None:
    assert kind.__doc__
    assert issubclass(kind, errors.ModelLabError)
    assert errors.__doc__ is not None
    assert kind.__name__ in errors.__doc__
    if kind is not errors.ModelLabError:  # the one to catch; never raised itself
        assert kind.__name__ in raised
