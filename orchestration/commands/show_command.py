"""`segments show`: one segment explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.commands.list_command import kind_of
from orchestration.commands.loading import compiled_or_fail, read_specs, target_of
from orchestration.commands.options import format_option, project_options
from orchestration.commands.output import percent, print_json, say
from orchestration.commands.published import Size, sizes_if_any
from orchestration.diagnostics import UserError, nearest

if TYPE_CHECKING:
    from orchestration.compiler.compiled import Compiled, CompiledSegment


@click.command()
@click.argument("name")
@project_options
@format_option()
def command(name: str, project_dir: Path | None, target: str | None, form: str) -> None:
    """Explain a segment: its definition in words, its SQL, what it reads, who reads it, its size."""
    specs = read_specs(project_dir)
    into = target_of(specs, target) if specs.project.has_dbt or target else None
    compiled = compiled_or_fail(specs, into, drafts=True)
    segment = find_segment(compiled, name)
    sizes = sizes_if_any(into) if into else {}
    published = {tier: sizes[segment.name, tier] for tier in (None, *segment.tiers) if (segment.name, tier) in sizes}
    if form == "json":
        print_json(_as_data(segment, published))
    else:
        _print(segment, published)


def find_segment(compiled: Compiled, name: str) -> CompiledSegment:
    """The segment of that name, or the one whose tier `segment.tier` names; UserError with the nearest name."""
    wanted, _, tier = name.partition(".")
    names = [segment.name for segment in compiled.segments]
    if wanted not in names:
        whole = next((segment.name for segment in compiled.segments if wanted in segment.tiers), None)
        hint = f"it is a tier of `{whole}`" if whole else nearest(wanted, names)
        raise UserError.of("unknown-segment", f"`{name}` is not a segment of this project", hint)
    segment = compiled.segment(wanted)
    if tier and tier not in segment.tiers:
        hint = nearest(tier, segment.tiers) or f"`{wanted}` has no tiers"
        raise UserError.of("unknown-tier", f"`{tier}` is not a tier of `{wanted}`", hint)
    return segment


def _as_data(segment: CompiledSegment, published: dict[str | None, Size]) -> dict[str, object]:
    return {
        **_properties(segment),
        "in_words": segment.in_words,
        "definition": segment.definition,
        "definition_hash": segment.definition_hash,
        "reads": {
            "columns": segment.reads_columns,
            "traits": segment.reads_traits,
            "segments": segment.reads_segments,
        },
        "dependents": segment.dependents,
        "sql": segment.sql,
        "published": [
            {"tier": tier, "as_of": s.as_of, "size": s.size, "share": s.share, "entered": s.entered, "left": s.left}
            for tier, s in published.items()
        ],
    }


def _properties(segment: CompiledSegment) -> dict[str, object]:
    return {
        "segment": segment.name,
        "label": segment.label,
        "description": segment.description,
        "entity": segment.entity,
        "kind": kind_of(segment),
        "tiers": segment.tiers,
        "owner": segment.owner,
        "goal": segment.goal,
        "action": segment.action,
        "purpose": segment.purpose,
        "basis": segment.basis,
        "refresh": segment.refresh,
        "status": segment.status,
    }


def _print(segment: CompiledSegment, published: dict[str | None, Size]) -> None:
    width = max(map(len, _properties(segment)))
    for key, value in _properties(segment).items():
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if text:
            say(f"{key.ljust(width)}  " + text.strip().replace("\n", "\n" + " " * (width + 2)))
    _section("In words", segment.in_words)
    _section("Definition", segment.definition)
    _section("Reads", *(f"{what} {name}" for what, names in _reads(segment) for name in names))
    _section("Read by", *segment.dependents)
    _section("Published", *(_size(tier, size) for tier, size in published.items()))
    _section("SQL", segment.sql)


def _reads(segment: CompiledSegment) -> list[tuple[str, tuple[str, ...]]]:
    return [("column ", segment.reads_columns), ("trait  ", segment.reads_traits), ("segment", segment.reads_segments)]


def _size(tier: str | None, size: Size) -> str:
    share = f" ({percent(size.share)})" if size.share is not None else ""
    moved = f"; {size.entered} entered, {size.left} left"
    return f"{tier or 'as of ' + size.as_of.isoformat(sep=' ') + ' UTC'}: {size.size}{share}{moved}"


def _section(title: str, *lines: str) -> None:
    body = "\n".join(lines).strip("\n")
    say(f"\n{title}\n" + "\n".join(f"  {line}" for line in (body or "nothing").splitlines()))
