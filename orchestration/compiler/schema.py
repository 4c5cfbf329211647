"""The JSON Schema of spec files, for editors: put together from the fragments of the language."""

from __future__ import annotations

from typing import Any

from orchestration.language.conditions import KINDS
from orchestration.language.declarations import entities, project, segments, streams, tests, traits
from orchestration.language.windows import SCHEMA as WINDOW


def spec_schema() -> dict[str, Any]:
    """The schema of one file under `segment_specs/`."""
    lists = {
        "entities": entities.SCHEMA,
        "streams": streams.SCHEMA,
        "predicates": traits.PREDICATE_SCHEMA,
        "traits": traits.SCHEMA,
        "segments": segments.SCHEMA,
        "tests": tests.SCHEMA,
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "segment specs",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "project": _clean(project.SCHEMA),
            **{kind: {"type": "array", "items": _clean(schema)} for kind, schema in lists.items()},
        },
        "$defs": {
            "condition": {
                "oneOf": [
                    {"type": "string", "description": "a SQL predicate"},
                    {"type": "array", "items": {"$ref": "#/$defs/condition"}, "minItems": 1},
                    *(_clean(kind.schema) for kind in KINDS),
                ]
            },
            "window": _clean(WINDOW),
            "local_trait": _clean(traits.LOCAL),
        },
    }


def _clean(schema: Any) -> Any:
    """Without the keys that are planned only."""
    match schema:
        case dict():
            return {k: _clean(v) for k, v in schema.items() if not (isinstance(v, dict) and v.get("x-later"))}
        case list() | tuple():
            return [_clean(v) for v in schema]
    return schema
