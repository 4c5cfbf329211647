"""The second step of a run: the checks of all segments, and publishing them as one generation.

One op, which cannot be taken apart: it says what every check found, and then either publishes all segments or fails,
naming check, value and limit. It publishes only what the dbt step of the same run has built.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import dagster as dg
from pydantic import Field

from orchestration import publish
from orchestration.commands.build_report import in_words
from orchestration.commands.dbt_step import places_of
from orchestration.commands.published import published_sizes
from orchestration.defs.compiled_project import CheckFacts, CompiledProject
from orchestration.defs.names import GENERATION, POOL, check_name, checked_table, served_key, wide_table
from orchestration.defs.served import generation_spec, published_segment, published_table, segment_spec, wide_table_spec
from orchestration.defs.steps import FAILED_CHECKS, Step, Told, failing_in_words, failure, open_step
from orchestration.publish import Built, CheckResult

NAME = "publish"
CheckKeys: TypeAlias = Mapping[tuple[str, str], dg.AssetCheckKey]  # by check and subject


class Publishing(dg.Config):
    """How the generation is published."""

    breaking: bool = Field(default=False, description="Publish even where columns that readers have change or go.")


def publish_step(project: CompiledProject) -> dg.AssetsDefinition:
    """The segments, as assets of one op, with the checks of segments, entities, streams and sources."""
    specs = [_check_spec(check, project) for check in project.checks]
    keys = {(c.check, c.subject): spec.key for c, spec in zip(project.checks, specs, strict=True)}
    tables = [wide_table_spec(entity, project) for entity in project.entities]
    segments = [segment_spec(segment, project) for segment in project.segments]

    @dg.multi_asset(
        specs=[*tables, *segments, generation_spec(project)],
        check_specs=specs,
        name=NAME,
        pool=POOL,
    )
    def publish_segments(
        context: dg.AssetExecutionContext, config: Publishing
    ) -> Iterator[Told]:
        with failing_in_words():
            yield from _publish(context, project, keys, config)

    return publish_segments


def _check_spec(check: CheckFacts, project: CompiledProject) -> dg.AssetCheckSpec:
    table = checked_table(check, project)
    blocks = check.severity == "error"
    return dg.AssetCheckSpec(
        check_name(check, table),
        asset=served_key(table),
        description=f"`{check.check}` of {check.subject_kind} `{check.subject}`: {check.description}. Expected is "
        f"{_limit(check)}; a failure " + ("keeps all segments from being published." if blocks else "is reported."),
        blocking=blocks,
    )


def _limit(check: CheckFacts) -> str:
    bounds = [f"at least {check.minimum}" if check.minimum else "", f"at most {check.maximum}" if check.maximum else ""]
    return " and ".join(filter(None, bounds))


def _publish(
    context: dg.AssetExecutionContext, project: CompiledProject, keys: CheckKeys, config: Publishing
) -> Iterator[Told]:
    step = open_step(project)
    with publish.exclusive(step.target):
        built = _built_by_this_run(context, step)
        context.log.info(built.in_words)
        places = places_of(project.project.dbt_dir / "target" / "manifest.json", step.target)
        results = publish.audit(step.target, step.compiled, built.as_of, places)
        yield from (_check_result(r, keys[r.check, r.subject]) for r in results if (r.check, r.subject) in keys)
        _refuse_failed(results, built)
        with publish.handing_over(step.target, built):
            generation = publish.publish(
                step.target,
                step.compiled,
                built.as_of,
                results,
                published_at=dt.datetime.now(dt.UTC).replace(tzinfo=None),
                breaking=config.breaking,
                on_step=context.log.info,
            )
        sizes = published_sizes(step.target)
    for note in generation.notes:
        context.log.warning(note)
    for entity in step.compiled.entities:
        yield published_table(wide_table(entity.name), generation, built, {"segments": len(entity.segments)})
    for segment in project.in_order:
        yield published_segment(step.compiled.segment(segment.name), generation, built, sizes)
    numbers = {"segments": len(project.segments), "warnings": sum(not result.passed for result in results)}
    yield published_table(GENERATION, generation, built, numbers)


def _built_by_this_run(context: dg.AssetExecutionContext, step: Step) -> Built:
    """What the dbt step of this run, or of the one it repeats, has built."""
    built = publish.read_built(step.target)
    if built is None or built.run_id not in (context.run.run_id, context.run.root_run_id):
        raise failure(
            "there is nothing to publish: this run has not built the segments' tables, or another has begun after it. "
            "The job `segments` builds, checks and publishes in one run."
        )
    return built


def _check_result(result: CheckResult, key: dg.AssetCheckKey) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {} if result.value is None else {"value": _number(result.value)}  # plotted over time
    metadata |= {"expected": result.expected} | ({"detail": result.detail} if result.detail else {})
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result.severity == "error" else dg.AssetCheckSeverity.WARN,
        description=in_words(result),
        metadata=metadata,
    )


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _refuse_failed(results: Sequence[CheckResult], built: Built) -> None:
    """Raises where a check failed that publishing depends on; with what those need who are told."""
    failed = [result for result in results if result.blocks]
    if failed:
        lines = "\n".join(in_words(result) for result in failed)
        what = "a check" if len(failed) == 1 else f"{len(failed)} checks"
        raise failure(
            f"nothing was published, {what} failed; readers still see the generation before.\n{lines}",
            {FAILED_CHECKS: [_as_data(result) for result in failed], "as_of": built.in_words},
        )


def _as_data(result: CheckResult) -> dict[str, Any]:
    return {
        "check": result.check,
        "subject_kind": result.subject_kind,
        "subject": result.subject,
        "segment": result.segment,
        "value": None if result.value is None else _number(result.value),
        "expected": result.expected,
        "detail": result.detail,
        "in_words": in_words(result),
    }
