"""The ground truth: whom the generator made what, for tests that measure whether segments find them."""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.sample.rows import Row
from orchestration.sample.world import Company, Person


def truth_rows(companies: tuple[Company, ...], people: tuple[Person, ...]) -> Iterator[Row]:
    """An entity may have several labels: its archetype, and what else was decided about it."""
    for company in companies:
        yield "account", company.id, company.archetype
        if company.is_seasonal:
            yield "account", company.id, "seasonal"
    for person in people:
        yield "user", person.id, person.archetype
        if person.company is not None and person.company.is_own:
            yield "user", person.id, "internal"
