"""The project's time zone as data: its changes of offset, and wall time from UTC and back.

A zone is read from the locked `tzdata` package and nowhere else (not from the machine, not from an engine), so that one
project has one meaning everywhere. Its transitions are those from 1970 to 2050; before the first and after the last the
nearest offset holds. An ambiguous wall time is the earlier instant, a missing one is shifted by the gap.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

FIRST = dt.datetime(1970, 1, 1)
LAST = dt.datetime(2051, 1, 1)
_DAY, _SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of the zone's offset (wall time minus UTC): at the UTC instant `at` from `before` to `after`."""

    at: dt.datetime
    before: dt.timedelta
    after: dt.timedelta

    @property
    def wall(self) -> dt.datetime:
        """The first wall time that is read with `after`: before it, ambiguous and missing times take `before`."""
        return self.at + max(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: its offset at first, and its transitions in order. All datetimes are naive."""

    name: str
    first: dt.timedelta
    transitions: tuple[Transition, ...]

    @classmethod
    def named(cls, name: str) -> Zone:
        """The zone of that name in `tzdata`; `KeyError` where there is none (see `zone_names`)."""
        return _read(name)

    @property
    def is_fixed(self) -> bool:
        """Whether one offset holds always."""
        return not self.transitions

    def to_wall(self, utc: dt.datetime) -> dt.datetime:
        """The wall time at a UTC instant."""
        position = bisect_right(self.transitions, utc, key=lambda t: t.at)
        return utc + self._offset(position)

    def to_utc(self, wall: dt.datetime) -> dt.datetime:
        """The UTC instant of a wall time; the earlier of two, and after a gap where the time is missing."""
        position = bisect_right(self.transitions, wall, key=lambda t: t.wall)
        return wall - self._offset(position)

    def midnight(self, date: dt.date) -> dt.datetime:
        """The first instant of a local date, in UTC."""
        return self.to_utc(dt.datetime.combine(date, dt.time()))

    def _offset(self, position: int) -> dt.timedelta:
        return self.transitions[position - 1].after if position else self.first


@cache
def zone_names() -> frozenset[str]:
    """The names that `tzdata` knows."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def _read(name: str) -> Zone:
    if name not in zone_names():
        raise KeyError(name)
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        rules = ZoneInfo.from_file(file, key=name)
    day, offset = FIRST, _offset_at(rules, FIRST)
    first, transitions = offset, []
    while day < LAST:
        following = day + _DAY
        after = _offset_at(rules, following)
        if after != offset:
            transitions.append(Transition(_change(rules, day, following), offset, after))
        day, offset = following, after
    return Zone(name, first, tuple(transitions))


def _change(rules: ZoneInfo, low: dt.datetime, high: dt.datetime) -> dt.datetime:
    """The first second after `low` with the offset of `high`: no zone changes twice within a day."""
    before = _offset_at(rules, low)
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        low, high = (middle, high) if _offset_at(rules, middle) == before else (low, middle)
    return high


def _offset_at(rules: ZoneInfo, utc: dt.datetime) -> dt.timedelta:
    return utc.replace(tzinfo=dt.UTC).astimezone(rules).utcoffset() or dt.timedelta()
