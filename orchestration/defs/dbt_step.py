"""The first step of a run: dbt builds sources to segments.

dagster-dbt describes the assets and their checks; dbt itself is run by `orchestration.dbt_runner`, as by the command line:
in a process that ends with this one, one at a time, with the same messages, its telemetry off.

The instant is written here and not by a step of its own, because a run of a few assets would leave that one out. dbt
would then build at the instant of the run before, into a generation that is published already. So whenever a compiled
table is among what is built, the next generation is begun first, and all its tables are built: a generation is whole or
it is not published.
"""

import datetime as dt
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import dagster as dg
from dagster_dbt import dbt_assets
from pydantic import Field

from orchestration import publish
from orchestration.commands.as_of import AsOf, given_as_of, usual_as_of
from orchestration.commands.dbt_step import SEGMENT_NODES, dbt_failure
from orchestration.commands.loading import dbt_of, is_sample
from orchestration.commands.sample_command import fill_with_sample
from orchestration.dbt_runner import DbtEvent, DbtResult, build_arguments, stream_dbt
from orchestration.defs.compiled_project import CompiledProject
from orchestration.defs.names import POOL, built_key
from orchestration.defs.steps import Step, Told, failing_in_words, open_step
from orchestration.defs.translator import Translator

NAME = "dbt_build"
UNIQUE_ID = "dagster_dbt/unique_id"
GOOD = frozenset({"success", "no-op", "reused"})


class Instant(dg.Config):
    """When the segments are evaluated: the sample's own today, else `as_of`, else the schedule's tick, else now."""

    as_of: str = Field(
        default="",
        description="A date (its midnight) or a time in the project's zone, on the project's grid. Empty: found by itself.",
    )
    tick: str = Field(default="", description="For schedules: their tick, UTC. It is floored to the project's grid.")


def dbt_step(project: CompiledProject) -> dg.AssetsDefinition:
    """The assets that dbt builds, their tests as asset checks."""

    @dbt_assets(
        manifest=project.manifest,
        exclude=SEGMENT_NODES,
        dagster_dbt_translator=Translator(),
        name=NAME,
        pool=POOL,
    )
    def dbt_build(context: dg.AssetExecutionContext, config: Instant) -> Iterator[Told]:
        with failing_in_words():
            yield from _build(context, project, Nodes.of(dbt_build), config)

    return dbt_build


@dataclass(frozen=True, slots=True)
class Nodes:
    """dbt's nodes in Dagster, by their unique ids."""

    assets: Mapping[str, dg.AssetKey]
    tests: Mapping[str, dg.AssetCheckKey]

    @classmethod
    def of(cls, definition: dg.AssetsDefinition) -> Self:
        return cls(
            {spec.metadata[UNIQUE_ID]: spec.key for spec in definition.specs},
            {spec.metadata[UNIQUE_ID]: spec.key for spec in definition.check_specs},
        )


def _build(
    context: dg.AssetExecutionContext, project: CompiledProject, nodes: Nodes, config: Instant
) -> Iterator[Told]:
    step = open_step(project)
    compiled_tables = {built_key(model.name) for model in step.compiled.models}
    generation = compiled_tables if context.selected_asset_keys & compiled_tables else set()
    with publish.exclusive(step.target):
        as_of = _begin(context, step, config) if generation else None
        result = yield from _run(context, step, nodes, _arguments(context, project, nodes, generation))
        if not result.success:
            raise dbt_failure(result)
        if as_of is not None:
            run_id = context.run.root_run_id or context.run.run_id
            publish.record_built(step.target, publish.Built(run_id, as_of.instant, as_of.in_words))


def _begin(context: dg.AssetExecutionContext, step: Step, config: Instant) -> AsOf:
    """Begins the next generation: the instant, and who was a member before it."""
    given = given_as_of(config.as_of or None, step.compiled)
    notes = fill_with_sample(step.target) if is_sample(step.specs.texts) else ()
    tick = dt.datetime.fromisoformat(config.tick).astimezone(dt.UTC).replace(tzinfo=None) if config.tick else None
    chosen = given or usual_as_of(step.specs, step.compiled, step.target, tick)
    for note in (*notes, chosen.in_words, *publish.prepare(step.target, step.compiled, chosen.instant)):
        context.log.info(note)
    return chosen


def _arguments(
    context: dg.AssetExecutionContext, project: CompiledProject, nodes: Nodes, generation: Collection[dg.AssetKey]
) -> list[str]:
    """`dbt build` of everything, or exactly of what was selected and the generation's tables."""
    wanted = {*context.selected_asset_keys, *generation}
    if wanted.issuperset(nodes.assets.values()):
        return build_arguments([], [SEGMENT_NODES])
    chosen = [unique_id for unique_id, key in nodes.assets.items() if key in wanted]
    chosen += [unique_id for unique_id, key in nodes.tests.items() if key in context.selected_asset_check_keys]
    paths = (project.manifest["nodes"][unique_id]["fqn"] for unique_id in chosen)
    return build_arguments(["fqn:" + ".".join(path) for path in paths], [], exactly=True)


def _run(
    context: dg.AssetExecutionContext, step: Step, nodes: Nodes, arguments: Sequence[str]
) -> Generator[Told, None, DbtResult]:
    """What dbt reports, as it comes, in Dagster's words."""
    events = stream_dbt(dbt_of(step.target), arguments)
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            result: DbtResult = end.value
            return result
        if event.kind != "finished":
            continue
        context.log.info(f"{event.done} of {event.total}: {event.resource_type} {event.name}: {event.status}")
        asset, check = nodes.assets.get(event.unique_id), nodes.tests.get(event.unique_id)
        if asset in context.selected_asset_keys and event.status in GOOD:
            yield dg.MaterializeResult(asset_key=asset, metadata={"Execution Duration": event.seconds})
        elif check is not None and check in context.selected_asset_check_keys and event.status != "skipped":
            yield _check_result(check, event)


def _check_result(check: dg.AssetCheckKey, event: DbtEvent) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {"status": event.status, "Execution Duration": event.seconds}
    if event.failures is not None:
        metadata["dagster_dbt/failed_row_count"] = event.failures
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=event.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if event.status == "warn" else dg.AssetCheckSeverity.ERROR,
        metadata=metadata,
    )
