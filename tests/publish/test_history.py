"""What history says after any order of runs, against a plain account of what was recorded when."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence

import pytest

from tests.publish.company import ACCOUNTS, USERS, Company, Members, at

TIERS = ("enterprise", "smb", "unknown")
Tiered = Mapping[str, Mapping[str, str | None]]  # segment → member (key as text) → tier
Recorded = dict[dt.datetime, Tiered]


def drawn(draw: random.Random) -> Members:
    """Members of every segment, at random."""
    return {
        "power_users": [user for user in USERS if draw.random() < 0.5],
        "at_risk": [user for user in USERS if draw.random() < 0.2],
        "arr_tier": {account: draw.choice(TIERS) for account in ACCOUNTS if draw.random() < 0.7},
        "big_accounts": [account for account in ACCOUNTS if draw.random() < 0.5],
    }


def as_text(members: Members) -> Tiered:
    found: dict[str, dict[str, str | None]] = {}
    for name, who in members.items():
        tiers = who if isinstance(who, Mapping) else dict.fromkeys(who, None)
        found[name] = {str(key): tier for key, tier in tiers.items()}
    return found


def expected_stays(recorded: Recorded) -> list[tuple[object, ...]]:
    """(segment, tier, member, from, to, initial) of every stay."""
    stays: list[tuple[object, ...]] = []
    instants = sorted(recorded)
    for segment in ("power_users", "at_risk", "arr_tier", "big_accounts"):
        open_stays: dict[str, tuple[str | None, dt.datetime]] = {}
        for instant in instants:
            now = recorded[instant][segment]
            for key, (tier, since) in list(open_stays.items()):
                if key not in now or now[key] != tier:
                    stays.append((segment, tier, key, since, instant, since == instants[0]))
                    del open_stays[key]
            for key, tier in now.items():
                open_stays.setdefault(key, (tier, instant))
        stays += [(segment, t, key, since, None, since == instants[0]) for key, (t, since) in open_stays.items()]
    return sorted(stays, key=str)


def expected_daily(recorded: Recorded) -> list[tuple[object, ...]]:
    """(as_of, segment, tier, size, entered, left, stayed, initial) of every recorded instant."""
    rows: list[tuple[object, ...]] = []
    before: Tiered = {}
    for instant in sorted(recorded):
        for segment, now in recorded[instant].items():
            was = before.get(segment, {})
            entered = 0 if not before else len(now.keys() - was.keys())
            stayed = len(now.keys() & was.keys())
            rows.append((instant, segment, None, len(now), entered, len(was.keys() - now.keys()), stayed, not before))
            for tier in TIERS if segment == "arr_tier" else ():
                here, there = ({key for key, t in m.items() if t == tier} for m in (now, was))
                flows = (0 if not before else len(here - there), len(there - here), len(here & there))
                rows.append((instant, segment, tier, len(here), *flows, not before))
        before = recorded[instant]
    return sorted(rows, key=str)


def assert_history(company: Company, recorded: Recorded) -> None:
    stays = company.read(
        "select segment, tier, entity_id, valid_from, valid_to, initial from segments.segment_membership_history"
    )
    assert sorted(stays, key=str) == expected_stays(recorded)
    daily = company.read(
        'select as_of, segment, tier, size, entered, "left", stayed, initial from segments.segment_daily'
    )
    assert sorted(daily, key=str) == expected_daily(recorded)


def assert_current(company: Company, recorded: Recorded, as_of: dt.datetime) -> None:
    """The members of the last run are since when the history up to it says."""
    known = {instant: members for instant, members in recorded.items() if instant <= as_of}
    expected = [(s, t, key, since) for s, t, key, since, until, _ in expected_stays(known) if until is None]
    served = company.read("select segment, tier, entity_id, entered_at from segments.segment_membership")
    assert sorted(served, key=str) == sorted(expected, key=str)


def play(company: Company, days: Sequence[int], seed: int) -> Recorded:
    """Run on days in an order, some repeated, and look after each run."""
    draw = random.Random(seed)
    recorded: Recorded = {}
    for day in days:
        members = drawn(draw)
        company.run(at(day), members)
        recorded[at(day)] = as_text(members)
        assert_history(company, recorded)
        assert_current(company, recorded, at(day))
    return recorded


def test_any_order_of_runs(company: Company) -> None:
    play(company, [5, 7, 7, 6, 2, 9, 5, 3, 2, 8], seed=1)


@pytest.mark.parametrize("seed", range(2))
def test_random_orders_of_runs(on_duckdb: Company, seed: int) -> None:
    draw = random.Random(seed)
    play(on_duckdb, [draw.randint(1, 9) for _ in range(7)], seed)


def test_a_repeated_run_changes_nothing(company: Company) -> None:
    members = drawn(random.Random(3))
    company.run(at(1), drawn(random.Random(4)))
    company.run(at(2), members)
    tables = ("segment_daily", "segment_changes", "segment_membership", "power_users", "account_segments")
    shown = {t: ", ".join(c for c in company.columns(t) if c not in ("publish_id", "recorded_by")) for t in tables}

    def content() -> dict[str, list[str]]:
        return {t: sorted(map(str, company.read(f"select {_quoted(shown[t])} from segments.{t}"))) for t in tables}

    before = content()
    company.run(at(2), members)
    assert content() == before


def _quoted(names: str) -> str:
    return ", ".join(f'"{name}"' for name in names.split(", "))


def test_a_rollback_takes_history_back(company: Company) -> None:
    from orchestration import publish

    draw = random.Random(5)
    recorded: Recorded = {}
    kept: list[tuple[str, dt.datetime, Recorded]] = []
    for day in (2, 4, 4, 3, 6):
        members = drawn(draw)
        generation = company.run(at(day), members)
        recorded = recorded | {at(day): as_text(members)}
        kept.append((generation.publish_id, at(day), recorded))
    for choice in (3, 1, 4, 0, 2, 4):
        publish_id, as_of, known = kept[choice]
        publish.rollback(company.target, publish_id)
        assert company.publish_ids() == {publish_id}
        assert_history(company, known)
        assert_current(company, known, as_of)
    publish.rollback(company.target, kept[1][0])
    members = drawn(draw)
    company.run(at(5), members)
    assert_history(company, kept[1][2] | {at(5): as_text(members)})
    states = {g.publish_id: g.state for g in publish.generations(company.target)}
    assert [states[publish_id] for publish_id, _, _ in kept[1:]] == ["kept", "withdrawn", "withdrawn", "withdrawn"]


def test_a_removed_segment_keeps_its_history(company: Company) -> None:
    everything = company.compiled.segments
    company.run(at(1), drawn(random.Random(6)))
    history = "select count(*) from segments.segment_membership_history where segment = 'power_users'"
    before = company.read(history)
    assert before > [(0,)]
    company.specs(*everything[1:])
    company.run(at(2), drawn(random.Random(7)))
    assert company.read(history) == before
    assert company.read("select max(as_of) from segments.segment_daily where segment = 'power_users'") == [(at(1),)]
