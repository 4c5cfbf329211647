"""Tests that fail: what is missing, what is unexpected, and how it reads."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from orchestration.catalog.relations import Catalog
from orchestration.compiler.check import check_tests
from orchestration.diagnostics import Report
from orchestration.testing import Membership, Outcome, render_outcomes, render_outcomes_json, run_tests
from orchestration.warehouse import Connection
from orchestration.warehouse.memory import connect_in_memory

SPECS = """
entities:
  - {name: account, key: account_id, columns: {account_id: integer, arr: decimal}}
  - {name: user, key: user_id, columns: {user_id: text, nps: integer}}
segments:
  - {name: happy, entity: user, where: nps >= 9}
  - name: arr_tier
    entity: account
    tiers:
      - {name: enterprise, where: arr >= 50000}
      - {name: smb, where: arr < 50000}
"""
HAPPY = (
    "segment: happy, as_of: 2026-03-01, given: {user: [{user_id: u1, nps: 9}, {user_id: u2, nps: 9}, {user_id: u3}]}"
)
TIERS = (
    "segment: arr_tier, as_of: 2026-03-01, given: {account: [{account_id: 2, arr: 1}, {account_id: 10, arr: 50000}]}"
)


@pytest.fixture(scope="module")
def memory() -> Iterator[Connection]:
    with connect_in_memory() as connection:
        yield connection


def outcomes(connection: Connection, *tests: str) -> tuple[Outcome, ...]:
    """The outcomes of tests, each the inside of a flow mapping without its name."""
    lines = [f"  - {{name: test {number}, {test}}}" for number, test in enumerate(tests, 1)]
    report = Report()
    found = check_tests({"spec.yml": "\n".join([SPECS.strip(), "tests:", *lines])}, Catalog(), report)
    assert found is not None, report.diagnostics
    return run_tests(*found, connection)


def test_members_are_all_there_are(memory: Connection) -> None:
    (outcome,) = outcomes(memory, f"{HAPPY}, expect: {{members: [u1, u3]}}")
    assert not outcome.passed
    assert outcome.missing == (Membership("u3"),)
    assert outcome.unexpected == (Membership("u2"),)


def test_not_members_are_some_who_are_not(memory: Connection) -> None:
    good, bad = outcomes(
        memory, f"{HAPPY}, expect: {{not_members: [u3]}}", f"{HAPPY}, expect: {{not_members: [u2, u3]}}"
    )
    assert good.passed
    assert (bad.missing, bad.unexpected) == ((), (Membership("u2"),))


def test_a_tier_that_is_not_named_is_empty(memory: Connection) -> None:
    (outcome,) = outcomes(memory, f"{TIERS}, expect: {{enterprise: [2, 10]}}")
    assert outcome.missing == (Membership(2, "enterprise"),)
    assert outcome.unexpected == (Membership(2, "smb"),)


def test_members_of_a_tiered_segment_are_those_of_any_tier(memory: Connection) -> None:
    good, bad = outcomes(memory, f"{TIERS}, expect: {{members: [2, 10]}}", f"{TIERS}, expect: {{members: [3, 10]}}")
    assert good.passed
    assert (bad.missing, bad.unexpected) == ((Membership(3),), (Membership(2, "smb"),))


def test_entered_at_is_judged_where_it_is_expected(memory: Connection) -> None:
    (outcome,) = outcomes(
        memory, f"{HAPPY}, previously: [u1], expect: {{entered_at: {{u1: 2026-02-27, u2: 2026-03-01, u3: 2026-03-01}}}}"
    )
    assert [(m.key, str(m.entered_at)) for m in outcome.missing] == [
        ("u1", "2026-02-27 00:00:00"),
        ("u3", "2026-03-01 00:00:00"),
    ]
    assert [(m.key, str(m.entered_at)) for m in outcome.unexpected] == [("u1", "2026-02-28 00:00:00")]


def test_the_table_of_failures(memory: Connection) -> None:
    found = outcomes(
        memory,
        f"{HAPPY}, expect: {{members: [u1, u2]}}",
        f"{HAPPY}, expect: {{members: [u1, u3]}}",
        f"{TIERS}, expect: {{enterprise: [2, 10]}}",
    )
    assert (
        render_outcomes(found)
        == """\
failed: test 2
  --> spec.yml:13
  segment `happy` at 2026-03-01 00:00:00 UTC
    member  expected  came
    u3      yes       -
    u2      -         yes

failed: test 3
  --> spec.yml:14
  segment `arr_tier` at 2026-03-01 00:00:00 UTC
    member  expected    came
    2       enterprise  smb

2 of 3 tests failed"""
    )


def test_the_counts(memory: Connection) -> None:
    good = outcomes(memory, f"{HAPPY}, expect: {{members: [u1, u2]}}")
    assert render_outcomes(good) == "1 test passed"
    assert render_outcomes(good * 2) == "2 tests passed"
    assert render_outcomes(()) == "no tests"


def test_json_has_one_result_per_test(memory: Connection) -> None:
    found = json.loads(render_outcomes_json(outcomes(memory, f"{TIERS}, expect: {{enterprise: [2, 10]}}")))
    assert found == [
        {
            "file": "spec.yml",
            "line": 12,
            "test": "test 1",
            "segment": "arr_tier",
            "as_of": "2026-03-01T00:00:00Z",
            "passed": False,
            "missing": [{"key": 2, "tier": "enterprise", "entered_at": None}],
            "unexpected": [{"key": 2, "tier": "smb", "entered_at": None}],
        }
    ]


def test_one_test_leaves_nothing_to_the_next(memory: Connection) -> None:
    first, second = outcomes(
        memory,
        f"{HAPPY}, previously: [u1], expect: {{members: [u1, u2]}}",
        "segment: happy, as_of: 2026-03-01, expect: {members: []}",
    )
    assert first.passed
    assert second.passed
