"""A tool: something that can be asked of the API, described well enough for a model to use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from modellab.agent.api import LabAPI
from modellab.errors import InvalidInput

ToolFunction = Callable[[LabAPI, Any], dict[str, Any]]


class Arguments(BaseModel):
    """The arguments of a tool; one that is not known is refused, so that a slip does not go unseen."""

    model_config = ConfigDict(extra="forbid")


class _WithoutTitles(GenerateJsonSchema):
    """Schemas whose fields have no titles, which would say their names once more."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 (pydantic's)
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool, the same for rules, LangChain and MCP.

    `function` takes the API and the checked `arguments`; what it gives back is ready for JSON, bounded,
    and has the shape of `result`.
    """

    name: str
    description: str
    arguments: type[Arguments]
    result: type[BaseModel]
    function: ToolFunction
    is_writing: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        return self.arguments.model_json_schema()

    @property
    def result_schema(self) -> dict[str, Any]:
        """The JSON schema of what it gives back."""
        return self.result.model_json_schema(schema_generator=_WithoutTitles)

    def call(self, api: LabAPI, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The tool's answer; raises `InvalidInput` for arguments that are not allowed, or as the API does."""
        try:
            given = self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "arguments"
            allowed = ", ".join(self.arguments.model_fields)
            raise InvalidInput(
                f"{self.name}: {place}: {first['msg']} (got {str(first.get('input'))[:60]!r}).",
                hint=f"It takes: {allowed}.",
            ) from None
        return self.function(api, given)
