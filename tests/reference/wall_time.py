"""The calendar of the project's zone: wall time and instants, calendar steps, beginnings of units."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tests.reference.values import read_time
from tests.reference.yaml_text import SpecError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = {"minute": 1, "hour": 60}
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Length:
    """A number of units: `28 days`."""

    amount: int
    unit: str

    @property
    def step(self) -> tuple[int, str]:
        """The same in the smallest unit of its family: months, days or minutes."""
        for family, smallest in ((MONTHS, "month"), (DAYS, "day"), (CLOCK, "minute")):
            if self.unit in family:
                return self.amount * family[self.unit], smallest
        raise SpecError(f"`{self.unit}` is not a unit")


def read_length(written: str) -> Length:
    """`28 days`, `1 month`."""
    found = re.fullmatch(r"(-?\d+) (minute|hour|day|week|month|quarter|year)s?", " ".join(written.split()).lower())
    if found is None:
        raise SpecError(f"`{written}` is not a length of time")
    return Length(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Calendar:
    """Wall time in a zone; `first_weekday` counts from Monday 0. Instants are naive datetimes in UTC."""

    zone: ZoneInfo
    first_weekday: int

    def wall(self, instant: dt.datetime) -> dt.datetime:
        """What a clock on the wall shows at an instant."""
        return instant.replace(tzinfo=dt.UTC).astimezone(self.zone).replace(tzinfo=None, fold=0)

    def instant(self, wall: dt.datetime) -> dt.datetime:
        """The instant of a wall time: the earlier one of two; a wall time that is skipped is moved on by the gap."""
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(dt.UTC).replace(tzinfo=None)

    def day(self, instant: dt.datetime) -> dt.date:
        return self.wall(instant).date()

    def midnight(self, day: dt.date) -> dt.datetime:
        return self.instant(dt.datetime(day.year, day.month, day.day))

    def as_instant(self, moment: dt.date) -> dt.datetime:
        """A timestamp as it is; a date as its local midnight."""
        return moment if isinstance(moment, dt.datetime) else self.midnight(moment)

    def as_day(self, moment: dt.date) -> dt.date:
        """A date as it is; a timestamp as the date of its wall time."""
        return self.day(moment) if isinstance(moment, dt.datetime) else moment

    def shift(self, moment: dt.date, length: Length, sign: int = 1) -> dt.date:
        """A date or an instant some units later or earlier: days to years by the calendar, smaller ones exactly."""
        amount, unit = length.step
        amount *= sign
        if unit == "minute":
            if not isinstance(moment, dt.datetime):
                raise SpecError("a date has no hours and minutes")
            return moment + dt.timedelta(minutes=amount)
        if isinstance(moment, dt.datetime):
            wall = self.wall(moment)
            return self.instant(dt.datetime.combine(_moved(wall.date(), amount, unit), wall.time()))
        return _moved(moment, amount, unit)

    def later(self, instant: dt.datetime, length: Length) -> dt.datetime:
        """`shift` of an instant, forward."""
        found = self.shift(instant, length)
        assert isinstance(found, dt.datetime)
        return found

    def start(self, moment: dt.date, unit: str) -> dt.date:
        """The beginning of the unit that holds a date or an instant; of the same type."""
        if not isinstance(moment, dt.datetime):
            return self._first_day(moment, unit)
        wall = self.wall(moment)
        if unit == "minute":
            return self.instant(wall.replace(second=0, microsecond=0))
        if unit == "hour":
            return self.instant(wall.replace(minute=0, second=0, microsecond=0))
        return self.midnight(self._first_day(wall.date(), unit))

    def _first_day(self, day: dt.date, unit: str) -> dt.date:
        match unit:
            case "day":
                return day
            case "week":
                return day - dt.timedelta(days=(day.weekday() - self.first_weekday) % 7)
            case "month":
                return day.replace(day=1)
            case "quarter":
                return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            case "year":
                return day.replace(month=1, day=1)
        raise SpecError(f"`{unit}` is not a calendar unit of dates")

    def boundaries(self, unit: str, start: dt.date, end: dt.date) -> int:
        """How many beginnings of the unit lie in `(start, end]` on the calendar; negative backwards."""
        if unit in CLOCK:
            if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime):
                raise SpecError("a date has no hours and minutes")
            return self._clock_number(end, unit) - self._clock_number(start, unit)
        return self._number(self.as_day(end), unit) - self._number(self.as_day(start), unit)

    def _clock_number(self, instant: dt.datetime, unit: str) -> int:
        return (self.wall(instant) - dt.datetime.min) // dt.timedelta(minutes=CLOCK[unit])

    def _number(self, day: dt.date, unit: str) -> int:
        """The unit's running number on the calendar."""
        if unit in DAYS:
            return (day.toordinal() - 1 - self.first_weekday) // 7 if unit == "week" else day.toordinal()
        if unit in MONTHS:
            return (day.year * 12 + day.month - 1) // MONTHS[unit]
        raise SpecError(f"`{unit}` is not a calendar unit of dates")

    def read(self, written: str) -> dt.datetime:
        """A date or a time in a spec: wall time, unless it names a zone."""
        time = read_time(written)
        return self.instant(time) if time.tzinfo is None else time.astimezone(dt.UTC).replace(tzinfo=None)

    def read_day(self, written: str) -> dt.date:
        """The first date whose midnight is not before a written time."""
        instant = self.read(written)
        day = self.day(instant)
        return day if self.midnight(day) >= instant else day + dt.timedelta(days=1)


def _moved(day: dt.date, amount: int, unit: str) -> dt.date:
    if unit == "day":
        return day + dt.timedelta(days=amount)
    months = day.year * 12 + day.month - 1 + amount
    year, month = divmod(months, 12)
    for last in (day.day, 30, 29, 28):  # the same day of the month, or its last
        if last <= day.day:
            try:
                return dt.date(year, month + 1, last)
            except ValueError as error:
                if "day" not in str(error):
                    raise OverflowError("a date outside the years 1 to 9999") from None
    raise OverflowError("a date outside the years 1 to 9999")


def anniversary(day: dt.date, years: int) -> dt.date:
    """The day so many years on; 29 February returns on the 28th."""
    return _moved(day, 12 * years, "month")


def completed_years(born: dt.date, today: dt.date) -> int:
    """The largest number of years whose anniversary is not after today."""
    years = today.year - born.year
    return years if (today.month, today.day) >= _month_and_day(born, today) else years - 1


def _month_and_day(born: dt.date, today: dt.date) -> tuple[int, int]:
    returned = anniversary(born, today.year - born.year)
    return returned.month, returned.day


def next_return(day: dt.date, today: dt.date) -> dt.date:
    """The first yearly return that is not before today, the day itself being the first of all."""
    years = max(0, today.year - day.year)
    returned = anniversary(day, years)
    return returned if returned >= today else anniversary(day, years + 1)
