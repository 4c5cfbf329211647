"""People: `make_people` gives each company its users and decides what becomes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from orchestration.sample import vocabulary
from orchestration.sample.archetypes import PEOPLE
from orchestration.sample.draws import Draws
from orchestration.sample.world import Company, Person

WITHOUT_ACCOUNT = 0.035
OWN_STAFF = 0.006

_SIZE = {"trial": 0.25, "test": 0.2, "onboarding": 0.8, "expanding": 1.3}


@dataclass(frozen=True, slots=True)
class Life:
    """The days on which something changes for a person."""

    created: int
    stop: int | None = None
    back: int | None = None


def make_people(seed: int, companies: tuple[Company, ...], count: int) -> tuple[Person, ...]:
    """`count` people: some without an account, some of the own staff, the rest spread over the companies."""
    draws = Draws(seed, "people")
    alone, staff = round(count * WITHOUT_ACCOUNT), max(1, round(count * OWN_STAFF))
    weights = [
        _SIZE.get(c.archetype, 1.0) * (2 + math.sqrt(min(c.employees, 2500))) * draws.number(0.6, 1.4)
        for c in companies[1:]
    ]
    wanted = _shares(weights, count - alone - staff)
    people: list[Person] = []
    for company, number in [(companies[0], staff), *zip(companies[1:], wanted, strict=True), (None, alone)]:
        archetypes = draws.quotas(PEOPLE[company.archetype if company else ""], number)
        for archetype in archetypes:
            user_id = f"u{len(people) + 1:05d}"
            people.append(_person(Draws(seed, "person", user_id), user_id, company, archetype))
    return tuple(people)


def _shares(weights: list[float], count: int) -> list[int]:
    """`count` things by weight, the rest of the division to the first ones."""
    total = math.fsum(weights)
    shares = [int(count * weight / total) for weight in weights]
    for number in range(count - sum(shares)):
        shares[number % len(shares)] += 1
    return shares


def _person(draws: Draws, user_id: str, company: Company | None, archetype: str) -> Person:
    life = _life(draws, company, archetype)
    at_home = company is not None and draws.chance(0.87)
    weights = {code: c.weight for code, c in vocabulary.COUNTRIES.items()}
    country = company.country if company and at_home else draws.weighted(weights)
    place = vocabulary.COUNTRIES[country]
    department = draws.pick(tuple(vocabulary.DEPARTMENTS))
    never_came = archetype == "dormant" and draws.chance(0.45)
    leaves = archetype == "churned" and life.stop is not None and draws.chance(0.12)
    at_once = draws.chance(0.6)
    created_second = working_second(draws, country)
    domain = "acme.test" if company and company.id == "a0000" else f"{company.id if company else 'mail'}.example"
    return Person(
        id=user_id,
        company=company,
        archetype=archetype,
        country=country,
        city=company.city if company and at_home and draws.chance(0.8) else draws.pick(place.cities),
        language=draws.weighted(place.languages),
        user_type=draws.weighted(vocabulary.USER_TYPES),
        department=department,
        job_title=draws.pick(vocabulary.DEPARTMENTS[department]),
        seniority=draws.weighted(vocabulary.SENIORITIES),
        email=f"{user_id}@{domain}",
        created=life.created,
        created_second=created_second,
        signed_up=None if never_came else life.created if at_once else min(-1, life.created + draws.integer(1, 3)),
        signed_up_second=created_second + draws.integer(60, 1800),
        deleted=min(-1, life.stop + draws.integer(3, 40)) if leaves and life.stop is not None else None,
        stop=life.stop,
        back=life.back,
    )


def working_second(draws: Draws, country: str) -> int:
    """A time within the working hours of a country, as the second of a UTC day."""
    return int((vocabulary.COUNTRIES[country].first_hour + 9 * draws.unit()) * 3600)


def _life(draws: Draws, company: Company | None, archetype: str) -> Life:
    oldest = company.created if company else -900
    match archetype:
        case "onboarding":
            return Life(-draws.integer(4, max(5, min(29, -oldest - 1))))
        case "at_risk":
            return Life(_before(draws, oldest, 150), stop=-draws.integer(26, 34))
        case "churned":
            ended = [c.end for c in company.contracts if c.end is not None and c.end <= 0] if company else []
            stop = min(-35, ended[0] - draws.integer(0, 15)) if ended else -draws.integer(38, 150)
            return Life(_before(draws, oldest, 40 - stop), stop=stop)
        case "won_back":
            return _won_back(draws, company, oldest)
        case _:
            return Life(_before(draws, oldest, 62))


def _won_back(draws: Draws, company: Company | None, oldest: int) -> Life:
    """Away for seven weeks or more, back within the last four; with the contract where the company had left."""
    stop, earliest = -draws.integer(75, 125), -26
    if company and company.archetype == "won_back":
        left, returned = company.contracts
        stop = (left.end or stop) - draws.integer(0, 8)
        earliest = max(earliest, returned.start)
    return Life(_before(draws, oldest, 40 - stop), stop=stop, back=draws.integer(earliest, max(earliest, -4)))


def _before(draws: Draws, oldest: int, days_ago: int) -> int:
    """A day since `oldest`, at least so many days ago where the company is that old."""
    return -draws.integer(min(days_ago, -oldest - 1), -oldest - 1)
