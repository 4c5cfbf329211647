"""The instant as data: the edges that follow from as_of, computed once in Python for the whole run."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange

from orchestration.compiler.compiled import Compiled
from orchestration.language.expression import Edge
from orchestration.language.model import WEEKDAYS
from orchestration.language.zone import Zone

_FIRST, _LAST = dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29)


def instant_row(compiled: Compiled, as_of: dt.datetime) -> dict[str, object]:
    """The columns of `segments_run.instant` after `cadence` and `compiled_hash`: each edge as a timestamp and as a date."""
    zone = Zone.named(compiled.timezone)
    row: dict[str, object] = {}
    for edge in compiled.edges:
        value = edge_instant(edge, as_of, zone, compiled.week_starts_on)
        row[edge.name] = value
        row[f"{edge.name}_date"] = first_date(value, zone)
    return row


def edge_instant(edge: Edge, as_of: dt.datetime, zone: Zone, week_starts_on: str) -> dt.datetime:
    """The edge as a UTC instant without a zone, kept within the calendar's years 1 to 9999."""
    value = zone.to_utc(edge.fixed) if edge.fixed is not None else as_of
    if edge.floor:
        value = zone.to_utc(floor(zone.to_wall(value), edge.floor, week_starts_on))
    for amount, unit in edge.steps:
        try:
            if unit == "minute":
                value += dt.timedelta(minutes=amount)
            else:
                value = zone.to_utc(step(zone.to_wall(value), amount, unit))
        except (OverflowError, ValueError):
            value = _FIRST if amount < 0 else _LAST
    return min(max(value, _FIRST), _LAST)


def floor(wall: dt.datetime, unit: str, week_starts_on: str) -> dt.datetime:
    """The beginning of the calendar unit that holds a wall time."""
    day = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "day":
            return day
        case "week":
            return day - dt.timedelta(days=(day.weekday() - WEEKDAYS.index(week_starts_on)) % 7)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    raise AssertionError(unit)


def step(wall: dt.datetime, amount: int, unit: str) -> dt.datetime:
    """A wall time so many days or months later; a day that a month does not have is its last."""
    if unit == "day":
        return wall + dt.timedelta(days=amount)
    assert unit == "month", unit
    months = wall.year * 12 + wall.month - 1 + amount
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(wall.day, last))


def first_date(instant: dt.datetime, zone: Zone) -> dt.date:
    """The first local date whose midnight is not before the instant."""
    date = zone.to_wall(instant).date()
    while zone.midnight(date) >= instant:
        date -= dt.timedelta(days=1)
    while zone.midnight(date) < instant:
        date += dt.timedelta(days=1)
    return date


def on_grid(as_of: dt.datetime, timezone: str, grid: str) -> tuple[dt.datetime, dt.datetime]:
    """The grid instants at or before, and at or after as_of (equal where as_of lies on the grid); all UTC."""
    zone = Zone.named(timezone)
    wall = zone.to_wall(as_of)
    if grid == "hour":
        before = as_of - dt.timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
        return before, before if before == as_of else before + dt.timedelta(hours=1)
    before = zone.midnight(wall.date())
    return before, before if before == as_of else zone.midnight(wall.date() + dt.timedelta(days=1))
