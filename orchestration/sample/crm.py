"""Rows of the CRM's master data: organisations, owners, accounts, and what vendors know of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from orchestration.sample import vocabulary
from orchestration.sample.companies import organization_ids
from orchestration.sample.days import moment, on, yearly
from orchestration.sample.draws import Draws
from orchestration.sample.rows import Row, money
from orchestration.sample.world import Company

LOADED_AT = moment(-1, 82_800)  # the nightly export of the last evening
_STAGES = {"steady": "customer", "expanding": "customer", "at_risk": "customer", "won_back": "customer"}


def organization_rows(seed: int, companies: tuple[Company, ...]) -> Iterator[Row]:
    draws = Draws(seed, "organizations")
    for organization_id in organization_ids(len(companies)):
        kind = draws.weighted(vocabulary.ORGANIZATION_KINDS)
        name = f"{draws.pick(vocabulary.NAME_HEADS)} {kind.title()} {organization_id[1:]}"
        yield organization_id, name, kind, draws.pick(tuple(vocabulary.COUNTRIES)), LOADED_AT


def owner_rows() -> Iterator[Row]:
    for region in vocabulary.OWNER_TEAMS:
        for number in range(1, 4):
            owner_id = f"{region}-{number}"
            yield owner_id, f"csm-{owner_id}@acme.test", f"customer success {region}", region, LOADED_AT


def account_rows(seed: int, companies: tuple[Company, ...]) -> Iterator[Row]:
    """An account is exported again when it changes, so some occur twice; the later update is the truth."""
    for company in companies:
        draws = Draws(seed, "crm account", company.id)
        row = _account(draws, company)
        if draws.chance(0.04):
            before = moment(company.created + 5, 40_000)
            yield (*row[:7], "lead", None, *row[9:12], before, None, LOADED_AT)
        yield row


def _account(draws: Draws, company: Company) -> Row:
    spelling = vocabulary.COUNTRIES[company.country].spellings
    updated = -draws.integer(1, min(60, -company.created))
    left = company.archetype == "churned" and draws.chance(0.1)
    # the demonstrations can be known by their names alone, where nobody set the flag
    flag = True if company.is_own and draws.chance(0.6) else None if draws.chance(0.5) else False
    return (
        company.id,
        company.name,
        company.organization_id,
        company.owner_id if draws.chance(0.95) else None,
        f"https://{company.id}.example" if draws.chance(0.9) else None,
        draws.pick(spelling) if draws.chance(0.22) else None if draws.chance(0.02) else company.country,
        company.city if draws.chance(0.94) else " ",
        _stage(draws, company),
        _renewal(draws, company),
        tags_as_typed(draws, vocabulary.ACCOUNT_TAGS),
        flag,
        moment(company.created, 36_000 + draws.integer(0, 20_000)),
        moment(updated, 40_000),
        moment(-draws.integer(1, 12), 50_000) if left else None,
        LOADED_AT,
    )


def _stage(draws: Draws, company: Company) -> str:
    """The lifecycle stage as sales keeps it: by hand, so not always up to date."""
    stage = _STAGES.get(company.archetype, company.archetype)
    stage = "customer" if stage == "test" else stage
    if draws.chance(0.05):
        stage = draws.pick(("lead", "trial", "customer"))
    return stage.title() if draws.chance(0.1) else stage


def _renewal(draws: Draws, company: Company) -> date | None:
    contract = company.running()
    if contract is None or not contract.is_annual:
        return None
    if contract.end is not None:
        return on(contract.end)
    if draws.chance(0.03):
        return on(yearly(contract.start, 0))  # nobody moved it on
    years = 1
    while yearly(contract.start, years) < 0:
        years += 1
    return on(yearly(contract.start, years))


def tags_as_typed(draws: Draws, tags: dict[str, float]) -> tuple[str, ...] | None:
    """Tags as people type them: now and then in capitals, twice, or with blanks around them."""
    found = [tag for tag, probability in tags.items() if draws.chance(probability)]
    if found and draws.chance(0.08):
        found.append(f" {found[0].upper()}")
    return tuple(found) or None


def firmographic_rows(seed: int, companies: tuple[Company, ...]) -> Iterator[Row]:
    """What an enrichment vendor sells: not for every account, sometimes nonsense, sometimes of accounts long gone."""
    draws = Draws(seed, "firmographics")
    loaded_at = moment(-3, 14_400)
    for company in companies:
        if company.is_own or draws.chance(0.06):
            continue
        employees = company.employees if not draws.chance(0.015) else -1
        revenue = money(company.employees * draws.integer(6_000_000, 24_000_000))
        industry = company.industry.upper() if draws.chance(0.05) else company.industry
        yield (
            company.id,
            None if draws.chance(0.03) else industry,
            None if draws.chance(0.08) else company.business_model,
            None if draws.chance(0.05) else employees,
            None if draws.chance(0.18) else revenue,
            on(-draws.integer(900, 14_000)) if draws.chance(0.8) else None,
            loaded_at,
        )
    for n in range(1, 4):
        yield f"a9{n:03d}", "Retail", "B2C", 40 * n, None, None, loaded_at


def technographic_rows(seed: int, companies: tuple[Company, ...]) -> Iterator[Row]:
    """Which tools a crawler saw on an account's sites: a list, not always clean, missing where nothing was seen."""
    draws = Draws(seed, "technographics")
    for company in companies:
        if company.is_own or draws.chance(0.1):
            continue
        tools = [tool for options in vocabulary.TOOLS.values() if (tool := draws.weighted(options))]
        if tools and draws.chance(0.12):
            tools.append(tools[0].replace("_", " ").title())
        if draws.chance(0.05):
            tools.append("")
        detected_at = moment(-draws.integer(3, 60), draws.integer(0, 80_000))
        yield company.id, tuple(tools) or None, detected_at, moment(-2, 18_000)
