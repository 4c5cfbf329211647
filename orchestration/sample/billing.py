"""Rows of billing and sales: subscriptions, invoices, opportunities, activities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.sample.days import moment, monthly, on, yearly
from orchestration.sample.draws import Draws
from orchestration.sample.rows import Row, money
from orchestration.sample.world import Company, Contract

INVOICE_DAYS = 760  # how far back the billing system's export goes
_LOADED_AT = moment(-1, 75_600)


@dataclass(frozen=True, slots=True)
class _Bill:
    kind: str
    cents: int
    day: int


def subscription_rows(companies: tuple[Company, ...]) -> Iterator[Row]:
    for company in companies:
        for number, contract in enumerate(company.contracts, start=1):
            yield (
                f"s{company.id[1:]}-{number}",
                company.id,
                contract.product,
                contract.plan,
                "annual" if contract.is_annual else "monthly",
                contract.seats,
                money(contract.arr * 100),
                on(contract.start),
                None if contract.end is None else on(contract.end),
                None if contract.cancelled is None else moment(contract.cancelled, 39_600),
                _LOADED_AT,
            )


def invoice_rows(seed: int, companies: tuple[Company, ...]) -> Iterator[Row]:
    """Invoices, exported when issued and again when settled; the later export is the truth."""
    number = 0
    for company in companies:
        draws = Draws(seed, "invoices", company.id)
        for subscription, contract in enumerate(company.contracts, start=1):
            for bill in _bills(draws, company, contract):
                number += 1
                subscription_id = f"s{company.id[1:]}-{subscription}" if bill.kind != "pack" else None
                yield from _exports(draws, company, bill, f"i{number:06d}", subscription_id)


def _bills(draws: Draws, company: Company, contract: Contract) -> Iterator[_Bill]:
    step, each = (yearly, contract.arr * 100) if contract.is_annual else (monthly, contract.arr * 100 // 12)
    count, end = 0, 0 if contract.end is None else min(contract.end, 0)
    while (day := step(contract.start, count) if count else contract.start) < end:
        count += 1
        if day >= -INVOICE_DAYS:
            yield _Bill("subscription", each, day)
            if draws.chance(0.012):
                yield _Bill("credit_note", -each // 4, min(day + 9, -1))
    if company.is_seasonal:
        for start in (-240, -605):  # November and December of the last two years
            for _ in range(draws.integer(2, 4)):
                yield _Bill("pack", contract.arr * draws.integer(3, 9), start + draws.integer(6, 55))
    elif draws.chance(0.12):
        day = -draws.integer(20, 400)
        if contract.runs_on(day):
            yield _Bill("pack", contract.arr * draws.integer(2, 6), day)


def _exports(
    draws: Draws, company: Company, bill: _Bill, invoice_id: str, subscription_id: str | None
) -> Iterator[Row]:
    due = bill.day + 30
    slow = company.archetype in ("at_risk", "churned") and draws.chance(0.4)
    paid = bill.day + draws.integer(2, 29) + (draws.integer(10, 80) if slow else 0)
    row: Row = (invoice_id, company.id, subscription_id, bill.kind, money(bill.cents), on(bill.day), on(due))
    if draws.chance(0.006):
        yield (*row, None, "void", _LOADED_AT)
        return
    if paid > -1 or draws.chance(0.03):
        yield (*row, None, "open", moment(bill.day, 80_000))
    if paid <= -1:
        yield (*row, on(paid), "paid", moment(paid, 80_000))


def opportunity_rows(seed: int, companies: tuple[Company, ...]) -> Iterator[Row]:
    number = 0
    for company in companies:
        draws = Draws(seed, "opportunities", company.id)
        for kind, stage, amount, created, closes in _deals(draws, company):
            number += 1
            created_at = moment(created, draws.integer(30_000, 60_000))
            cents = None if draws.chance(0.05) else money(amount * 100)
            stage = stage.upper() if draws.chance(0.04) else stage
            yield f"p{number:05d}", company.id, company.owner_id, kind, stage, cents, created_at, on(closes), _LOADED_AT


def _deals(draws: Draws, company: Company) -> Iterator[tuple[str, str, int, int, int]]:
    for contract in company.contracts[:1]:
        yield "new_business", "won", contract.arr, company.created, contract.start
    if company.archetype == "trial":
        stage = draws.weighted({"discovery": 50, "proposal": 30, "lost": 20})
        yield "new_business", stage, draws.integer(2, 60) * 1000, -draws.integer(10, 24), draws.integer(5, 60)
    if company.archetype == "won_back":
        yield (
            "new_business",
            "won",
            company.contracts[1].arr,
            company.contracts[1].start - 20,
            company.contracts[1].start,
        )
    running = company.running()
    if running and draws.chance(0.7 if company.archetype == "expanding" else 0.05):
        stage = draws.weighted({"discovery": 30, "proposal": 40, "negotiation": 30})
        amount = int(running.arr * draws.number(0.2, 0.6))
        yield "expansion", stage, amount, -draws.integer(5, min(60, -running.start)), draws.integer(5, 75)
    if running and running.is_annual and draws.chance(0.5):
        renewal = yearly(running.start, 1)
        if -30 < renewal < 90:
            yield "renewal", "negotiation", running.arr, max(renewal - 90, running.start), renewal


def activity_rows(seed: int, companies: tuple[Company, ...]) -> Iterator[Row]:
    """Calls and meetings with customers, those already planned included."""
    number = 0
    for company in companies:
        draws = Draws(seed, "activities", company.id)
        if company.is_own:
            continue
        past = draws.integer(1, 6) + (4 if company.archetype in ("at_risk", "expanding") else 0)
        days = [-draws.integer(1, min(180, -company.created)) for _ in range(past)]
        if company.archetype != "churned" and draws.chance(0.3):
            days.append(draws.integer(1, 45))
        for day in days:
            number += 1
            kind = draws.weighted({"call": 45, "meeting": 30, "business_review": 12, "training": 13})
            starts_at = moment(day, draws.integer(8, 17) * 3600)
            owner = company.owner_id
            yield f"t{number:05d}", company.id, owner, kind, starts_at, draws.chance(0.05), _LOADED_AT
