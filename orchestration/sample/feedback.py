"""Rows of what customers say: support tickets and survey responses."""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.sample import vocabulary
from orchestration.sample.archetypes import NPS
from orchestration.sample.days import moment
from orchestration.sample.draws import Draws
from orchestration.sample.rows import Row
from orchestration.sample.world import Person

TICKET_DAYS = 365
_LOADED_AT = moment(-1, 79_200)
_NPS_WAVES = ((-108, -92), (-18, -4))  # the last two quarterly surveys
_TICKETS = {"power": 0.42, "at_risk": 0.95, "churned": 0.5, "won_back": 0.4, "onboarding": 0.5}


def ticket_rows(seed: int, people: tuple[Person, ...]) -> Iterator[Row]:
    """Tickets of the last year; people who are about to leave write more and are less happy."""
    number = 0
    for person in people:
        draws = Draws(seed, "tickets", person.id)
        if person.signed_up is None:
            continue
        for _ in range(3):
            if not draws.chance(_TICKETS.get(person.archetype, 0.18) * 0.55):
                continue
            latest = person.stop if person.archetype == "churned" and person.stop is not None else -1
            earliest = max(person.signed_up + 1, -TICKET_DAYS)
            if person.archetype == "at_risk" and draws.chance(0.6):
                earliest = max(earliest, -60)
            if earliest <= latest:
                number += 1
                yield _ticket(draws, person, f"r{number:05d}", draws.integer(earliest, latest))


def _ticket(draws: Draws, person: Person, ticket_id: str, day: int) -> Row:
    created = draws.integer(20_000, 80_000)
    unhappy = person.archetype in ("at_risk", "churned")
    priority = draws.weighted({"low": 28, "normal": 46, "high": 20, "urgent": 6 if not unhappy else 20})
    answered = created + draws.integer(600, 90_000)
    closed = answered + draws.integer(3_600, 500_000)
    is_closed = closed < -day * 86_400 and not draws.chance(0.05)
    csat = draws.integer(1, 3) if unhappy and draws.chance(0.7) else draws.integer(3, 5)
    spelled = {"urgent": "P1", "high": "High"}.get(priority, priority) if draws.chance(0.12) else priority
    account_id = person.company.id if person.company else None
    return (
        ticket_id,
        account_id if draws.chance(0.96) else None,
        person.id if draws.chance(0.97) else None,  # written from an address that nobody knows
        spelled,
        "closed" if is_closed else draws.pick(("open", "pending")),
        draws.weighted(vocabulary.TICKET_TOPICS),
        draws.weighted(vocabulary.CHANNELS),
        csat if is_closed and draws.chance(0.5) else None,
        moment(day, created),
        moment(day, answered) if answered < -day * 86_400 else None,
        moment(day, closed) if is_closed else None,
        _LOADED_AT,
    )


def response_rows(seed: int, people: tuple[Person, ...]) -> Iterator[Row]:
    """Answers to the onboarding survey, the quarterly NPS survey and the yearly one on attitudes."""
    number = 0
    for person in people:
        draws = Draws(seed, "surveys", person.id)
        for survey, day, answers in _responses(draws, person):
            number += 1
            row: Row = (f"q{number:05d}", person.id, survey, moment(day, draws.integer(82_000, 86_000)))
            yield (*row, *answers, _LOADED_AT)


def _responses(draws: Draws, person: Person) -> Iterator[tuple[str, int, Row]]:
    if person.signed_up is None:
        return
    if draws.chance(0.72):
        day = min(-1, person.signed_up + draws.integer(0, 6))
        interests = draws.subset(vocabulary.INTERESTS, 0.26) or None
        yield "onboarding", day, (None, draws.weighted(vocabulary.USE_CASES), None, interests)
        if draws.chance(0.02):  # changed their mind a little later
            yield "onboarding", min(-1, day + 3), (None, draws.weighted(vocabulary.USE_CASES), None, interests)
    for first, last in _NPS_WAVES:
        day = draws.integer(first, last)
        here = person.signed_up < day and (person.deleted is None or day < person.deleted)
        if here and draws.chance(0.16 if person.archetype in ("churned", "dormant") else 0.4):
            score = draws.integer(*NPS[person.archetype])
            yield "nps", day, (11 if draws.chance(0.01) else score, None, None, None)
    if draws.chance(0.4):
        day = draws.integer(-75, -45)
        if person.signed_up < day:
            yield "attitudes", day, (None, None, draws.subset(vocabulary.ATTITUDES, 0.34) or None, None)
