"""The query language: text to a tree, and a tree to a predicate. Knows no database."""
