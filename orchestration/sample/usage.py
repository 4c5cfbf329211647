"""Product usage: `person_events` plays a person's life day by day; `event_rows` adds what tracking gets wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.sample import vocabulary
from orchestration.sample.archetypes import USAGE, Usage
from orchestration.sample.days import is_month_end, is_weekend, moment
from orchestration.sample.draws import Draws
from orchestration.sample.people import working_second
from orchestration.sample.rows import Row
from orchestration.sample.world import EVENT_DAYS, Person

_WEEKEND = {day: is_weekend(day) for day in range(-EVENT_DAYS, 0)}
_MONTH_END = {day: is_month_end(day) for day in range(-EVENT_DAYS, 0)}
_WEEKEND_SHARE = 0.12  # of a working day's usage
_DAY = 86_400
_EVENING = 82_000  # nothing begins later


@dataclass(frozen=True, slots=True)
class Event:
    """Something a person did: at `second` of `day`."""

    name: str
    day: int
    second: int
    feature: str | None = None
    format: str | None = None
    duration: float | None = None
    rows: int | None = None


def person_events(seed: int, person: Person) -> Iterator[Event]:
    """A person's events: the milestones since the sign-up, and daily usage within the days that are kept."""
    if person.signed_up is None:
        return
    draws = Draws(seed, "usage", person.id)
    yield from _milestones(draws, person, person.signed_up)
    features = draws.shuffled(vocabulary.FEATURES)
    usage = USAGE[person.archetype]
    breadth = draws.integer(*usage.breadth)
    active = set(_active_days(draws, person, person.signed_up, usage))
    script_day = max(active, default=None) if draws.chance(0.004) else None
    for day in sorted(active):
        yield from _one_day(draws, person, usage, tuple(features[:breadth]), day)
        if day == script_day:  # somebody let a script loose
            first = _second(draws, person, day)
            for number in range(draws.integer(60, 160)):
                yield Event("feature_used", day, min(first + 3 * number, _EVENING), feature="api", duration=0.4)


def _milestones(draws: Draws, person: Person, signed_up: int) -> Iterator[Event]:
    yield Event("signed_up", signed_up, person.signed_up_second)
    if person.archetype != "dormant":
        first_project = signed_up + (draws.integer(0, 6) if draws.chance(0.74) else draws.integer(8, 40))
        if first_project < 0:
            yield Event("project_created", first_project, _second(draws, person, first_project))
    company = person.company
    if company and company.archetype == "expanding" and person.user_type == "admin":
        upgraded = company.contracts[1].start
        if signed_up < upgraded:
            yield Event("plan_upgraded", upgraded, _second(draws, person, upgraded))


def _active_days(draws: Draws, person: Person, signed_up: int, usage: Usage) -> Iterator[int]:
    """Usage has a level of its own, weeks that are busier than others, weekends, holidays, and the archetype's turn."""
    unit, stop, back = draws.unit, person.stop, person.back
    level = draws.number(*usage.days_a_week) / 5.2  # the chance on a working day; weekends add the rest
    faded = draws.number(0.05, 0.22) if person.archetype == "at_risk" else 0.0
    holiday = -draws.integer(30, 110) if draws.chance(0.12) else -10_000
    launch = person.company.launch if person.company else None
    week, busy = 0, 1.0
    if person.archetype == "dormant":
        yield from (day for day in (signed_up, signed_up + 2) if -EVENT_DAYS <= day < 0 and draws.chance(0.6))
        return
    for day in range(max(signed_up, -EVENT_DAYS), 0):
        if (signed_up - day) % 7 == 0 or week == 0:
            week, busy = day, 0.6 + 0.8 * unit()
        chance = level * busy
        if stop is not None and day >= stop and (back is None or day < back):
            chance *= faded
        if _WEEKEND[day]:
            chance *= _WEEKEND_SHARE
        if _MONTH_END[day]:
            chance *= 1.25
        if launch is not None and launch <= day < launch + 7:
            chance *= 1.8
        if unit() < chance and not holiday <= day < holiday + 12:
            yield day


def _one_day(draws: Draws, person: Person, usage: Usage, features: tuple[str, ...], day: int) -> Iterator[Event]:
    second = _second(draws, person, day)
    unit = draws.unit
    exports = usage.exports * (2.2 if _MONTH_END[day] else 1.0)
    for _ in range(2 if usage.exports > 0.1 and unit() < 0.12 else 1):
        yield Event("session_started", day, second, duration=round(60 + 3000 * unit() * unit(), 1))
        for _ in range(draws.integer(*usage.features)):
            second += 20 + int(unit() * 400)
            yield Event("feature_used", day, second, feature=draws.pick(features), duration=round(600 * unit(), 1))
        while unit() < exports:
            second += 10 + int(unit() * 200)
            rows = 10 + int(20_000 * unit() * unit())
            yield Event("report_exported", day, second, format=draws.weighted(vocabulary.FORMATS), rows=rows)
            exports *= 0.5  # sometimes several in one go
        second = min(second + 1800 + int(unit() * 9000), _EVENING)
    chance = unit()
    if chance < 0.02:
        yield Event("project_created", day, second)
    elif chance < 0.032:
        yield Event("teammate_invited", day, second)
    elif chance < 0.037:
        yield Event("integration_connected", day, second)
    elif chance < (0.06 if person.archetype == "at_risk" else 0.043):
        yield Event("support_contacted", day, second)


def _second(draws: Draws, person: Person, day: int) -> int:
    """A time within the person's working hours, on the first day after the sign-up."""
    second = working_second(draws, person.country)
    return max(second, person.signed_up_second + 60) if day == person.signed_up else second


def event_rows(seed: int, people: tuple[Person, ...]) -> Iterator[Row]:
    """Rows of `product.events` in the order of arrival of each person's, with the faults of a tracking pipeline."""
    draws = Draws(seed, "event rows")
    number = 0
    for person in people:
        device = draws.weighted(vocabulary.DEVICES)
        workspaces = person.company.workspaces if person.company else (f"w-{person.id}",)
        for event in person_events(seed, person):
            number += 1
            now_on = draws.weighted(vocabulary.DEVICES) if draws.chance(0.1) else device
            yield from _with_faults(draws, person, event, f"e{number:07d}", now_on, draws.pick(workspaces))
    for n in range(max(3, number // 400)):  # of users who were deleted from the product's own database
        day, second = -draws.integer(1, EVENT_DAYS - 1), draws.integer(25_000, 70_000)
        at = moment(day, second)
        user_id = f"u9{draws.integer(0, 9999):05d}"
        loaded_at = moment(day, second + 3000)
        yield f"x{n + 1:06d}", user_id, "session_started", at, None, None, "web", None, 90.0, None, loaded_at


def _with_faults(
    draws: Draws, person: Person, event: Event, event_id: str, device: str, workspace: str
) -> Iterator[Row]:
    fault = draws.unit()
    day, second = event.day, event.second
    occurred_at = moment(day, second)
    loaded = (second // 3600 + 1) * 3600 + 420  # hourly loads
    user_id: str | None = person.id
    name = event.name
    if fault < 0.012:
        loaded += draws.integer(1, 20) * _DAY  # a laptop that was offline
    elif fault < 0.0135:
        user_id = None
    elif fault < 0.0145:
        name = name.replace("_", " ").title()  # an old version of the client
    elif fault < 0.0150:
        occurred_at = moment(day + draws.integer(300, 900), second)  # a clock that is wrong
    elif fault < 0.0153:
        device = ""
    late = min(loaded, -day * _DAY - 1200)  # nothing arrives after today
    loaded_at = moment(day, late)
    row: Row = (
        event_id,
        user_id,
        name,
        None if 0.0153 <= fault < 0.0156 else occurred_at,
        event.feature,
        event.format,
        device or None,
        workspace,
        event.duration,
        event.rows,
    )
    yield (*row, loaded_at)
    if fault > 0.992:  # sent twice; the second copy is loaded with a later batch
        yield (*row, moment(day, min(late + 3600 * draws.integer(0, 30), -day * _DAY - 600)))
