"""The assistant: questions in plain words, answered from what the HTTP API says and from nothing else.

`api.py` reads the API, `tools.py` is what can be asked of it, offered alike to rules, models and MCP.
`rules/` answers the usual questions without any model, `model.py` asks one, and `grounding.py` checks that
each number and run of an answer was in what the tools said. `assistant.py` puts them together.
"""

from __future__ import annotations
