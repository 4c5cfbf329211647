"""What a build came to: a table of segments, what the checks found, and where to query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.commands.output import percent, place, print_json, print_table, say
from orchestration.commands.published import Sizes
from orchestration.compiler.compiled import SERVING_SCHEMA

if TYPE_CHECKING:
    from orchestration.commands.as_of import AsOf
    from orchestration.compiler.compiled import Compiled
    from orchestration.dbt_runner import DbtResult, NodeResult
    from orchestration.publish import CheckResult, Generation
    from orchestration.warehouse import Target


@dataclass(frozen=True, slots=True)
class Built:
    """A build that was published."""

    target: Target
    compiled: Compiled
    as_of: AsOf
    generation: Generation
    results: Sequence[CheckResult]
    dbt: DbtResult
    sizes: Sizes
    call_options: str  # what another call needs to reach the same project and target, with a blank before it

    @property
    def warned_tests(self) -> list[NodeResult]:
        """dbt's tests that found something and did not stop the run."""
        return [node for node in self.dbt.nodes if node.status == "warn"]

    @property
    def warned(self) -> list[CheckResult]:
        """Checks that found something and did not stop the publishing."""
        return [result for result in self.results if not result.passed]


def print_built(built: Built, form: str) -> None:
    """Prints it as text or JSON."""
    if form == "json":
        print_json(_as_data(built))
        return
    rows = []
    for segment in built.compiled.segments:
        rows.append(_row(built, segment.name, None, segment.entity, check_state(built.results, segment.name)))
        rows += [_row(built, segment.name, tier, segment.entity, "") for tier in segment.tiers]
    say()
    print_table(["segment", "tier", "entity", "size", "share", "checks"], rows, right=("size", "share"))
    say()
    descriptions = {check.check: check.description for check in built.compiled.checks}
    for result in built.warned:
        say(f"warning: {in_words(result)}\n         {descriptions.get(result.check, '')}".rstrip())
    for node in built.warned_tests:
        say(f"warning: dbt's test `{node.name}` found {node.failures} rows")
    say(
        f"published {built.generation.publish_id}, {built.as_of.in_words}: schema `{SERVING_SCHEMA}` of {_place(built)}"
    )
    if built.compiled.segments:
        first = f"{SERVING_SCHEMA}.{built.compiled.segments[0].name}"  # after its schema even `order` is a name
        say(f'query it: segments query "select * from {first} limit 10"{built.call_options}')


def check_state(results: Sequence[CheckResult], segment: str) -> str:
    """What the checks of a segment came to: `ok`, or how many warned; nothing where it has none."""
    own = [result for result in results if result.segment == segment]
    warned = sum(not result.passed for result in own)
    return f"{warned} warned" if warned else "ok" if own else ""


def in_words(result: CheckResult) -> str:
    """A check that did not pass, in a line."""
    value = "unknown" if result.value is None else f"{result.value:f}"
    detail = f": {result.detail}" if result.detail else ""
    return (
        f"`{result.check}` of {result.subject_kind} `{result.subject}` is {value}, expected {result.expected}{detail}"
    )


def checks_as_data(results: Sequence[CheckResult]) -> list[dict[str, object]]:
    """Every check as a program reads it."""
    return [
        {
            "check": result.check,
            "subject_kind": result.subject_kind,
            "subject": result.subject,
            "segment": result.segment,
            "value": result.value,
            "minimum": result.minimum,
            "maximum": result.maximum,
            "severity": result.severity,
            "passed": result.passed,
            "detail": result.detail,
        }
        for result in results
    ]


def _row(built: Built, segment: str, tier: str | None, entity: str, checks: str) -> list[object]:
    size = built.sizes.get((segment, tier))
    known = [size.size, percent(size.share)] if size else [None, None]
    return ["" if tier else segment, tier, "" if tier else entity, *known, checks]


def _place(built: Built) -> str:
    return place(built.target.files.serving) if built.target.files else built.target.place


def _as_data(built: Built) -> dict[str, object]:
    segments = []
    for segment in built.compiled.segments:
        for tier in (None, *segment.tiers):
            size = built.sizes.get((segment.name, tier))
            segments.append(
                {
                    "segment": segment.name,
                    "tier": tier,
                    "entity": segment.entity,
                    "size": size.size if size else None,
                    "share": size.share if size else None,
                    "entered": size.entered if size else None,
                    "left": size.left if size else None,
                    "checks": check_state(built.results, segment.name) if tier is None else None,
                }
            )
    return {
        "target": built.target.name,
        "as_of": built.as_of.instant,
        "as_of_from": built.as_of.origin,
        "publish_id": built.generation.publish_id,
        "serving": str(built.target.files.serving) if built.target.files else built.target.place,
        "published": True,
        "segments": segments,
        "checks": checks_as_data(built.results),
        "warnings": [in_words(result) for result in built.warned]
        + [f"dbt's test `{node.name}` found {node.failures} rows" for node in built.warned_tests],
    }
