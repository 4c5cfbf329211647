"""What a form of condition is: the keyword that names it, its keys, and how it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.language.model import Condition
from orchestration.language.reader import Reader, Schema
from orchestration.language.scope import Scope


@dataclass(frozen=True, slots=True)
class ConditionKind:
    """A form of condition; `read` gives None where the report says why."""

    keyword: str
    schema: Schema
    read: Callable[[Reader, Scope], Condition | None]


def shape(description: str, properties: Schema, *required: str) -> Schema:
    """The JSON Schema of a form's mapping."""
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "properties": properties,
        "required": list(required),
    }


CONDITION: Schema = {"$ref": "#/$defs/condition"}
PREDICATE: Schema = {"type": "string", "description": "a SQL predicate"}
WINDOW: Schema = {"$ref": "#/$defs/window"}
