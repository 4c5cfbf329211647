"""What came of a test: who was expected and did not come, and who came and was not expected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestration.language.declarations.tests import Expected, Key, SpecTest

__all__ = ["Key", "Membership", "Outcome", "judge"]


@dataclass(frozen=True, slots=True)
class Membership:
    """A member: in which tier (None in a segment without), and since when, in UTC (None where that is not judged)."""

    key: Key
    tier: str | None = None
    entered_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test's outcome. `missing` were expected and did not come, `unexpected` came and were not expected."""

    file: str
    line: int
    test: str
    segment: str
    as_of: dt.datetime
    missing: tuple[Membership, ...]
    unexpected: tuple[Membership, ...]

    @property
    def passed(self) -> bool:
        return not self.missing and not self.unexpected


def judge(test: SpecTest, came: Mapping[Key, Membership]) -> Outcome:
    """The outcome of a test whose segment has the members `came`."""
    missing, unexpected = _differences(test.expected, came)
    span = test.span
    return Outcome(span.file, span.line, test.name, test.segment, test.as_of, _in_order(missing), _in_order(unexpected))


def _in_order(memberships: Iterable[Membership]) -> tuple[Membership, ...]:
    """By key (one segment's keys are of one type), then tier."""
    return tuple(sorted(memberships, key=lambda m: (m.key, m.tier or "", m.entered_at is not None)))


def _differences(expected: Expected, came: Mapping[Key, Membership]) -> tuple[set[Membership], set[Membership]]:
    missing: set[Membership] = set()
    unexpected = {Membership(key, came[key].tier) for key in expected.not_members if key in came}
    if expected.members is not None:
        missing |= {Membership(key) for key in expected.members if key not in came}
        unexpected |= {Membership(m.key, m.tier) for m in came.values() if m.key not in expected.members}
    if expected.tiers is not None:
        wanted = {Membership(key, tier) for tier, keys in expected.tiers.items() for key in keys}
        found = {Membership(m.key, m.tier) for m in came.values()}
        missing |= wanted - found
        unexpected |= found - wanted
    for key, instant in expected.entered_at.items():
        member = came.get(key)
        if member is None or member.entered_at != instant:
            missing.add(Membership(key, member.tier if member else None, instant))
            unexpected |= {member} if member else set()
    return missing, unexpected
