"""Rows about people: the product's users, the CRM's contacts, consents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from orchestration.sample import vocabulary
from orchestration.sample.crm import LOADED_AT, tags_as_typed
from orchestration.sample.days import moment, on
from orchestration.sample.draws import Draws
from orchestration.sample.rows import Row
from orchestration.sample.world import Company, Person

_AGES = {"junior": (21, 31), "mid": (25, 45), "senior": (30, 58), "lead": (32, 60)}
_CONSENTS = {"marketing": 0.5, "product": 0.8, "research": 0.38}


def user_rows(seed: int, people: tuple[Person, ...]) -> Iterator[Row]:
    """Users as the product knows them. Some belong to no account, a few to one that the CRM does not have."""
    for person in people:
        draws = Draws(seed, "product user", person.id)
        account_id = person.company.id if person.company else None
        if account_id and draws.chance(0.004):
            account_id = f"a9{draws.integer(100, 999)}"
        yield (
            person.id,
            account_id,
            person.email.upper() if draws.chance(0.03) else person.email,
            person.user_type,
            _locale(draws, person),
            draws.weighted(vocabulary.SIGNUP_SOURCES),
            moment(person.created, person.created_second),
            None if person.signed_up is None else moment(person.signed_up, person.signed_up_second),
            None if person.deleted is None else moment(person.deleted, 43_200),
            LOADED_AT,
        )


def _locale(draws: Draws, person: Person) -> str | None:
    """`de-DE`, or as other clients write it: `de_DE`, `de`; unknown for some."""
    spelling = draws.unit()
    if spelling < 0.03:
        return None
    country = person.country
    return (
        f"{person.language}_{country}"
        if spelling < 0.3
        else person.language if spelling < 0.36 else f"{person.language}-{country}"
    )  # fmt: skip


def contact_rows(seed: int, companies: tuple[Company, ...], people: tuple[Person, ...]) -> Iterator[Row]:
    """Contacts of the CRM: most users have one, some two, and some contacts never used the product."""
    number = 0
    for person in people:
        draws = Draws(seed, "contact", person.id)
        if person.company is None or person.company.id == "a0000" or draws.chance(0.06):
            continue
        number += 1
        row = _contact(draws, person, f"c{number:05d}")
        yield row
        if draws.chance(0.025):  # the same person, entered again by someone else some time ago
            number += 1
            yield (f"c{number:05d}", *row[1:6], None, None, None, *row[9:13], moment(person.created, 30_000), LOADED_AT)
    draws = Draws(seed, "contacts without users")
    for company in companies[1:]:
        if draws.chance(0.3):
            number += 1
            email = f"contact{number}@{company.id}.example"
            details = "Head of operations", "finance", "director", None, None, company.country, company.city, None, None
            yield (f"c{number:05d}", None, company.id, email, *details, moment(company.created, 50_000), LOADED_AT)


def _contact(draws: Draws, person: Person, contact_id: str) -> Row:
    assert person.company is not None
    spellings = vocabulary.COUNTRIES[person.country].spellings
    return (
        contact_id,
        person.id,
        person.company.id,
        person.email,
        person.job_title if draws.chance(0.9) else None,
        person.department if draws.chance(0.93) else None,
        person.seniority.title() if draws.chance(0.07) else person.seniority if draws.chance(0.92) else None,
        draws.weighted(vocabulary.EDUCATIONS) if draws.chance(0.62) else None,
        _birth_date(draws, person) if draws.chance(0.55) else None,
        draws.pick(spellings) if draws.chance(0.15) else person.country,
        person.city if draws.chance(0.9) else None,
        tags_as_typed(draws, vocabulary.USER_TAGS),
        tuple(group for group, share in vocabulary.GROUPS.items() if draws.chance(share)) or None,
        moment(-draws.integer(1, -person.created), 45_000),
        LOADED_AT,
    )


def _birth_date(draws: Draws, person: Person) -> date:
    if draws.chance(0.01):
        return date(1900, 1, 1)  # what a form sends when nobody fills it in
    low, high = _AGES.get(person.seniority, (34, 64))
    return on(-draws.integer(low * 365, high * 365))


def consent_rows(seed: int, people: tuple[Person, ...]) -> Iterator[Row]:
    """Consents as they were given and withdrawn; the last one counts, and not everybody was asked."""
    number = 0
    for person in people:
        draws = Draws(seed, "consent", person.id)
        if person.signed_up is None:
            continue
        for purpose, share in _CONSENTS.items():
            if draws.chance(0.06):
                continue
            granted, day = draws.chance(share), person.signed_up
            answers = [(granted, day)]
            if draws.chance(0.08) and day < -2:
                answers.append((not granted, draws.integer(day + 1, -1)))
            for answer, given in answers:
                number += 1
                yield (
                    f"k{number:06d}",
                    person.id,
                    purpose,
                    answer,
                    moment(given, draws.integer(81_000, 86_000)),
                    LOADED_AT,
                )
