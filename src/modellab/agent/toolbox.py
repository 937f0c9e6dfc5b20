"""The tools as they are used for one answer: which may be, and what was called and came back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from modellab.agent.answer import ToolCall
from modellab.agent.api import LabAPI
from modellab.agent.tool import Tool
from modellab.agent.tools import TOOLS
from modellab.errors import Forbidden, ModelLabError


class Toolbox:
    """Calls tools, and remembers every call with its result. Used from several threads by models."""

    def __init__(
        self,
        api: LabAPI,
        tools: Sequence[Tool],
        *,
        on_call: Callable[[ToolCall], None] | None = None,
    ) -> None:
        self.api = api
        self.tools = {tool.name: tool for tool in tools}
        self.calls: list[ToolCall] = []
        self.results: list[dict[str, Any]] = []
        """All that is known for the answer: what tools gave back, and what rules looked up besides."""
        self.done: list[tuple[str, dict[str, Any]]] = []
        """The tools that worked, each with what it gave back."""
        self.on_call = on_call
        self._lock = threading.Lock()

    def call(self, name: str, /, **given: Any) -> dict[str, Any]:
        """What a tool answers; raises as it does, and `Forbidden` for one that is switched off."""
        arguments = {key: value for key, value in given.items() if value is not None}
        call = ToolCall(name=name, arguments=arguments)
        with self._lock:
            self.calls.append(call)
        if self.on_call:
            self.on_call(call)
        try:
            result = self._find(name).call(self.api, arguments)
        except ModelLabError as error:
            call.error = error.message
            raise
        with self._lock:
            self.results.append(result)
            self.done.append((name, result))
        return result

    def may(self, name: str) -> bool:
        """Whether a tool may be used."""
        return name in self.tools

    def _find(self, name: str) -> Tool:
        tool = self.tools.get(name)
        if tool is None:
            is_known = any(one.name == name for one in TOOLS)
            raise Forbidden(
                f"The tool {name} {'may not be used here' if is_known else 'does not exist'}.",
                hint="Writing is off for callers that may only read, and by MODELLAB_AGENT_WRITES=0."
                if is_known
                else f"There are: {', '.join(self.tools)}.",
            )
        return tool
