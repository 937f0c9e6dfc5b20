"""`python -m modellab` is `modellab`."""

from __future__ import annotations

from modellab.cli import main

if __name__ == "__main__":
    main()
