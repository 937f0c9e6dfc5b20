"""Reports of results: one file to hand on, with what can be said of the runs that match, and what cannot.

`facts.py` reads and compares, `sections.py` says it in the blocks of `document.py`, and `html_page.py` and
`markdown_page.py` write those. The same runs give the same bytes: nothing here asks what time it is.
"""

from __future__ import annotations
