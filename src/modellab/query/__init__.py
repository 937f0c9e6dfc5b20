"""The query language: text to a tree, and a tree to a predicate. Knows no database.

`parse_query` reads a text, `str` of a tree is a text that reads to the same tree, and `to_predicate`
makes a function that says whether a run meets it. `store/query.py` turns the same tree into SQL.
`parse_field` and `parse_sort_key` read a field alone, for a column or an order.
"""

from __future__ import annotations

from modellab.query.parser import parse_field, parse_query, parse_sort_key
from modellab.query.predicate import to_predicate
from modellab.query.tree import And, Condition, Field, Node, Not, Or, SortKey, list_conditions

__all__ = [
    "And",
    "Condition",
    "Field",
    "Node",
    "Not",
    "Or",
    "SortKey",
    "list_conditions",
    "parse_field",
    "parse_query",
    "parse_sort_key",
    "to_predicate",
]
