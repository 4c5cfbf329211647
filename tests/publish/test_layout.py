"""What readers rely on stays where it is: columns, views, comments, grants."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from orchestration import publish
from orchestration.diagnostics import UserError
from tests.conftest import Postgres
from tests.publish.company import HOSTILE, SEGMENTS, Company, at, segment

POWER, AT_RISK, TIER, BIG = SEGMENTS
HEAD = ["user_id", "as_of", "publish_id"]


def comments(company: Company) -> dict[str, str]:
    """The comments of all served views and their columns, by `view` and `view.column`."""
    if company.target.dialect == "duckdb":
        query = (
            "select view_name, comment from duckdb_views() where schema_name = 'segments' union all "
            "select table_name || '.' || column_name, comment from duckdb_columns() where schema_name = 'segments'"
        )
    else:
        query = (
            "select c.relname || coalesce('.' || a.attname, ''), d.description from pg_description d "
            "join pg_class c on c.oid = d.objoid join pg_namespace n on n.oid = c.relnamespace "
            "left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0 "
            "where n.nspname = 'segments'"
        )
    return {str(name): str(text) for name, text in company.read(query) if text is not None}


def test_new_columns_come_last_and_retired_ones_stay(company: Company) -> None:
    company.specs(POWER, AT_RISK)
    company.run(at(1), {"power_users": ["u1"], "at_risk": ["u2"]})
    assert company.columns("user_segments") == [*HEAD, "power_users", "at_risk"]
    company.specs(segment("all_new"), AT_RISK)
    company.run(at(2), {"all_new": ["u3"], "at_risk": ["u2"]})
    assert company.columns("user_segments") == [*HEAD, "power_users", "at_risk", "all_new"]
    assert company.read("select power_users, at_risk, all_new from segments.user_segments where user_id = 'u3'") == [
        (None, False, True)
    ]
    assert company.columns("power_users") == ["user_id", "entered_at", "as_of", "publish_id"]
    assert company.read("select * from segments.power_users") == []
    said = comments(company)
    assert said["power_users"] == "Retired. Those who are power_users"
    assert said["user_segments.power_users"] == "Retired. Those who are power_users"
    company.specs(POWER, AT_RISK)
    company.run(at(3), {"power_users": ["u1"]})
    assert company.columns("user_segments") == [*HEAD, "power_users", "at_risk", "all_new"]
    assert company.read("select user_id from segments.power_users") == [("u1",)]
    assert comments(company)["power_users"] == "Those who are power_users"


def test_breaking_removes_what_is_retired(company: Company) -> None:
    company.specs(POWER, AT_RISK)
    company.run(at(1), {"power_users": ["u1"]})
    company.specs(AT_RISK, TIER)
    company.run(at(2), {"at_risk": ["u1"]})
    assert "power_users" in company.served_tables()
    company.run(at(2), {"at_risk": ["u1"], "arr_tier": {1: "smb"}}, breaking=True)
    assert company.columns("user_segments") == [*HEAD, "at_risk"]
    assert "power_users" not in company.served_tables()
    assert company.read("select account_id, tier from segments.arr_tier") == [(1, "smb")]


def test_a_changed_type_is_refused(company: Company) -> None:
    company.run(at(1), {"power_users": ["u1"]})
    before = company.publish_ids()
    company.sessions_type = "text"
    with pytest.raises(UserError) as refused:
        company.run(at(2), {})
    told = refused.value.diagnostics[0]
    assert (told.code, "`sessions`" in told.message, "--breaking" in told.hint) == ("changed-type", True, True)
    assert {d.message.split(" of ")[1].split(" is ")[0] for d in refused.value.diagnostics} >= {
        "the published `user_traits`"
    }
    assert company.publish_ids() == before
    company.run(at(2), {}, breaking=True)
    assert company.publish_ids() != before
    with pytest.raises(UserError, match="would become"):
        publish.rollback(company.target)
    publish.rollback(company.target, breaking=True)
    assert company.publish_ids() == before


def test_a_segment_that_gets_tiers_is_a_changed_type(company: Company) -> None:
    company.specs(POWER)
    company.run(at(1), {"power_users": ["u1"]})
    company.specs(replace(POWER, tiers=("gold", "silver")))
    with pytest.raises(UserError, match="`power_users` of the published `user_segments`"):
        company.run(at(2), {"power_users": {"u1": "gold"}})
    company.run(at(2), {"power_users": {"u1": "gold"}}, breaking=True)
    assert company.read("select user_id, tier, entered_at from segments.power_users") == [("u1", "gold", at(2))]
    assert company.read("select tier, valid_from, valid_to from segments.segment_membership_history order by 2") == [
        (None, at(1), at(2)), ("gold", at(2), None),
    ]  # fmt: skip


def test_comments_and_hostile_text(company: Company) -> None:
    broken = segment("broken", label="nul \0 and half \ud800", description="", definition=HOSTILE, sql=HOSTILE)
    company.specs(*SEGMENTS, broken)
    for day in (1, 2):
        company.run(at(day), {"big_accounts": [1]})
        said = comments(company)
        assert said["big_accounts"] == HOSTILE
        assert said["account_segments.big_accounts"] == HOSTILE
        assert said["at_risk"] == "Deprecated. Those who are at_risk"
        assert said["user_traits.sessions"] == "Sessions ever"
        assert said["broken"] == "nul \ufffd and half \ufffd"
        unsaid = {f"{t}.{c}" for t in company.served_tables() for c in company.columns(t)} - said.keys()
        assert unsaid == set()
        assert company.read("select definition, sql, label from segments.segment_catalog where segment = 'broken'") == [
            (HOSTILE, HOSTILE, "nul \ufffd and half \ufffd")
        ]


def test_a_rollback_keeps_what_readers_know(company: Company) -> None:
    company.specs(POWER)
    first = company.run(at(1), {"power_users": ["u1"]})
    company.specs(POWER, AT_RISK)
    second = company.run(at(2), {"power_users": ["u1"], "at_risk": ["u2"]})
    publish.rollback(company.target)
    assert company.publish_ids() == {first.publish_id}
    assert company.columns("user_segments") == [*HEAD, "power_users", "at_risk"]
    assert company.read("select count(at_risk) from segments.user_segments") == [(0,)]
    assert company.read("select * from segments.at_risk") == []
    publish.rollback(company.target, second.publish_id)
    assert company.read("select user_id from segments.at_risk") == [("u2",)]


def test_hidden_traits_are_not_served(company: Company) -> None:
    company.run(at(1), {})
    assert not [c for table in company.served_tables() for c in company.columns(table) if c.startswith("_")]


def test_nothing_defined(company: Company) -> None:
    company.specs()
    company.run(at(1), {})
    assert company.read("select count(*) from segments.segment_membership") == [(0,)]
    assert company.columns("user_segments") == HEAD


def test_views_and_grants_of_others_live_on(on_postgres: Company, empty_postgres: Postgres) -> None:
    company, server = on_postgres, empty_postgres
    company.specs(POWER, AT_RISK)
    company.run(at(1), {"power_users": ["u1"]})
    role = f"reader_{server.dbname}"
    server.execute(
        f"create role {role}",
        f"grant usage on schema segments to {role}",
        f"grant select on segments.power_users, segments.user_segments to {role}",
        "create schema bi",
        "create view bi.power as select p.user_id, s.publish_id from segments.power_users p "
        "join segments.user_segments s on s.user_id = p.user_id",
    )
    company.specs(AT_RISK, segment("another"))
    company.run(at(2), {})
    company.specs(POWER, AT_RISK)
    generation = company.run(at(3), {"power_users": ["u2"]})
    with server.connect() as connection:
        assert connection.execute("select * from bi.power").fetchall() == [("u2", generation.publish_id)]
        connection.execute(f"set role {role}")
        assert connection.execute("select user_id from segments.power_users").fetchall() == [("u2",)]
        assert connection.execute("select count(*) from segments.user_segments").fetchone() == (8,)
    with pytest.raises(UserError, match=r"bi\.power"):
        company.run(at(4), {"power_users": ["u2"]}, breaking=True)
    assert company.publish_ids() == {generation.publish_id}
    server.execute("drop view bi.power")
    company.run(at(4), {"power_users": ["u2"]}, breaking=True)
    with server.connect() as connection:
        connection.execute(f"set role {role}")
        assert connection.execute("select count(*) from segments.user_segments").fetchone() == (8,)
        connection.execute("reset role")
        connection.execute(f"drop owned by {role}")
        connection.execute(f"drop role {role}")


def test_unchanged_views_are_not_touched(on_postgres: Company) -> None:
    query = (
        "select c.relname, c.xmin::text from pg_class c join pg_namespace n on n.oid = relnamespace "
        "where nspname = 'segments'"
    )
    on_postgres.run(at(1), {})
    before = on_postgres.read(query)
    on_postgres.run(at(2), {"power_users": ["u1"]})
    assert on_postgres.read(query) == before


def test_as_of_is_each_rows_own(company: Company) -> None:
    company.run(at(1), {"power_users": ["u1"]})
    company.run(at(2), {"power_users": ["u1"]})
    assert company.read("select distinct as_of from segments.user_segments") == [(at(2),)]
    assert company.read("select as_of, as_of_daily, published_at from segments.segment_generation") == [
        (at(2), at(2), dt.datetime(2026, 6, 1, 12, 2))
    ]
    assert company.read("select distinct as_of from segments.segment_daily order by 1") == [(at(1),), (at(2),)]
