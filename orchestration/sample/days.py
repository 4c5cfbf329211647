"""The sample's time: whole days counted from its "today", so that nothing reads a clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

SAMPLE_AS_OF = datetime(2026, 6, 30)  # a Tuesday, midnight UTC; day 0 starts here, and everything observed lies before

_TODAY = SAMPLE_AS_OF.date()


def moment(day: int, second: float = 0) -> datetime:
    """The time at `second` of a day; whole seconds."""
    return SAMPLE_AS_OF + timedelta(days=day, seconds=int(second))


def on(day: int) -> date:
    """The date of a day."""
    return _TODAY + timedelta(days=day)


def day_of(when: date) -> int:
    """The day that has this date."""
    return (when - _TODAY).days


def is_weekend(day: int) -> bool:
    return on(day).weekday() >= 5


def is_month_end(day: int) -> bool:
    """One of the last three days of a month, when reports are due."""
    return on(day).month != on(day + 3).month


def yearly(start: int, years: int) -> int:
    """The day on which `start` returns after so many years; 29 February returns on the 28th."""
    first = on(start)
    year = first.year + years
    last = 28 if first.month == 2 and first.day == 29 else first.day
    return day_of(date(year, first.month, last))


def monthly(start: int, months: int) -> int:
    """The same day so many months later, at most the 28th."""
    first = on(start)
    index = first.year * 12 + first.month - 1 + months
    return day_of(date(index // 12, index % 12 + 1, min(first.day, 28)))
