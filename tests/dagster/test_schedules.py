"""When the job runs, and as of when."""

import datetime as dt
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from orchestration.defs.schedules import cadence_of, cron_of, run_at, schedules
from tests.dagster.projects import by_hand


def test_the_schedule_follows_from_what_is_refreshed_most_often() -> None:
    assert cadence_of({"weekly", "daily"}) == "daily"
    assert cadence_of({"weekly"}) == "weekly"
    assert cadence_of(set()) is None
    assert list(schedules(by_hand({}))) == []
    (schedule,) = schedules(by_hand({"a": {}, "b": {"refresh": "weekly"}}, timezone="Europe/Berlin"))
    assert (schedule.name, schedule.cron_schedule) == ("segments_daily", "20 6 * * *")
    assert schedule.execution_timezone == "Europe/Berlin"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


@pytest.mark.parametrize(
    ("refresh", "week_starts_on", "cron"),
    [
        ("hourly", "monday", "20 * * * *"),
        ("daily", "monday", "20 6 * * *"),
        ("weekly", "monday", "20 6 * * 1"),
        ("weekly", "sunday", "20 6 * * 0"),
    ],
)
def test_ticks(refresh: str, week_starts_on: str, cron: str) -> None:
    assert cron_of(refresh, week_starts_on) == cron


def test_a_tick_is_floored_to_the_grid_in_the_zone_of_the_project() -> None:
    project = by_hand({"a": {}}, timezone="Europe/Berlin")
    (schedule,) = schedules(project)
    tick = dt.datetime(2026, 3, 29, 6, 20, tzinfo=ZoneInfo("Europe/Berlin"))  # the day on which clocks go forward
    with dg.build_schedule_context(scheduled_execution_time=tick) as context:
        (request,) = schedule.evaluate_tick(context).run_requests or ()
    assert (request.run_key, request.tags["as_of"]) == ("2026-03-29", "2026-03-29")
    assert request.run_config["ops"]["dbt_build"]["config"] == {"as_of": "", "tick": "2026-03-29T04:20:00Z"}


def test_ticks_of_the_same_instant_are_one_run() -> None:
    project = by_hand({"a": {}}, grid="hour")
    minutes = [run_at(dt.datetime(2026, 3, 1, 6, minute, tzinfo=dt.UTC), project).run_key for minute in (0, 20, 59)]
    assert minutes == ["2026-03-01T06:00"] * 3
