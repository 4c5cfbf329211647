"""Whom RavenStack's segments hold at an instant: plain Python over the CSV files, written by hand and not from the specs.

It shares no code with the product and no engine with its warehouse. A day stands for its midnight, UTC.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

Row: TypeAlias = dict[str, str]
Members: TypeAlias = dict[str, set[str]]  # by segment, or tier: `arr_tier.smb`


@dataclass(frozen=True, slots=True)
class Tables:
    """The five files as they are, and the account of every subscription, also of those that have ended or not begun."""

    accounts: list[Row]
    subscriptions: list[Row]
    usage: list[Row]
    tickets: list[Row]
    churn: list[Row]
    account_of: dict[str, str]


def read_tables(folder: Path) -> Tables:
    """Read the files of the folder `ravenstack`."""
    names = ("accounts", "subscriptions", "feature_usage", "support_tickets", "churn_events")
    accounts, subscriptions, usage, tickets, churn = (_read(folder / f"{name}.csv") for name in names)
    account_of = {row["subscription_id"]: row["account_id"] for row in subscriptions}
    return Tables(accounts, subscriptions, usage, tickets, churn, account_of)


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected_members(tables: Tables, as_of: date) -> Members:
    """The members of every segment, and of every tier under `<segment>.<tier>`."""
    running = [row for row in tables.subscriptions if _runs(row, as_of)]
    lapsing = {row["subscription_id"] for row in running if _lapses_soon(row, as_of)}
    usage = usage_before(tables, as_of)
    tiers = _arr_tiers(running)
    paying = set().union(*tiers.values())
    at_risk = paying & _falling(tables, usage, as_of)
    of_accounts: Members = {
        "arr_tier": paying,
        **{f"arr_tier.{tier}": accounts for tier, accounts in tiers.items()},
        "trial_heavy_accounts": _trial_heavy(running),
        "renewal_outreach": paying & {row["account_id"] for row in running if row["subscription_id"] in lapsing},
        "at_risk_accounts": at_risk,
        "at_risk_enterprise": at_risk & tiers["enterprise"],
        "beta_explorers": _beta_explorers(tables, usage, as_of),
        "retiring_feature_users": _users_of(tables, usage, "feature_23", as_of),
        "error_stricken_accounts": _error_stricken(tables, usage, as_of),
        "ticket_heavy_accounts": _ticket_heavy(tables, as_of),
        "churned_accounts": _churned(tables, as_of),
        "reactivated_accounts": _reactivated(tables, as_of),
        "regulated_europe": _regulated_europe(tables),
    }
    exist = existing_accounts(tables, as_of)
    return {"lapsing_renewals": lapsing, **{name: accounts & exist for name, accounts in of_accounts.items()}}


def existing_accounts(tables: Tables, as_of: date) -> set[str]:
    """The accounts that had signed up before the instant."""
    return {row["account_id"] for row in tables.accounts if _day(row["signup_date"]) < as_of}


def usage_before(tables: Tables, as_of: date) -> list[Row]:
    """The usage rows before an instant; of those that share an id (never of one day) the earliest."""
    first: dict[str, Row] = {}
    for row in sorted(tables.usage, key=lambda row: row["usage_date"]):
        if _day(row["usage_date"]) < as_of:
            first.setdefault(row["usage_id"], row)
    return list(first.values())


def repeated_ids(tables: Tables, as_of: date) -> int:
    """How many usage rows before an instant have an id that another one had."""
    return sum(_day(row["usage_date"]) < as_of for row in tables.usage) - len(usage_before(tables, as_of))


def used_before_start(tables: Tables) -> int:
    """How many usage rows are dated before their subscription starts."""
    start = {row["subscription_id"]: row["start_date"] for row in tables.subscriptions}
    return sum(row["usage_date"] < start[row["subscription_id"]] for row in tables.usage)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _within(text: str, as_of: date, days: int, ending: int = 0) -> bool:
    return as_of - timedelta(ending + days) <= _day(text) < as_of - timedelta(ending)


def _runs(row: Row, as_of: date) -> bool:
    return _day(row["start_date"]) < as_of and (not row["end_date"] or _day(row["end_date"]) >= as_of)


def _arr_tiers(running: list[Row]) -> Members:
    arr = Counter[str]()
    for row in running:
        arr[row["account_id"]] += int(row["arr_amount"])
    return {
        "enterprise": {account for account, amount in arr.items() if amount >= 50_000},
        "mid_market": {account for account, amount in arr.items() if 10_000 <= amount < 50_000},
        "smb": {account for account, amount in arr.items() if 0 < amount < 10_000},
    }


def _trial_heavy(running: list[Row]) -> set[str]:
    trials, all_of = Counter[str](), Counter[str]()
    for row in running:
        all_of[row["account_id"]] += 1
        trials[row["account_id"]] += row["is_trial"] == "true"
    return {account for account, number in all_of.items() if 10 * trials[account] >= 4 * number}


def _lapses_soon(row: Row, as_of: date) -> bool:
    if row["billing_frequency"] != "annual" or row["auto_renew_flag"] == "true" or row["is_trial"] == "true":
        return False
    start = _day(row["start_date"])
    returns = (_return(start, as_of.year), _return(start, as_of.year + 1))
    return any(as_of <= day < as_of + timedelta(60) for day in returns)


def _return(start: date, year: int) -> date:
    leap_day = (start.month, start.day) == (2, 29)
    return date(year, 2, 28) if leap_day and year % 4 else date(year, start.month, start.day)


def _falling(tables: Tables, usage: list[Row], as_of: date) -> set[str]:
    now, before = Counter[str](), Counter[str]()
    for row in usage:
        account = tables.account_of[row["subscription_id"]]
        now[account] += int(row["usage_count"]) * _within(row["usage_date"], as_of, 90)
        before[account] += int(row["usage_count"]) * _within(row["usage_date"], as_of, 90, ending=90)
    return {account for account, uses in before.items() if uses >= 40 and 2 * now[account] < uses}


def _beta_explorers(tables: Tables, usage: list[Row], as_of: date) -> set[str]:
    features = defaultdict[str, set[str]](set)
    for row in usage:
        if row["is_beta_feature"] == "true" and _within(row["usage_date"], as_of, 180):
            features[tables.account_of[row["subscription_id"]]].add(row["feature_name"])
    return {account for account, used in features.items() if len(used) >= 3}


def _users_of(tables: Tables, usage: list[Row], feature: str, as_of: date) -> set[str]:
    rows = (row for row in usage if row["feature_name"] == feature and _within(row["usage_date"], as_of, 90))
    return {tables.account_of[row["subscription_id"]] for row in rows}


def _error_stricken(tables: Tables, usage: list[Row], as_of: date) -> set[str]:
    errors = Counter[str]()
    for row in usage:
        if _within(row["usage_date"], as_of, 90):
            errors[tables.account_of[row["subscription_id"]]] += int(row["error_count"])
    return {account for account, number in errors.items() if number >= 10}


def _ticket_heavy(tables: Tables, as_of: date) -> set[str]:
    many, urgent = Counter[str](), Counter[str]()
    for row in tables.tickets:
        many[row["account_id"]] += _within(row["submitted_at"], as_of, 180)
        if row["priority"] == "urgent" or row["escalation_flag"] == "true":
            urgent[row["account_id"]] += _within(row["submitted_at"], as_of, 90)
    return {a for a, number in many.items() if number >= 4} | {a for a, number in urgent.items() if number >= 2}


def _churned(tables: Tables, as_of: date) -> set[str]:
    """By the latest event; of two on one day, one that is no reactivation decides."""
    latest: dict[str, tuple[str, bool]] = {}
    for row in tables.churn:
        if _day(row["churn_date"]) < as_of:
            event = (row["churn_date"], row["is_reactivation"] == "false")
            latest[row["account_id"]] = max(event, latest.get(row["account_id"], event))
    return {account for account, (day, churned) in latest.items() if churned and _within(day, as_of, 90)}


def _reactivated(tables: Tables, as_of: date) -> set[str]:
    rows = (row for row in tables.churn if row["is_reactivation"] == "true" and _within(row["churn_date"], as_of, 180))
    return {row["account_id"] for row in rows}


def _regulated_europe(tables: Tables) -> set[str]:
    countries, industries = {"UK", "DE", "FR"}, {"FinTech", "HealthTech"}
    return {r["account_id"] for r in tables.accounts if r["country"] in countries and r["industry"] in industries}
