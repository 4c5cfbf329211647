"""What the definitions are made of: a compiled project, read from disk and never compiled here.

In: the folder of a project. Out: `CompiledProject`, from `compiled.json` and dbt's manifest. Every process of Dagster
reads it again, so it does nothing but read: the specs are hashed, not parsed, and neither profile nor warehouse is
opened. What is missing or older than the specs is one `UserError`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Literal, TypeAlias

from orchestration.commands.options import PROJECT_DIR_VARIABLE, TARGET_VARIABLE
from orchestration.compiler.compiled import RUN_SCHEMA
from orchestration.compiler.files import SEGMENT_TAG
from orchestration.compiler.summary import FILE, STAMP, specs_hash
from orchestration.diagnostics import Report, UserError
from orchestration.project import Project, find_project

Node: TypeAlias = Mapping[str, Any]  # a node of dbt's manifest
SubjectKind: TypeAlias = Literal["segment", "entity", "stream", "source"]
REMEDY = "`segments compile --manifest` writes them; `segments dagster` does it before it starts"


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """A segment as its dbt node describes it. All texts are data from specs."""

    name: str
    entity: str
    label: str
    description: str
    owner: str
    goal: str
    action: str
    purpose: str
    basis: tuple[str, ...]
    refresh: str
    status: str
    reads: tuple[str, ...]  # segments
    place: str  # file:line of the spec
    node: Node


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """One check of one subject, and what its value must be."""

    check: str
    description: str
    subject_kind: SubjectKind
    subject: str
    minimum: str | None
    maximum: str | None
    severity: Literal["error", "warn"]

    @property
    def has_limit(self) -> bool:
        """Whether it can fail at all."""
        return self.minimum is not None or self.maximum is not None


@dataclass(frozen=True)
class CompiledProject:
    """A project's compiled models as dbt and `compiled.json` describe them; `target` None is the project's own."""

    project: Project
    target: str | None
    facts: Mapping[str, Any]
    manifest: Mapping[str, Any]

    @property
    def timezone(self) -> str:
        return str(self.facts["timezone"])

    @property
    def grid(self) -> str:
        return str(self.facts["grid"])

    @property
    def week_starts_on(self) -> str:
        return str(self.facts["week_starts_on"])

    @property
    def entities(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.facts["entities"]
        return found

    @property
    def streams(self) -> Mapping[str, str]:
        """The relation that each stream reads, by its logical name."""
        found: Mapping[str, str] = self.facts["streams"]
        return found

    @cached_property
    def segments(self) -> tuple[SegmentFacts, ...]:
        return tuple(map(self._segment, self.facts["segments"]))

    @cached_property
    def in_order(self) -> tuple[SegmentFacts, ...]:
        """The segments, each after those that it reads."""
        by_name = {segment.name: segment for segment in self.segments}
        order = TopologicalSorter({segment.name: segment.reads for segment in self.segments}).static_order()
        return tuple(by_name[name] for name in order)

    @cached_property
    def checks(self) -> tuple[CheckFacts, ...]:
        """The checks that can fail, of every subject."""
        return tuple(check for check in self._checks() if check.has_limit)

    @cached_property
    def relations(self) -> Mapping[str, Node]:
        """The nodes of models, seeds, snapshots and sources, by `Relation.logical`."""
        found = {f"source:{n['source_name']}.{n['name']}": n for n in self.manifest["sources"].values()}
        for node in self.manifest["nodes"].values():
            if node["resource_type"] in ("model", "seed", "snapshot"):
                found[f"model:{node['name']}"] = node
        return found

    def _segment(self, name: str) -> SegmentFacts:
        node, facts = self.relations[f"model:segment__{name}"], self.facts["segments"][name]
        meta = node["config"]["meta"]
        return SegmentFacts(
            name=name,
            entity=meta["entity"],
            label=meta["label"],
            description=node["description"],
            owner=meta["owner"],
            goal=meta["goal"],
            action=meta["action"],
            purpose=meta["purpose"],
            basis=tuple(meta["basis"]),
            refresh=meta["refresh"],
            status=meta["status"],
            reads=tuple(facts["reads"]),
            place=f"{facts['file']}:{facts['line']}",
            node=node,
        )

    def _checks(self) -> Iterator[CheckFacts]:
        for check in self.facts["checks"]:
            for subject, limit in check["limits"].items():
                yield CheckFacts(check["check"], check["description"], check["subject_kind"], subject, **limit)


def read_compiled_project() -> CompiledProject:
    """The project that `SEGMENTS_PROJECT_DIR` names, else the nearest upwards; `SEGMENTS_TARGET` names the target."""
    folder = os.environ.get(PROJECT_DIR_VARIABLE)
    return read_compiled(find_project(Path(folder) if folder else None), os.environ.get(TARGET_VARIABLE) or None)


def read_compiled(project: Project, target: str | None = None) -> CompiledProject:
    """Reads what was compiled; UserError where it is missing, or is not what the specs say now."""
    facts = _json(project.compiled_dir / FILE, "the specs were not compiled")
    report = Report()
    texts = project.spec_sources(report)
    if report.has_errors:
        raise UserError(*report.diagnostics)
    if facts.get("specs") != specs_hash(texts):
        raise UserError.of("stale-models", "the specs have changed since they were compiled", REMEDY)
    manifest = _json(project.dbt_dir / "target" / "manifest.json", "dbt's manifest is missing")
    run_sources = [n for n in manifest["sources"].values() if n["source_name"] == RUN_SCHEMA]
    if not run_sources or run_sources[0]["config"]["meta"].get(STAMP) != facts["stamp"]:
        raise UserError.of("stale-manifest", "dbt's manifest is older than the compiled models", REMEDY)
    if manifest["metadata"].get("adapter_type") != facts["dialect"]:
        raise UserError.of("stale-manifest", "dbt's manifest was written for another warehouse than the models", REMEDY)
    return CompiledProject(project, target, facts, manifest)


def _json(path: Path, missing: str) -> Mapping[str, Any]:
    try:
        content: Mapping[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UserError.of("not-compiled", f"{missing}: there is no {path}", REMEDY) from None
    except ValueError as error:
        raise UserError.of("not-compiled", f"{path} cannot be read: {error}", REMEDY) from None
    return content


def is_segment(node: Node) -> bool:
    """Whether a dbt node stands for a segment, which publishing serves and dbt does not build."""
    return SEGMENT_TAG in node["tags"]
