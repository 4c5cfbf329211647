"""Time against zoneinfo and the calendar of Python, in zones with gaps, overlaps, odd offsets and a skipped day."""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from orchestration.catalog.types import DATE, INTEGER, TIMESTAMP
from orchestration.language.expression import Expression
from orchestration.language.zone import Zone
from tests.compiler.lowering.engines import DIALECTS, TODAY_DATE, Engines, call, column

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "Etc/GMT-5",
)  # fmt: skip
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
UTC = dt.UTC


def to_wall(utc: dt.datetime, zone: str) -> dt.datetime:
    return utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def to_utc(wall: dt.datetime, zone: str) -> dt.datetime:
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC).replace(tzinfo=None)


def moments(zone: str) -> list[dt.datetime]:
    """UTC instants around every fifth transition, at ends of months and days, and some at random, from 1970 to 2050."""
    generator = random.Random(3)
    around = [t.at for t in Zone.named(zone).transitions if t.at.year < 2049][::7]
    near = [
        t + dt.timedelta(minutes=m, microseconds=u) for t in around for m in (-90, -1, 0, 30, 60, 1440) for u in (-1, 0)
    ]
    ends = [
        dt.datetime(y, m, d, h, 30) for y, m, d in ((2024, 2, 29), (2023, 3, 31), (2011, 12, 29)) for h in (0, 10, 23)
    ]
    start, length = dt.datetime(1970, 1, 2), dt.timedelta(days=29000)
    return near + ends + [start + generator.random() * length for _ in range(60)]


def dates() -> list[dt.date]:
    generator = random.Random(4)
    edges = [dt.date(2024, 2, 29), dt.date(1960, 1, 3), dt.date(2011, 12, 30), dt.date(2100, 2, 28), TODAY_DATE]
    edges += [dt.date(y, m, d) for y in (2023, 2026, 2028) for m in (1, 3, 12) for d in (1, 30, 31)]
    edges += [dt.date(2026, 2, 28), dt.date(2026, 3, 2), dt.date(2028, 2, 29), dt.date(2020, 2, 29)]
    return edges + [dt.date(1900, 1, 1) + dt.timedelta(days=generator.randrange(90000)) for _ in range(60)]


def moved(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def first_day(day: dt.date, unit: str, week: str = "monday") -> dt.date:
    match unit:
        case "day":
            return day
        case "week":
            return day - dt.timedelta(days=(day.weekday() - WEEK.index(week)) % 7)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def stepped(moment: dt.datetime, count: int, unit: str, zone: str) -> dt.datetime:
    if unit in ("minute", "hour"):
        return moment + count * dt.timedelta(**{unit + "s": 1})
    wall = to_wall(moment, zone)
    day = (
        wall.date() + dt.timedelta(days=count * DAYS[unit])
        if unit in DAYS
        else moved(wall.date(), count * MONTHS[unit])
    )
    return to_utc(dt.datetime.combine(day, wall.time()), zone)


def truncated(moment: dt.datetime, unit: str, zone: str, week: str) -> dt.datetime:
    wall = to_wall(moment, zone)
    if unit in ("minute", "hour"):
        return to_utc(wall.replace(second=0, microsecond=0, minute=wall.minute if unit == "minute" else 0), zone)
    return to_utc(dt.datetime.combine(first_day(wall.date(), unit, week), dt.time()), zone)


def number_of(day: dt.date, unit: str, week: str) -> int:
    if unit in MONTHS:
        return (day.year * 12 + day.month - 1) // MONTHS[unit]
    return (day.toordinal() - 1 - (WEEK.index(week) if unit == "week" else 0)) // DAYS[unit]


PARTS: dict[str, Callable[[dt.datetime], int]] = {
    "year": lambda w: w.year,
    "quarter": lambda w: (w.month + 2) // 3,
    "month": lambda w: w.month,
    "week": lambda w: w.isocalendar().week,
    "day": lambda w: w.day,
    "hour": lambda w: w.hour,
    "minute": lambda w: w.minute,
    "second": lambda w: w.second,
    "dow": lambda w: w.isoweekday(),
    "doy": lambda w: w.timetuple().tm_yday,
}


def test_the_zone_of_the_language_is_zoneinfo() -> None:
    for name in ZONES:
        zone = Zone.named(name)
        for moment in moments(name):
            assert zone.to_wall(moment) == to_wall(moment, name), (name, moment)
            assert zone.to_utc(moment) == to_utc(moment, name), (name, moment)
    assert Zone.named("UTC").is_fixed
    assert Zone.named("Etc/GMT-5").first == dt.timedelta(hours=5)
    with pytest.raises(KeyError):
        Zone.named("../../etc/passwd")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("zone", ZONES)
def test_timestamps(engines: Engines, dialect: str, zone: str) -> None:
    given = moments(zone)
    later = given[::-1]
    engines.fill(
        dialect, {"t": TIMESTAMP, "u": TIMESTAMP}, [{"t": t, "u": u} for t, u in zip(given, later, strict=True)]
    )
    t, u = column("t", TIMESTAMP), column("u", TIMESTAMP)
    week = "sunday" if zone == "America/New_York" else "monday"
    trees: list[Expression] = [call("local_date", t, type=DATE)]
    wanted: list[Callable[[dt.datetime, dt.datetime], object]] = [lambda a, _: to_wall(a, zone).date()]
    for unit, count in (
        ("minute", 90),
        ("hour", -25),
        ("day", 1),
        ("week", -1),
        ("month", 1),
        ("quarter", -1),
        ("year", 1),
    ):
        trees.append(call("add_interval", t, count, unit, type=TIMESTAMP))
        wanted.append(lambda a, _, n=count, w=unit: stepped(a, n, w, zone))  # type: ignore[misc]
    for unit in ("minute", "hour", "day", "week", "month", "quarter", "year"):
        trees += [call("date_trunc", unit, t, type=TIMESTAMP), call("date_diff", unit, t, u, type=INTEGER)]
        wanted.append(lambda a, _, w=unit: truncated(a, w, zone, week))  # type: ignore[misc]
        wanted.append(lambda a, b, w=unit: difference(w, to_wall(a, zone), to_wall(b, zone), week))  # type: ignore[misc]
    for part, of in PARTS.items():
        trees.append(call("extract", part, t, type=INTEGER))
        wanted.append(lambda a, _, f=of: f(to_wall(a, zone)))  # type: ignore[misc]
    found = engines.values(dialect, trees, zone=Zone.named(zone), week=week)
    for a, b, values in zip(given, later, found, strict=True):
        for tree, value, meaning in zip(trees, values, wanted, strict=True):
            assert value == meaning(a, b), (tree, a, to_wall(a, zone), b)


def difference(unit: str, start: dt.datetime, end: dt.datetime, week: str) -> int:
    if unit in ("minute", "hour"):
        length = dt.timedelta(**{unit + "s": 1})
        return (end - dt.datetime.min) // length - (start - dt.datetime.min) // length
    return number_of(end.date(), unit, week) - number_of(start.date(), unit, week)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("week", WEEK)
def test_dates(engines: Engines, dialect: str, week: str) -> None:
    given = dates()
    later = given[1:] + given[:1]
    engines.fill(dialect, {"d": DATE, "e": DATE}, [{"d": d, "e": e} for d, e in zip(given, later, strict=True)])
    d, e = column("d", DATE), column("e", DATE)
    trees: list[Expression] = [call("days_between", d, e, type=INTEGER)]
    wanted: list[Callable[[dt.date, dt.date], object]] = [lambda a, b: (a - b).days]
    for unit, count in (
        ("day", -1),
        ("day", 30),
        ("week", 2),
        ("month", 1),
        ("month", 13),
        ("quarter", 1),
        ("year", 1),
    ):
        trees.append(call("add_interval", d, count, unit, type=DATE))
        wanted.append(lambda a, _, n=count, w=unit: date_step(a, n, w))  # type: ignore[misc]
    for unit in ("day", "week", "month", "quarter", "year"):
        trees += [call("date_trunc", unit, d, type=DATE), call("date_diff", unit, d, e, type=INTEGER)]
        wanted.append(lambda a, _, w=unit: first_day(a, w, week))  # type: ignore[misc]
        wanted.append(lambda a, b, w=unit: number_of(b, w, week) - number_of(a, w, week))  # type: ignore[misc]
    for part, of in PARTS.items():
        trees.append(call("extract", part, d, type=INTEGER))
        wanted.append(lambda a, _, f=of: f(dt.datetime.combine(a, dt.time())))  # type: ignore[misc]
    trees += [call("age", d, type=INTEGER), call("next_anniversary", d, type=DATE)]
    wanted += [lambda a, _: completed_years(a), lambda a, _: next_return(a)]
    found = engines.values(dialect, trees, week=week)
    for a, b, values in zip(given, later, found, strict=True):
        for tree, value, meaning in zip(trees, values, wanted, strict=True):
            assert value == meaning(a, b), (tree, a, b)


def date_step(day: dt.date, count: int, unit: str) -> dt.date:
    if unit in MONTHS:
        return moved(day, count * MONTHS[unit])
    return day + dt.timedelta(days=count * DAYS[unit])


def completed_years(day: dt.date) -> int:
    years = TODAY_DATE.year - day.year
    return years if moved(day, 12 * years) <= TODAY_DATE else years - 1


def next_return(day: dt.date) -> dt.date:
    returns = (moved(day, 12 * n) for n in range(3000))
    return next(r for r in returns if r >= TODAY_DATE)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("zone", ZONES)
def test_local_midnight(engines: Engines, dialect: str, zone: str) -> None:
    given = [d for d in dates() if 1971 <= d.year < 2050]
    given += [t.wall.date() for t in Zone.named(zone).transitions]
    engines.fill(dialect, {"d": DATE}, [{"d": d} for d in given])
    tree = call("local_midnight", column("d", DATE), type=TIMESTAMP)
    for day, (value,) in zip(given, engines.values(dialect, [tree], zone=Zone.named(zone)), strict=True):
        assert value == to_utc(dt.datetime.combine(day, dt.time()), zone), day


@pytest.mark.parametrize("dialect", DIALECTS)
def test_days_added_by_a_column(engines: Engines, dialect: str) -> None:
    cases = [
        (dt.date(2024, 2, 28), 1, dt.date(2024, 2, 29)),
        (dt.date(2024, 3, 1), -1, dt.date(2024, 2, 29)),
        (dt.date(2024, 3, 1), 0, dt.date(2024, 3, 1)),
        (dt.date(2024, 3, 1), 2**63 - 1, None),
        (dt.date(2024, 3, 1), -(2**63), None),
        (dt.date(9999, 12, 31), 1, None),
        (dt.date(9999, 12, 30), 1, dt.date(9999, 12, 31)),
        (dt.date(1, 1, 1), -1, None),
        (None, 1, None),
        (dt.date(2024, 3, 1), None, None),
    ]
    engines.fill(dialect, {"d": DATE, "n": INTEGER}, [{"d": d, "n": n} for d, n, _ in cases])
    found = engines.values(dialect, [call("date_add", column("d", DATE), column("n", INTEGER), type=DATE)])
    assert found == [(wanted,) for _, _, wanted in cases]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nested_conversions_stay_small(engines: Engines, dialect: str) -> None:
    engines.fill(dialect, {"t": TIMESTAMP}, [{"t": dt.datetime(2026, 3, 28, 12, 0)}, {"t": None}])
    tree: Expression = column("t", TIMESTAMP)
    for _ in range(2):
        tree = call("date_trunc", "hour", call("add_interval", tree, 1, "day", type=TIMESTAMP), type=TIMESTAMP)
    found = engines.values(dialect, [tree], zone=Zone.named("Europe/Berlin"))
    assert found == [(dt.datetime(2026, 3, 30, 11, 0),), (None,)]
