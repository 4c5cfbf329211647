"""Instants on a project's grid: read from `--as-of`, or floored from a clock's time. All datetimes are naive UTC."""

from __future__ import annotations

import datetime as dt
import re

from orchestration.diagnostics import UserError
from orchestration.language.zone import FIRST, LAST, Zone

_HOUR = dt.timedelta(hours=1)
_DAY = dt.timedelta(days=1)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def floored(utc: dt.datetime, zone: Zone, grid: str) -> dt.datetime:
    """The last instant of the grid (`day`: local midnights, `hour`: local full hours) that is not after `utc`."""
    wall = zone.to_wall(utc)
    if grid == "hour":
        return utc - dt.timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    return zone.midnight(wall.date())


def following(utc: dt.datetime, zone: Zone, grid: str) -> dt.datetime:
    """The first instant of the grid after `utc`, which lies on it."""
    if grid == "hour":
        return floored(utc + _HOUR, zone, grid)
    return zone.midnight(zone.to_wall(utc).date() + _DAY)


def read_as_of(text: str, zone: Zone, grid: str) -> dt.datetime:
    """An instant of the grid from a date (its local midnight) or a time, local unless it has an offset; else UserError."""
    utc = _read(text.strip(), zone)
    before = floored(utc, zone, grid)
    if before == utc:
        return utc
    after = following(before, zone, grid)
    every = "a full hour" if grid == "hour" else "midnight"
    raise UserError.of(
        "as-of-off-grid",
        f"--as-of {text} is not on the project's grid: {every} in {zone.name}",
        f"the nearest are {shown(before, zone, grid)} and {shown(after, zone, grid)}",
    )


def shown(utc: dt.datetime, zone: Zone, grid: str) -> str:
    """An instant as a person writes it after `--as-of`: local, with `Z` where local time would be ambiguous."""
    wall = zone.to_wall(utc)
    if zone.to_utc(wall) != utc:
        return utc.isoformat(timespec="minutes") + "Z"
    if grid == "day" and zone.midnight(wall.date()) == utc:
        return wall.date().isoformat()
    return wall.isoformat(timespec="minutes" if wall.second == 0 and wall.microsecond == 0 else "auto")


def _read(text: str, zone: Zone) -> dt.datetime:
    try:
        if not _DATE.match(text):
            raise ValueError
        wall = dt.datetime.fromisoformat(text)
    except ValueError:
        hint = "write a date or a time, such as 2026-03-01 or 2026-03-01T06:00"
        raise UserError.of("bad-as-of", f"--as-of {text} is no instant", hint) from None
    first, end = FIRST + _DAY, LAST - _DAY
    if not first <= wall.replace(tzinfo=None) < end:
        hint = f"from {first:%Y-%m-%d} until before {end:%Y-%m-%d}"
        raise UserError.of("as-of-out-of-range", f"--as-of {text} lies outside the years that can be computed", hint)
    if wall.tzinfo is not None:
        return wall.astimezone(dt.UTC).replace(tzinfo=None)
    return zone.to_utc(wall)
