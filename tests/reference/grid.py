"""The instants at which a segment is evaluated: its refresh, or else the project's grid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from tests.reference.wall_time import Length
from tests.reference.world import World
from tests.reference.yaml_text import Node, SpecError, text

UNITS = {"hourly": "hour", "daily": "day", "weekly": "week"}


def instants_between(world: World, refresh: Node | None, after: dt.date, before: dt.datetime) -> Iterator[dt.datetime]:
    """The grid's instants strictly between two instants, in order."""
    if isinstance(refresh, dict):
        yield from _by_cron(world, refresh, after, before)
        return
    unit = world.spec.grid if refresh is None else UNITS.get(text(refresh, "refresh"))
    if unit is None:
        raise SpecError(f"`{refresh}` is not a refresh")
    instant = world.calendar.start(after, unit)
    assert isinstance(instant, dt.datetime)
    while instant < before:
        if instant > after:
            yield instant
        instant = world.calendar.later(instant, Length(1, unit))


def instant_before(world: World, refresh: Node | None, as_of: dt.datetime) -> dt.datetime:
    """The grid's last instant before as_of."""
    for days in (8, 40, 400):
        if found := list(instants_between(world, refresh, as_of - dt.timedelta(days=days), as_of)):
            return found[-1]
    raise SpecError(f"`{refresh}` comes less than once a year")


def _by_cron(world: World, refresh: Mapping[str, Node], after: dt.date, before: dt.datetime) -> Iterator[dt.datetime]:
    minute, hour, day, month, weekday = text(refresh.get("cron"), "cron").split()
    assert isinstance(after, dt.datetime)
    instant = after.replace(second=0, microsecond=0)
    while instant < before:
        wall = world.calendar.wall(instant)
        days = [_allows(day, wall.day, 1), _allows(weekday, wall.isoweekday() % 7, 0)]
        on_day = any(days) if "*" not in (day, weekday) else all(days)
        at = _allows(minute, wall.minute, 0) and _allows(hour, wall.hour, 0) and _allows(month, wall.month, 1)
        if instant > after and at and on_day:
            yield instant
        instant += dt.timedelta(minutes=1)


def _allows(field: str, value: int, first: int) -> bool:
    """Whether a field of a cron line (`*`, `*/5`, `1,15`, `1-5`) holds a value."""
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        start, end = (first, 10**6) if span == "*" else (int(low), int(high or low))
        if start <= value <= end and (value - start) % int(step or 1) == 0:
            return True
    return False
