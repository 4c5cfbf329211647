"""Lengths of time as specs write them: `28 days`, `1 month`; three kinds of step cover every unit."""

from __future__ import annotations

import re

UNITS = ("minutes", "hours", "days", "weeks", "months", "quarters", "years")
CLOCK_UNITS = ("minute", "hour")
LARGEST = {"minute": 60 * 24 * 3660, "day": 36600, "month": 1200}
_LENGTH = re.compile(r"(\d{1,8}) (minute|hour|day|week|month|quarter|year)s?")
_CANONICAL = {
    "minute": (1, "minute"),
    "hour": (60, "minute"),
    "day": (1, "day"),
    "week": (7, "day"),
    "month": (1, "month"),
    "quarter": (3, "month"),
    "year": (12, "month"),
}
ORDER = ("month", "day", "minute")  # the larger unit is stepped first


def canonical_step(amount: int, unit: str) -> tuple[int, str]:
    """The same step in minutes, days or months: `(2, 'week')` is `(14, 'day')`."""
    factor, canonical = _CANONICAL[unit]
    return amount * factor, canonical


def length(text: str) -> tuple[int, str] | None:
    """`28 days` as `(28, 'day')`, in canonical units; None where it is not a length or absurdly long."""
    match = _LENGTH.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    amount, unit = canonical_step(int(match[1]), match[2])
    return (amount, unit) if 0 < amount <= LARGEST[unit] else None


def is_shorter(first: tuple[int, str], second: tuple[int, str]) -> bool:
    """Whether the first length ends before the second whatever the calendar; a month has 28 to 31 days."""
    longest = {"minute": 1, "day": 25 * 60, "month": 31 * 25 * 60}
    shortest = {"minute": 1, "day": 23 * 60, "month": 28 * 24 * 60}
    if first[1] == second[1]:
        return first[0] < second[0]
    return first[0] * longest[first[1]] < second[0] * shortest[second[1]]


def combined(*steps: tuple[int, str]) -> tuple[tuple[int, str], ...]:
    """Steps of one unit taken at once, else the larger unit first."""
    totals = {unit: sum(n for n, u in steps if u == unit) for unit in ORDER}
    return tuple((n, unit) for unit, n in totals.items() if n)


def in_words(amount: int, unit: str) -> str:
    """`(14, 'day')` as `14 days`."""
    if unit == "minute" and amount % 60 == 0:
        amount, unit = amount // 60, "hour"
    if unit == "month" and amount % 12 == 0:
        amount, unit = amount // 12, "year"
    return f"{amount} {unit}{'' if amount == 1 else 's'}"


def stretch(amount: int, unit: str) -> str:
    """The same after `the last`: `14 days`, `year`."""
    return in_words(amount, unit).removeprefix("1 ")
