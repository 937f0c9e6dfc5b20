"""Speed and size against floors measured in the same run: `python -m benchmarks`, one question a file.

A floor is the same work done barely: a bare `write()`, plain SQLite, a FastAPI app on the `sqlite3` module.
Absolute times say something about one machine on one day; the ratios are what to read.
"""
