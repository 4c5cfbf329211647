"""What is said of a segment: sentences that a marketer agrees with, and the terms that they use."""

from __future__ import annotations

import re

import pytest
from sqlglot import exp, parse_one

from orchestration.catalog.relations import Catalog
from orchestration.commands.loading import compiled_or_fail, read_specs, target_of
from orchestration.compiler.compile import compile_specs
from orchestration.diagnostics import Report
from orchestration.language.wording import plural, text_in_words
from tests.build.project import ROOT

WORDS = {
    "arr >= 50000": "arr is at least 50,000",
    "arr > 0 and arr < 9999.50": "arr is more than 0 and arr is less than 9,999.50",
    "a = 1 or b != 2 and not c": "a is 1 or (b is not 2 and not c)",
    "(a or b) and c": "(a or b) and c",
    "not (a > 1 and b)": "not (a is more than 1 and b)",
    "plan = 'free'": "plan is free",
    "industry in ('Software', 'Fintech', 'Media')": "industry is Software, Fintech or Media",
    "industry not in ('Software', 'Fintech')": "industry is none of Software or Fintech",
    "name = ''": "name is ''",
    "name = 'it''s;  {{ x }}'": "name is 'it's; {{ x }}'",
    "employee_count between 50 and 999": "employee_count is from 50 to 999",
    "employee_count not between 50 and 999": "employee_count is not from 50 to 999",
    "owner_id is null": "owner_id has no value",
    "account.owner_id is not null": "account.owner_id has a value",
    "is_paid is true and is_test is not true": "is_paid is true and is_test is not true",
    "locale like 'en-%'": "locale starts with en-",
    "email not like '%@acme.test'": "email does not end with @acme.test",
    "title ilike '%head%'": "title contains head, whatever the case",
    "code like 'a_c%'": "code looks like 'a_c%'",
    "code not like '%a%b%'": "code does not look like '%a%b%'",
    "signed_up_at < as_of": "signed_up_at is before now (as_of)",
    "renewal_date >= date '2026-01-31'": "renewal_date is at or after 2026-01-31",
    "ended_on >= today - interval '90 days'": "ended_on is at or after 90 days before today",
    "created_at + interval '1 month' > as_of": "1 month after created_at is after now (as_of)",
    "now_90d >= 1.25 * before": "now_90d is at least 125 % of before",
    "2 * a < b": "2 × a is less than b",
    "(a + b) / nullif(c - d, 0) > 0.5": "(a + b) ÷ (c − d) is more than 0.5",
    "a - (b - c) = -1": "a − (b − c) is -1",
    "array_contains(tags, 'beta')": "tags has beta",
    "array_any(tags, 'a', 'b')": "tags has a or b",
    "array_all(tags, 'a', 'b')": "tags has a and b",
    "array_length(tags) > 2": "the number of entries in tags is more than 2",
    "age(birth_date) < 30": "years since birth_date is less than 30",
    "coalesce(nps, 5) < 5": "nps (5 where it has no value) is less than 5",
    "starts_with(code, 'x') and in_ci(plan, 'Free', 'trial')": "code starts with x and plan is Free or trial, whatever the case",
    "date_diff(day, a, b) > 3": "days from a to b is more than 3",
    "extract(year from a) = 2026": "the year of a is 2,026",
    "case when a > 1 then 2 else 3 end = 2": "(2 where a is more than 1, else 3) is 2",
    "cast(a as text) = '1'": "a is 1",
    "round(a, 2) = 1": "round(a, 2) is 1",
}


@pytest.mark.parametrize("text", WORDS)
def test_predicates_in_words(text: str) -> None:
    assert text_in_words(text) == WORDS[text]


def test_what_nobody_would_read_stays_as_it_is() -> None:
    text = " or ".join(f"a = {number}" for number in range(400))
    assert text_in_words(text) == text
    assert text_in_words(" + ".join(["a"] * 4_000)).startswith("a + a")


def test_several_of_an_entity() -> None:
    assert [plural(name) for name in ("user", "company", "branch", "day")] == ["users", "companies", "branches", "days"]


HEAD = """\
entities:
  - {name: group, key: group_id, columns: {group_id: text}}
  - {name: account, key: account_id, columns: {account_id: text, group_id: text, plan: text}, belongs_to: {group: group_id}}
  - name: user
    key: user_id
    belongs_to: {account: account_id}
    columns: {user_id: text, account_id: text, nps: integer, ends_on: date}
streams:
  - name: usage
    at: at
    belongs_to: {user: user_id}
    event: kind
    events: [login, export]
    columns: {user_id: text, kind: text, at: timestamp, format: text, amount: decimal, room: text}
traits:
  - {name: logins, entity: user, from: usage.login, aggregate: count, within: 28 days, description: Logins of four weeks}
  - {name: seen_at, entity: user, from: usage, aggregate: max(at)}
  - {name: per_day, entity: user, expression: logins / 28}
  - {name: happy_users, entity: account, from: user, where: nps >= 9, aggregate: count}
predicates:
  - {name: eager, entity: user, where: logins >= 10}
  - {name: delighted, entity: user, where: [eager, nps >= 9]}
segments:
  - {name: listed, entity: user, description: Kept by hand, members: [u1, u2]}
  - name: tiers
    entity: account
    label: Tiers
    where: [plan = 'free', happy_users > 0]
    tiers:
      - {name: large, where: happy_users >= 1000}
      - {name: small, where: [{has: user, where: delighted}]}
    otherwise: rest
"""
SAID = {
    "where: delighted": """\
Each user is a member if delighted

Terms:
- delighted: all of these hold:
  - eager
  - nps is at least 9
- eager: logins is at least 10
- logins: Logins of four weeks (number of usage.login in the last 28 days)""",
    "where: [{not: eager}, {none: [eager, nps < 3]}, {not: {any: [nps < 3, nps > 9]}}]": """\
Each user is a member if all of these hold:
- not eager
- none of these holds:
  - eager
  - nps is less than 3
- this does not hold:
  - any of these holds:
    - nps is less than 3
    - nps is more than 9

Terms:
- eager: logins is at least 10
- logins: Logins of four weeks (number of usage.login in the last 28 days)""",
    "where: [{in: listed}, {not_in: tiers.large}, {in: tiers}]": """\
Each user is a member if all of these hold:
- it is in segment listed
- its account is not in tier large of tiers
- its account is in segment tiers

Terms:
- listed: Kept by hand
- tiers: Tiers (large: happy_users is at least 1,000)""",
    "where: [{did: usage.export, times: {between: [2, 4]}, days: {at_least: 2}, total: {of: amount, more_than: 1000}, "
    "distinct: {of: room, at_least: 3}, where: format = 'pdf', within: 1 month}]": """\
Each user is a member if usage.export between 2 and 4 times in the last month, on at least 2 different days, \
with total amount more than 1,000, with at least 3 different room, where format is pdf""",
    "where: [{did: usage.export}, {did_not: usage, within: {last: 1 week, ending: 1 week ago}}]": """\
Each user is a member if all of these hold:
- usage.export at least once at any time
- no usage in the 7 days that ended 7 days ago""",
    "where: [{did: usage, within: {from: 2026-01-01, to: 2026-02-01}}, {did: usage, times: {exactly: 1}, within: {this: month}}, "
    "{did: usage, within: {previous: quarter}}, {did: usage, times: 3, within: {since: 2026-01-01}}]": """\
Each user is a member if all of these hold:
- usage at least once from 2026-01-01 until before 2026-02-01
- usage exactly once in the current calendar month
- usage at least once in the calendar quarter before this one
- usage at least 3 times since 2026-01-01""",
    "where: [{date: ends_on, within: {next: 1 year}}, {anniversary: ends_on, within: {next: 7 days}}]": """\
Each user is a member if all of these hold:
- ends_on lies in the next year
- the anniversary of ends_on lies in the next 7 days""",
    "where: [{first_did: usage.export, within: 7 days}, {regularly: usage.login, periods: {at_least: 3, of: 4 weeks}}, "
    "{stopped: usage.login, for: 30 days, after_active_within: 90 days}, "
    "{restarted: usage.login, gap: 30 days, within: 7 days}]": """\
Each user is a member if all of these hold:
- usage.export for the first time in the last 7 days
- usage.login in at least 3 of the last 4 weeks
- usage.login in the last 90 days, but not in the last 30 days
- usage.login again in the last 7 days, after 30 days or more without it""",
    "where: [{sequence: [{did: usage.login}, {did: usage.export, within: 7 days, where: format = 'pdf', same: [room]}, "
    "{did_not: usage.login}], span: 30 days, within: 90 days}]": """\
Each user is a member if in this order, in less than 30 days, in the last 90 days:
- usage.login
- usage.export less than 7 days later, where format is pdf, with the same room as the first
- no usage.login since""",
    "where: per_day > 0.5 and account.plan = 'free' and seen_at is not null": """\
Each user is a member if per_day is more than 0.5 and account.plan is free and seen_at has a value

Terms:
- per_day: logins ÷ 28
- logins: Logins of four weeks (number of usage.login in the last 28 days)
- seen_at: latest at of usage at any time""",
}


def in_words(specs: str, name: str) -> str:
    report = Report()
    compiled = compile_specs({"spec.yml": specs}, Catalog({}), "duckdb", report)
    assert compiled is not None, [d.message for d in report.diagnostics]
    return compiled.segment(name).in_words


@pytest.mark.parametrize("definition", SAID)
def test_definitions_in_words(definition: str) -> None:
    assert in_words(f"{HEAD}  - {{name: mine, entity: user, {definition}}}\n", "mine") == SAID[definition]


def test_each_predicate_is_said_once() -> None:
    lines = [f"  - {{name: p{n}, entity: user, where: p{n - 1} or p{n - 2}}}\n" for n in range(2, 13)]
    chain = "  - {name: p0, entity: user, where: nps > 8}\n  - {name: p1, entity: user, where: nps < 2}\n" + "".join(
        lines
    )
    specs = HEAD.replace("segments:\n", f"{chain}segments:\n")
    words = in_words(specs + "  - {name: mine, entity: user, where: p12}\n", "mine")
    assert words.count("- p7: p6 or p5\n") == 1
    assert len(words.splitlines()) == 3 + 13


def test_tiers_and_lists_in_words() -> None:
    assert in_words(HEAD, "listed") == "Kept by hand: u1, u2"
    assert (
        in_words(HEAD, "tiers")
        == """\
Each account, if all of these hold:
- plan is free
- happy_users is more than 0
is in the first tier that fits:
- large: happy_users is at least 1,000
- small: it is true for at least 1 of its users: delighted
- rest: all others

Terms:
- delighted: all of these hold:
  - eager
  - nps is at least 9
- eager: logins is at least 10
- happy_users: number of its users where nps is at least 9
- user.logins: Logins of four weeks (number of usage.login in the last 28 days)"""
    )


def test_the_query_of_a_segment_names_the_tables_of_the_run() -> None:
    specs = HEAD + "  - {name: mine, entity: user, where: [{in: tiers.large}]}\n"
    compiled = compile_specs({"spec.yml": specs}, Catalog({}), "duckdb", Report())
    assert compiled is not None
    tables = {
        table.sql()
        for table in parse_one(compiled.segment("mine").sql, dialect="duckdb").find_all(exp.Table)
        if table.db
    }
    assert tables == {'segments_run."instant" AS "i"', 'segments_run."account_state" AS "state"'}


def test_the_sample_reads_as_sentences() -> None:
    specs = read_specs(ROOT)
    segments = compiled_or_fail(specs, target_of(specs, None), drafts=True).segments
    for segment in segments:
        assert not re.search(r"[<>=]|array_|coalesce|interval|\bnullif\b", segment.in_words), segment.in_words
        assert "Terms:" in segment.in_words or not segment.reads_traits, segment.name
