"""One run after another, on both engines: what readers see."""

from __future__ import annotations

from tests.publish.company import ACCOUNTS, HOSTILE, USERS, Company, at

FIRST = {"power_users": ["u1", "u2"], "arr_tier": {1: "enterprise", 2: "smb"}, "big_accounts": [1]}
SECOND = {"power_users": ["u2", "u3"], "at_risk": ["u1"], "arr_tier": {1: "smb", 2: "smb", 3: "unknown"}}


def test_first_run(company: Company) -> None:
    generation = company.run(at(1), FIRST)
    assert company.publish_ids() == {generation.publish_id}
    assert company.read("select count(*) from segments.user_segments") == [(len(USERS),)]
    assert company.read("select count(*) from segments.account_segments") == [(len(ACCOUNTS),)]
    assert company.read("select user_id, entered_at, as_of from segments.power_users order by 1") == [
        ("u1", at(1), at(1)), ("u2", at(1), at(1)),
    ]  # fmt: skip
    assert company.read("select account_id, tier from segments.arr_tier order by 1") == [(1, "enterprise"), (2, "smb")]
    assert company.columns("user_segments") == ["user_id", "as_of", "publish_id", "power_users", "at_risk"]
    assert company.columns("user_traits") == ["user_id", "as_of", "publish_id", "sessions"]
    assert company.read("select power_users, at_risk from segments.user_segments where user_id = 'u1'") == [
        (True, False)
    ]


def test_second_run(company: Company) -> None:
    company.run(at(1), FIRST)
    company.run(at(2), SECOND)
    assert company.read("select user_id, entered_at from segments.power_users order by 1") == [
        ("u2", at(1)), ("u3", at(2)),
    ]  # fmt: skip
    assert company.read("select account_id, tier, entered_at from segments.arr_tier order by 1") == [
        (1, "smb", at(2)), (2, "smb", at(1)), (3, "unknown", at(2)),
    ]  # fmt: skip
    assert company.read(
        "select segment, tier, entity, entity_id, entered_at from segments.segment_membership order by 1, 4"
    ) == [
        ("arr_tier", "smb", "account", "1", at(2)),
        ("arr_tier", "smb", "account", "2", at(1)),
        ("arr_tier", "unknown", "account", "3", at(2)),
        ("at_risk", None, "user", "u1", at(2)),
        ("power_users", None, "user", "u2", at(1)),
        ("power_users", None, "user", "u3", at(2)),
    ]
    assert company.read(
        'select segment, tier, size, entered, "left", stayed, initial from segments.segment_daily '
        "where as_of = timestamp '2026-03-02' order by segment, tier nulls first"
    ) == [
        ("arr_tier", None, 3, 1, 0, 2, False),
        ("arr_tier", "enterprise", 0, 0, 1, 0, False),
        ("arr_tier", "smb", 2, 1, 0, 1, False),
        ("arr_tier", "unknown", 1, 1, 0, 0, False),
        ("at_risk", None, 1, 1, 0, 0, False),
        ("big_accounts", None, 0, 0, 1, 0, False),
        ("power_users", None, 2, 1, 1, 1, False),
    ]
    assert company.read(
        "select segment, tier, entity_id, valid_from, valid_to, initial from segments.segment_membership_history "
        "where entity_id in ('1', 'u1') order by 1, 4"
    ) == [
        ("arr_tier", "enterprise", "1", at(1), at(2), True),
        ("arr_tier", "smb", "1", at(2), None, False),
        ("at_risk", None, "u1", at(2), None, False),
        ("big_accounts", None, "1", at(1), at(2), True),
        ("power_users", None, "u1", at(1), at(2), True),
    ]


def test_text_comes_back_as_it_was(company: Company) -> None:
    company.run(at(1), FIRST)
    ((description,),) = company.read("select description from segments.segment_catalog where segment = 'big_accounts'")
    assert description == HOSTILE
