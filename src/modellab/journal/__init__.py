"""The journal: a run as append-only files of JSON lines, one a writer.

`docs/reference/journal.md` describes the format. This room knows files and bytes; it knows no database.
"""
