"""`project`: what holds for all specs.

`timezone` is the zone of every calendar notion, `week_starts_on` begins weeks, `as_of` is the grid instants lie on (day or
hour), `target` the output of dbt's profiles.yml that is used unless another is named. `sample: true` says that the sources
are the generated sample company where the target has none.
"""

from __future__ import annotations

from orchestration.diagnostics import Report, nearest
from orchestration.language.model import WEEKDAYS, Project
from orchestration.language.reader import Reader, Schema
from orchestration.language.zone import zone_names
from orchestration.spec.nodes import Mapping

SCHEMA: Schema = {
    "type": "object",
    "description": "what holds for all specs",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,49}$"},
        "timezone": {"type": "string", "examples": ["UTC", "Europe/Berlin"]},
        "week_starts_on": {"enum": list(WEEKDAYS)},
        "as_of": {"enum": ["day", "hour"]},
        "target": {"type": "string", "description": "an output of dbt's profiles.yml"},
        "sample": {"type": "boolean", "description": "the sources are the generated sample where the target has none"},
        "policy": {"x-later": True},
    },
}


def read_project(node: Mapping | None, report: Report) -> Project:
    """The project; defaults where there is none."""
    if node is None:
        return Project()
    reader = Reader(node, SCHEMA, report, "project")
    name = reader.name("name")
    zone = reader.text("timezone", "UTC")
    if zone not in zone_names():
        reader.error(
            "unknown-zone",
            f"`{zone[:60]}` is not a time zone",
            reader.span("timezone"),
            nearest(zone, zone_names()) or "for example UTC or Europe/Berlin",
        )
        zone = "UTC"
    return Project(
        name=name.text if name else "project",
        timezone=zone,
        week_starts_on=reader.choice("week_starts_on", "monday"),
        grid=reader.choice("as_of", "day"),
        target=reader.text("target") or None,
        sample=reader.boolean("sample"),
    )
