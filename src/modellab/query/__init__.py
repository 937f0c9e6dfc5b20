"""The query language: text to a tree, and a tree to a predicate. Knows no database.

`parse_query` reads a text, `str` of a tree is a text that reads to the same tree, and `to_predicate`
makes a function that says whether a run meets it. `store/query.py` turns the same tree into SQL.
"""

from __future__ import annotations

from modellab.query.parser import parse_query
from modellab.query.predicate import to_predicate
from modellab.query.tree import And, Condition, Field, Node, Not, Or, list_conditions

__all__ = ["And", "Condition", "Field", "Node", "Not", "Or", "list_conditions", "parse_query", "to_predicate"]
