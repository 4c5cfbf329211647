"""The evaluator on what exists: instant, entities, paths, streams, truth, segments. Worked out by hand."""

from __future__ import annotations

import pytest

from tests.reference import SpecError, check_tests, entered_at, evaluate, truths
from tests.reference.acme import AS_OF, COMPANY, segments, trait, usage, users, value, who

OPENED = "- did: usage.opened"


def test_rows_at_or_after_as_of_do_not_exist() -> None:
    rows = usage("before", "2026-02-28T23:59:59.999999") + usage("at", "2026-03-01") + usage("after", "2026-03-02")
    assert who(OPENED, {"user": users("before", "at", "after"), "usage": rows}) == {"before"}


def test_a_row_without_a_time_is_ignored() -> None:
    given = {"user": users("u"), "usage": [{"user_id": "u", "event": "opened"}]}
    assert who(OPENED, given) == set()


def test_rows_of_a_future_stream_exist() -> None:
    given = {"user": users("u", "v"), "visits": [{"user_id": "u", "at": "2026-03-05"}]}
    assert who("- {did: visits, within: {next: 7 days}}", given) == {"u"}
    assert who("- {did: visits, within: {next: 4 days}}", given) == set()
    assert who("- {did: visits, within: 7 days}", given) == who("- did: visits", given) == set()
    assert who("- {did: visits, within: {from: 2026-01-01, to: 2026-04-01}}", given) == {"u"}


def test_rows_that_repeat_an_id_count_once_and_rows_without_one_count_each() -> None:
    rows = usage("u", "2026-02-01", "2026-02-02", event_id="e1") + usage("u", "2026-02-03", "2026-02-04")
    assert trait("from: usage, aggregate: count", {"user": users("u"), "usage": rows}) == {"u": 3}


def test_of_rows_that_repeat_an_id_the_earliest_counts() -> None:
    rows = usage("u", "2026-02-02", event_id="e1", amount=2) + usage("u", "2026-02-01", event_id="e1", amount=1)
    assert trait("from: usage, aggregate: sum(amount)", {"user": users("u"), "usage": rows}) == {"u": 1}


def test_an_event_has_a_name_in_specs_and_a_value_in_rows() -> None:
    rows = usage("u", "2026-02-01", event="Report Exported") + usage("v", "2026-02-01", event="exported")
    assert who("- did: usage.exported", {"user": users("u", "v"), "usage": rows}) == {"u"}
    with pytest.raises(SpecError, match="not an event"):
        who("- did: usage.deleted", {"user": users("u")})


def test_existence_is_from_before_as_of_until_not_before_as_of() -> None:
    given = {
        "user": [
            {"user_id": "always"},
            {"user_id": "since before", "created_at": "2026-02-28T23:59:59"},
            {"user_id": "since as_of", "created_at": "2026-03-01"},
            {"user_id": "until as_of", "deleted_at": "2026-03-01"},
            {"user_id": "until before", "deleted_at": "2026-02-28T23:59:59"},
        ]
    }
    assert who("- true", given) == {"always", "since before", "until as_of"}


def test_a_date_of_existence_is_its_local_midnight() -> None:
    given = {"account": [{"account_id": 1, "closed_on": "2026-03-01"}, {"account_id": 2, "closed_on": "2026-02-28"}]}
    assert who("- true", given, entity="account") == {"1"}
    assert who("- true", given, "2026-03-01 01:00", entity="account") == set()


def test_rows_for_which_where_is_not_true_are_nobodys_for_the_account_too() -> None:
    given = {
        "account": [{"account_id": 1}],
        "user": [{"user_id": "u", "account_id": 1}, {"user_id": "tester", "account_id": 1, "is_test": True}],
        "usage": usage("u", "2026-02-01") + usage("tester", "2026-02-01"),
    }
    assert who("- true", given) == {"u"}
    assert trait("from: usage, aggregate: count", given, entity="account") == {"1": 1}


def test_the_rows_of_a_deleted_user_count_for_the_account() -> None:
    given = {
        "account": [{"account_id": 1}],
        "user": [{"user_id": "gone", "account_id": 1, "deleted_at": "2026-02-10"}],
        "usage": usage("gone", "2026-02-01") + usage("nobody", "2026-02-01"),
    }
    assert trait("from: usage, aggregate: count", given, entity="account") == {"1": 1}
    assert trait("from: user, aggregate: count", given, entity="account") == {"1": 0}


def test_a_streams_own_key_wins_over_a_path() -> None:
    given = {
        "account": [{"account_id": 1}, {"account_id": 2}],
        "user": [{"user_id": "u", "account_id": 1}],
        "orders": [{"user_id": "u", "account_id": 2, "day": "2026-02-01"}],
    }
    assert who("- did: orders", given, entity="account") == {"2"}
    assert who("- {did: orders, via: user}", given, entity="account") == {"1"}


def test_paths_of_several_hops() -> None:
    given = {
        "organisation": [{"organisation_id": "o", "country": "DE"}],
        "account": [{"account_id": 1, "organisation_id": "o", "closed_on": "2026-01-01"}],
        "user": [{"user_id": "u", "account_id": 1}, {"user_id": "alone"}],
        "usage": usage("u", "2026-02-01"),
    }
    assert who(OPENED, given, entity="organisation") == {"o"}  # through an account that is closed
    assert who("- organisation.country = 'DE'", given) == {"u"}
    assert who("- account.organisation.country = 'DE'", given) == {"u"}  # the same way, written step by step
    assert who("- account.organisation.country is null", given) == {"alone"}


def test_attributes_of_a_missing_or_closed_parent_are_null() -> None:
    given = {
        "account": [{"account_id": 1, "arr": 1}, {"account_id": 2, "arr": 2, "closed_on": "2026-01-01"}],
        "user": [{"user_id": f"u{n}", "account_id": n} for n in (1, 2, 3)] + users("none"),
    }
    assert who("- account.arr is null", given) == {"u2", "u3", "none"}


def test_truth_has_three_values() -> None:
    given = {"user": [{"user_id": "t", "flag": True}, {"user_id": "f", "flag": False}, {"user_id": "n"}]}
    assert who("- flag", given) == {"t"}
    assert who("- not: flag", given) == {"f"}
    assert who("- none: [flag]", given) == {"f"}
    assert who("- any: [flag, flag is null]", given) == {"t", "n"}
    assert who("- all: [flag, 1 = 1]", given) == {"t"}
    assert who("- not: {all: [flag, 1 = 2]}", given) == {"t", "f", "n"}
    assert who("- not: {any: [flag, 1 = 1]}", given) == set()
    assert who("- flag or null", given) == {"t"}
    assert who("- not (flag and null)", given) == {"f"}


def test_truths_of_a_segment() -> None:
    spec = [COMPANY, "segments: [{name: s, entity: user, where: flag}]"]
    given = {"user": [{"user_id": "t", "flag": True}, {"user_id": "f", "flag": False}, {"user_id": "n"}]}
    assert truths(spec, given, AS_OF, "s") == {"t": True, "f": False, "n": None}


def test_in_and_not_in_are_two_valued() -> None:
    given = {
        "account": [{"account_id": 1, "arr": 9}, {"account_id": 2}],
        "user": [{"user_id": f"u{n}", "account_id": n} for n in (1, 2, 3)] + users("none"),
    }
    found = segments(
        """
        - {name: paying, entity: account, where: arr > 0}
        - {name: inside, entity: user, where: [{in: paying}]}
        - {name: outside, entity: user, where: [{not_in: paying}]}
        - {name: again, entity: user, where: [{in: inside}]}
        """,
        given,
    )
    assert found["inside"] == found["again"] == {"u1"}
    assert found["outside"] == {"u2", "u3", "none"}


def test_has_counts_and_shares() -> None:
    given = {
        "account": [{"account_id": n} for n in (0, 1, 2)],
        "user": [
            {"user_id": "a", "account_id": 1, "age": 5},
            {"user_id": "b", "account_id": 1, "age": 1},
            {"user_id": "c", "account_id": 2, "age": 1},
            {"user_id": "d", "account_id": 2},
            {"user_id": "e", "account_id": 2, "age": 5, "deleted_at": "2026-01-01"},
        ],
    }
    assert who("- {has: user, where: age > 3}", given, entity="account") == {"1"}
    assert who("- {has: user, where: age > 3, count: {at_most: 0}}", given, entity="account") == {"0", "2"}
    assert who("- {has: user, where: age > 0, share: {at_least: 0.5}}", given, entity="account") == {"1", "2"}
    assert who("- {has: user, where: age > 0, share: {less_than: 1}}", given, entity="account") == {"2"}
    assert who("- not: {has: user, share: {at_least: 2}}", given, entity="account") == {"1", "2"}


def test_children_take_any_condition() -> None:
    given = {
        "account": [{"account_id": 1}, {"account_id": 2}],
        "user": [{"user_id": "u", "account_id": 1}, {"user_id": "v", "account_id": 2}],
        "usage": usage("u", "2026-02-01"),
    }
    assert who("- {has: user, where: [{did: usage.opened}]}", given, entity="account") == {"1"}
    assert trait("from: user, where: {did_not: usage}, aggregate: count", given, entity="account") == {"1": 0, "2": 1}


def test_named_predicates() -> None:
    more = """
        predicates:
          - {name: engaged, entity: user, where: [{did: usage.opened}, age > 3]}
        """
    given = {"user": [{"user_id": "u", "age": 5}, {"user_id": "v", "age": 5}], "usage": usage("u", "2026-02-01")}
    assert who("- engaged and age = 5", given, more=more) == {"u"}
    assert who("- not engaged", given, more=more) == {"v"}


def test_tiers_are_the_first_that_is_true() -> None:
    given = {"account": [{"account_id": 1, "arr": 50}, {"account_id": 2, "arr": 10}, {"account_id": 3}]}
    found = segments(
        """
        - name: tier
          entity: account
          tiers: [{name: big, where: arr >= 50}, {name: any_arr, where: arr >= 10}]
          otherwise: unknown
        - name: of_some
          entity: account
          where: account_id < 3
          tiers: [{name: big, where: arr >= 50}]
        - {name: in_any, entity: account, where: [{in: tier}]}
        - {name: in_big, entity: account, where: [{in: tier.big}]}
        - {name: in_none, entity: account, where: [{not_in: of_some}]}
        """,
        given,
    )
    assert found["tier"] == {"big": {"1"}, "any_arr": {"2"}, "unknown": {"3"}}
    assert found["of_some"] == {"big": {"1"}}
    assert (found["in_any"], found["in_big"], found["in_none"]) == ({"1", "2", "3"}, {"1"}, {"2", "3"})


def test_otherwise_is_only_for_those_in_the_base() -> None:
    given = {"account": [{"account_id": 1, "arr": 50}, {"account_id": 2, "arr": 1}, {"account_id": 3}]}
    listed = """
        - name: tier
          entity: account
          where: arr > 5
          tiers: [{name: big, where: arr > 90}]
          otherwise: rest
        """
    assert segments(listed, given)["tier"] == {"big": set(), "rest": {"1"}}


def test_split_by_the_hash_of_salt_and_key() -> None:
    # md5('s:u1') begins with b82c75ea (0.719 of the whole), md5('s:u2') with e360510f (0.888),
    # md5('s:u3') with 4b98f1b1 (0.295)
    listed = """
        - {name: known, entity: user, where: age > 0}
        - name: test
          entity: user
          base: known
          split: {salt: s, arms: [{name: a, share: 40}, {name: b, share: 60}]}
        - {name: in_a, entity: user, where: [{in: test.a}]}
        """
    rows = [{"user_id": f"u{n}", "age": 1} for n in (1, 2, 3)] + users("u4")
    found = segments(listed, {"user": rows})
    assert found["test"] == {"a": {"u3"}, "b": {"u1", "u2"}}
    assert found["in_a"] == {"u3"}


def test_members_by_hand_are_those_that_exist() -> None:
    given = {"account": [{"account_id": 7}, {"account_id": 12, "closed_on": "2026-01-01"}]}
    listed = "- {name: partners, entity: account, members: [7, 12, 99]}"
    assert segments(listed, given)["partners"] == {"7"}


def test_members_of_a_model() -> None:
    spec = [COMPANY, "segments: [{name: partners, entity: account, model: seed}, {name: t, entity: account, model: x}]"]
    given = {
        "account": [{"account_id": n} for n in (1, 2, 3)],
        "seed": [{"account_id": n} for n in (1, 1, 9)] + [{}],
        "x": [
            {"account_id": 1, "tier": "b", "valid_from": "2026-01-01"},
            {"account_id": 1, "tier": "a", "valid_from": "2025-01-01"},
            {"account_id": 2, "tier": "a", "valid_from": "2026-03-01"},
            {"account_id": 3, "tier": "c"},
        ],
    }
    columns = {"seed": {"account_id": "integer"}, "x": {"account_id": "integer", "tier": "text", "valid_from": "date"}}
    assert evaluate(spec, given, AS_OF, columns=columns) == {"partners": {"1"}, "t": {"b": {"1"}, "c": {"3"}}}


def test_a_segments_own_traits() -> None:
    listed = """
        - name: own
          entity: account
          traits: [{name: half, expression: arr / 2}, {name: n, entity: user, from: usage, aggregate: count}]
          where: [half > 2, {has: user, where: n > 0}]
        """
    given = {
        "account": [{"account_id": 1, "arr": 5}, {"account_id": 2, "arr": 5}],
        "user": [{"user_id": "u", "account_id": 1}],
        "usage": usage("u", "2026-02-01"),
    }
    assert segments(listed, given)["own"] == {"1"}


def test_keys_are_unique_and_not_null() -> None:
    assert who("- true", {"user": [{"user_id": "u"}, {"age": 3}]}) == {"u"}
    with pytest.raises(SpecError, match="stands twice"):
        who("- true", {"user": users("u", "u")})


def test_references_in_a_circle_are_an_error() -> None:
    listed = "- {name: a, entity: user, where: [{in: b}]}\n- {name: b, entity: user, where: [{in: a}]}"
    with pytest.raises(SpecError, match="needs itself"):
        segments(listed, {"user": users("u")})


def test_two_shortest_ways_need_via() -> None:
    spec = """
        entities:
          - {name: top, key: id, columns: {id: text}}
          - {name: left, key: id, columns: {id: text, top: text}, belongs_to: {top: top}}
          - {name: right, key: id, columns: {id: text, top: text}, belongs_to: {top: top}}
        streams:
          - {name: s, at: at, columns: {l: text, r: text, at: date}, belongs_to: {left: l, right: r}}
        segments:
          - {name: asked, entity: top, where: [{did: s%s}]}
        """
    given = {
        "top": [{"id": "t1"}, {"id": "t2"}],
        "left": [{"id": "l", "top": "t1"}],
        "right": [{"id": "r", "top": "t2"}],
        "s": [{"l": "l", "r": "r", "at": "2026-02-01"}],
    }
    assert evaluate(spec % ", via: right", given, AS_OF) == {"asked": {"t2"}}
    with pytest.raises(SpecError, match="2 shortest ways"):
        evaluate(spec % "", given, AS_OF)


def test_scalars_are_what_was_written() -> None:
    spec = COMPANY + "segments: [{name: s, entity: user, where: \"name = '012' or name = 'no' or name = 'null'\"}]"
    names = {"a": "012", "b": "no", "c": "null", "d": "'null'"}
    given = "user:\n" + "".join(f"  - {{user_id: {key}, name: {name}}}\n" for key, name in names.items())
    assert evaluate(spec, given, AS_OF) == {"s": {"a", "b", "d"}}


def test_the_tests_of_a_spec() -> None:
    spec = COMPANY + """
segments:
  - {name: exporters, entity: user, where: [{did: usage.exported, times: 3}]}
tests:
  - name: three exports
    segment: exporters
    as_of: 2026-03-01
    given:
      user: [{user_id: u1}, {user_id: u2}]
      usage: [{user_id: u1, event: Report Exported, at: 2026-02-27, $repeat: 3}, {user_id: u2, event: opened}]
    previously: [u1]
    expect: {members: [%s], not_members: [u2], entered_at: {u1: 2026-02-28}}
"""
    assert check_tests(spec % "u1") == []
    assert check_tests(spec % "u2") == ["three exports: members expected ['u2'], came ['u1']"]


def test_nothing_given_is_nobody() -> None:
    spec = COMPANY + "segments: [{name: s, entity: user, where: age > 3}]"
    assert evaluate(spec, {}, AS_OF) == {"s": set()}
    assert entered_at(spec, {}, AS_OF) == {"s": {}}
    assert value("1 + 1") == 2
