"""`segments list`: the segments of a project, with their sizes where published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.commands.loading import compiled_or_fail, read_specs, target_of
from orchestration.commands.options import format_option, project_options
from orchestration.commands.output import percent, print_json, print_table
from orchestration.commands.published import Sizes, sizes_if_any
from orchestration.diagnostics import Report
from orchestration.spec import nodes

if TYPE_CHECKING:
    from orchestration.compiler.compiled import CompiledSegment

KINDS = ("tiers", "members", "split", "model", "where")


@click.command()
@project_options
@format_option()
def command(project_dir: Path | None, target: str | None, form: str) -> None:
    """List the segments: entity, kind, owner, refresh, status, and the size where published."""
    specs = read_specs(project_dir)
    into = target_of(specs, target) if specs.project.has_dbt or target else None
    compiled = compiled_or_fail(specs, into, drafts=True)
    sizes: Sizes = sizes_if_any(into) if into else {}
    listed = []
    for segment in compiled.segments:
        published = sizes.get((segment.name, None))
        listed.append(
            {
                "segment": segment.name,
                "entity": segment.entity,
                "kind": kind_of(segment),
                "owner": segment.owner,
                "refresh": segment.refresh,
                "status": segment.status,
                "size": published.size if published else None,
                "share": published.share if published else None,
                "as_of": published.as_of if published else None,
            }
        )
    if form == "json":
        print_json(listed)
        return
    headers = ["segment", "entity", "kind", "owner", "refresh", "status", "size", "share"]
    rows = [[*(line[h] for h in headers[:-1]), percent(line["share"])] for line in listed]
    print_table(headers, rows, right=("size", "share"))


def kind_of(segment: CompiledSegment) -> str:
    """How a segment says who is in it: the key of its spec that does."""
    root = nodes.parse(segment.name, segment.definition, Report())
    item = root.items[0] if isinstance(root, nodes.Sequence) and root.items else root
    keys = [key.text for key, _ in item.entries] if isinstance(item, nodes.Mapping) else []
    return next((kind for kind in KINDS if kind in keys), "where")
