"""When the job runs by itself: as often as the segments that are refreshed most often ask for.

A tick is a wall time in the project's zone. It stands some hours after midnight, since as_of is the tick floored to the
project's grid, and what happened before as_of has to have arrived by then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

import dagster as dg

from orchestration.commands.instants import floored, shown
from orchestration.defs.compiled_project import CompiledProject
from orchestration.defs.dbt_step import NAME as DBT_STEP
from orchestration.defs.dbt_step import Instant
from orchestration.defs.job import JOB
from orchestration.language.model import WEEKDAYS
from orchestration.language.zone import Zone

CADENCES = ("hourly", "daily", "weekly")  # the most frequent first
HOUR, MINUTE = 6, 20


def schedules(project: CompiledProject) -> Iterator[dg.ScheduleDefinition]:
    """The schedule of the job, stopped until it is turned on; none without segments."""
    refresh = cadence_of({segment.refresh for segment in project.segments})
    if refresh is None:
        return

    @dg.schedule(
        name=f"{JOB}_{refresh}",
        job_name=JOB,
        cron_schedule=cron_of(refresh, project.week_starts_on),
        execution_timezone=project.timezone,
        description="Builds, checks and publishes all segments as of its tick, floored to the project's grid.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return run_at(context.scheduled_execution_time, project)

    yield tick


def run_at(tick: dt.datetime, project: CompiledProject) -> dg.RunRequest:
    """A run of the job for a tick. Ticks of the same instant of the grid are the same run."""
    zone = Zone.named(project.timezone)
    utc = tick.astimezone(dt.UTC).replace(tzinfo=None)
    instant = shown(floored(utc, zone, project.grid), zone, project.grid)
    config = dg.RunConfig(ops={DBT_STEP: Instant(tick=utc.isoformat() + "Z")})
    return dg.RunRequest(run_key=instant, run_config=config, tags={"as_of": instant})


def cadence_of(refreshes: Collection[str]) -> str | None:
    """The most frequent cadence; None where nothing is refreshed."""
    return min(refreshes, key=CADENCES.index, default=None)


def cron_of(refresh: str, week_starts_on: str) -> str:
    """The ticks of a cadence, in the project's zone."""
    match refresh:
        case "hourly":
            return f"{MINUTE} * * * *"
        case "daily":
            return f"{MINUTE} {HOUR} * * *"
        case "weekly":
            return f"{MINUTE} {HOUR} * * {(WEEKDAYS.index(week_starts_on) + 1) % 7}"
    raise AssertionError(refresh)
