"""The assistant's tools for programs that speak MCP (Model Context Protocol), over stdio and over HTTP.

`tools.py` says what is offered, `stdio.py` and `http.py` carry it. Data is reached over the HTTP API only, as
the caller, so that login, visibility and limits hold. Nothing else of the package imports the library `mcp`.
"""

from __future__ import annotations
