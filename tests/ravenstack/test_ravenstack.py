"""Someone else's data: a project over RavenStack's five tables, built by the same commands at two instants.

Members, flows and faults are compared with what plain Python counts in the CSV files. Two builds; dbt starts twice.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ravenstack.expected import (
    Tables,
    existing_accounts,
    expected_members,
    read_tables,
    repeated_ids,
    usage_before,
    used_before_start,
)
from tests.ravenstack.ravenstack import PROJECT, Ravenstack

INSTANTS = (date(2024, 12, 1), date(2025, 1, 1))  # the data ends on 31 December 2024
each_instant = pytest.mark.parametrize("instant", INSTANTS, ids=str)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build said and published."""

    report: dict[str, Any]
    stays: dict[tuple[str, str], datetime]  # by segment (or `segment.tier`) and member: entered_at
    failed_checks: list[tuple[Any, ...]]
    flows: dict[str, tuple[int, int, int]]  # by segment or tier: size, entered, left
    usage_rows: int  # the trait, summed over all accounts

    @property
    def members(self) -> dict[str, set[str]]:
        """By segment, and by tier as `segment.tier`."""
        found: dict[str, set[str]] = {}
        for name, member in self.stays:
            for key in {name, name.partition(".")[0]}:
                found.setdefault(key, set()).add(member)
        return found


@pytest.fixture(scope="module")
def data() -> Path:
    """The folder with the CSV files."""
    folder = os.environ.get("SEGMENTS_TEST_DATA")
    if not folder:
        pytest.skip("set SEGMENTS_TEST_DATA to the folder with `ravenstack/`, whose five CSV files these tests read")
    return Path(folder) / "ravenstack"


@pytest.fixture(scope="module")
def tables(data: Path) -> Tables:
    return read_tables(data)


@pytest.fixture(scope="module")
def project(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Ravenstack:
    """The project with its warehouse, nothing built."""
    project = Ravenstack.copied_to(tmp_path_factory.mktemp("ravenstack") / "company")
    project.load(data)
    return project


@pytest.fixture(scope="module")
def built(project: Ravenstack) -> dict[date, Built]:
    """What was published at each instant, one after the other."""
    return {instant: _build(project, instant) for instant in INSTANTS}


def _build(project: Ravenstack, instant: date) -> Built:
    report = project.data("build", "--as-of", instant.isoformat())
    members = project.published("select segment, tier, entity_id, entered_at from segments.segment_membership")
    flows = project.published(
        f"select segment, tier, size, entered, \"left\" from segments.segment_daily where as_of = timestamp '{instant}'"
    )
    ((usage_rows,),) = project.published("select sum(usage_rows)::bigint from segments.account_traits")
    failed = "select check_name, subject, value, severity from segments.segment_checks where not passed"
    return Built(
        report,
        {(_name(segment, tier), member): entered_at for segment, tier, member, entered_at in members},
        project.published(failed),
        {_name(segment, tier): (size, entered, left) for segment, tier, size, entered, left in flows},
        usage_rows,
    )


def _name(segment: str, tier: str | None) -> str:
    return f"{segment}.{tier}" if tier else segment


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def test_the_specs_pass_the_check_and_their_own_tests() -> None:
    """From the project as it stands: nothing is built, and no data is needed."""
    project = Ravenstack(PROJECT)
    assert project.data("check") == []
    assert {test["segment"]: test["passed"] for test in project.data("test")} == {
        "arr_tier": True,
        "at_risk_accounts": True,
        "churned_accounts": True,
    }


@each_instant
def test_members_are_those_counted_in_the_files(built: dict[date, Built], tables: Tables, instant: date) -> None:
    expected = expected_members(tables, instant)
    assert built[instant].members == expected
    assert all(expected.values())
    assert {row["segment"] for row in built[instant].report["segments"]} == {n.partition(".")[0] for n in expected}


@each_instant
def test_a_repeated_usage_id_counts_once(built: dict[date, Built], tables: Tables, instant: date) -> None:
    exist = existing_accounts(tables, instant)
    once = [row for row in usage_before(tables, instant) if tables.account_of[row["subscription_id"]] in exist]
    assert built[instant].usage_rows == len(once)


def test_what_the_source_says_of_its_faults_holds(built: dict[date, Built], tables: Tables) -> None:
    """By the last instant every account exists and all usage has happened: 25,000 rows, 21 of them of a known id."""
    assert (len(tables.usage), repeated_ids(tables, INSTANTS[1]), used_before_start(tables)) == (25_000, 21, 19_142)
    assert built[INSTANTS[1]].usage_rows == 24_979


@each_instant
def test_faults_are_warned_of_and_nothing_else_is(built: dict[date, Built], tables: Tables, instant: date) -> None:
    repeated = repeated_ids(tables, instant)
    assert built[instant].failed_checks == [("repeated-ids", "usage", repeated, "warn")]
    assert built[instant].report["warnings"] == [
        f"`repeated-ids` of stream `usage` is {repeated}, expected at most 0",
        "dbt's test `accounts_without_people` found 500 rows",
        "dbt's test `churn_flag_disagrees` found 312 rows",
        "dbt's test `tickets_before_signup` found 1077 rows",
        "dbt's test `unique_fct_feature_usage_usage_id` found 21 rows",
        "dbt's test `usage_after_subscription` found 290 rows",
        "dbt's test `usage_before_subscription` found 19142 rows",
    ]


def test_who_stays_keeps_entered_at_and_who_is_new_has_as_of(built: dict[date, Built], tables: Tables) -> None:
    """In a tiered segment the stay is the one in the tier."""
    first, second = INSTANTS
    before, now = expected_members(tables, first), expected_members(tables, second)
    assert set(built[first].stays.values()) == {_midnight(first)}
    assert built[second].stays == {
        (name, member): _midnight(first if member in before[name] else second)
        for name, members in now.items()
        if name != "arr_tier"
        for member in members
    }
    assert all(before[name] & members and members - before[name] for name, members in now.items())


def test_flows_are_the_differences_of_the_members(built: dict[date, Built], tables: Tables) -> None:
    first, second = (expected_members(tables, instant) for instant in INSTANTS)
    assert built[INSTANTS[0]].flows == {name: (len(members), 0, 0) for name, members in first.items()}
    assert built[INSTANTS[1]].flows == {
        name: (len(members), len(members - first[name]), len(first[name] - members)) for name, members in second.items()
    }


def test_commands_read_what_was_published(project: Ravenstack, built: dict[date, Built], tables: Tables) -> None:
    expected = expected_members(tables, INSTANTS[1])
    sizes = {row["segment"]: row["size"] for row in project.data("list")}
    assert sizes == {name: len(members) for name, members in expected.items() if "." not in name}
    shown = project.run("show", "at_risk_enterprise").stdout
    assert f"as of 2025-01-01 00:00:00 UTC: {len(expected['at_risk_enterprise'])} (" in shown
    assert project.data("query", "select count(*) as members from churned_accounts") == [
        {"members": len(expected["churned_accounts"])}
    ]
    assert [row["state"] for row in project.data("publish", "--list")] == ["served", "kept"]


def test_a_tier_is_shown_with_its_segment() -> None:
    project = Ravenstack(PROJECT)
    assert project.run("show", "arr_tier.smb").stdout.startswith("segment      arr_tier\n")
    assert "`smb` is not a segment of this project\n  = it is a tier of `arr_tier`" in project.run("show", "smb").stderr
    unknown = project.run("show", "arr_tier.enterprize").stderr
    assert "`enterprize` is not a tier of `arr_tier`\n  = did you mean `enterprise`?" in unknown


def test_mistakes_are_named_with_the_nearest_and_change_nothing(project: Ravenstack, built: dict[date, Built]) -> None:
    before = project.published("select publish_id from segments.segment_generation")
    wrong = project.root / "segment_specs/wrong.yml"
    wrong.write_text(
        "segments:\n"
        "  - {name: misspelt_column, entity: account, where: contry = 'DE'}\n"
        "  - {name: misspelt_value, entity: account, where: industry = 'Fintech'}\n"
        "  - {name: misspelt_event, entity: account, where: [{did: usage.feature_41}]}\n",
        encoding="utf-8",
    )
    try:
        result = project.run("build", "--as-of", "2025-01-02")
    finally:
        wrong.unlink()
    assert result.returncode == 1
    assert re.findall(r"error.*|--> .*|did you mean .*", result.stderr) == [
        "error[unknown-name]: `contry` is no attribute, trait or predicate of `account`",
        "--> segment_specs/wrong.yml:2:53",
        "did you mean `country`?",
        "error[unknown-value]: `Fintech` is not a value of `industry`",
        "--> segment_specs/wrong.yml:3:63",
        "did you mean `FinTech`?",
        "error[unknown-event]: `feature_41` is not an event of `usage`",
        "--> segment_specs/wrong.yml:4:59",
        "did you mean `feature_4`?",
    ]
    assert project.published("select publish_id from segments.segment_generation") == before
