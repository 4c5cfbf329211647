"""Companies and their contracts: `make_companies` decides who they are and what they pay."""

from __future__ import annotations

from orchestration.sample import vocabulary
from orchestration.sample.archetypes import ACCOUNTS
from orchestration.sample.draws import Draws
from orchestration.sample.world import Company, Contract

PRICES = {"starter": 19, "team": 39, "business": 69, "enterprise": 99}  # a seat and month
PLANS = tuple(PRICES)

# how many days ago the company came to the CRM
_AGE: dict[str, tuple[int, int]] = {"onboarding": (8, 42), "trial": (25, 160), "churned": (420, 1100)}


def make_companies(seed: int, count: int) -> tuple[Company, ...]:
    """`count` companies; the first is the sample's own."""
    draws = Draws(seed, "companies")
    archetypes = draws.quotas(ACCOUNTS, count)
    own = archetypes.index("test") if "test" in archetypes else 0
    archetypes[0], archetypes[own] = "test", archetypes[0]
    organizations = organization_ids(count)
    return tuple(
        _company(Draws(seed, "company", number), number, archetype, organizations)
        for number, archetype in enumerate(archetypes)
    )


def organization_ids(companies: int) -> tuple[str, ...]:
    """The organisations that companies belong to: about one for eight of them."""
    return tuple(f"o{number:03d}" for number in range(1, companies // 8 + 2))


def _company(draws: Draws, number: int, archetype: str, organizations: tuple[str, ...]) -> Company:
    account_id = f"a{number:04d}"
    country = draws.weighted({code: country.weight for code, country in vocabulary.COUNTRIES.items()})
    employees = draws.integer(*draws.weighted(vocabulary.EMPLOYEE_BANDS))
    created = -draws.integer(*_AGE.get(archetype, (380, 1200)))
    team = next(team for team, codes in vocabulary.OWNER_TEAMS.items() if country in codes)
    return Company(
        id=account_id,
        name=_name(draws, number, archetype),
        archetype=archetype,
        country=country,
        city=draws.pick(vocabulary.COUNTRIES[country].cities),
        industry=draws.weighted(vocabulary.INDUSTRIES),
        business_model=draws.weighted(vocabulary.BUSINESS_MODELS),
        employees=employees,
        organization_id=draws.pick(organizations) if draws.chance(0.42) else None,
        owner_id=f"{team}-{draws.integer(1, 3)}",
        created=created,
        contracts=_contracts(draws, archetype, employees, created),
        is_seasonal=archetype in ("steady", "expanding") and created < -560 and draws.chance(0.16),
        launch=-draws.integer(62, 170) if draws.chance(0.2) else None,
        workspaces=tuple(f"w{number:04d}-{n}" for n in range(1, draws.integer(1, 3) + 1)),
    )


def _name(draws: Draws, number: int, archetype: str) -> str:
    if number == 0:
        return "Acme (own use)"
    name = f"{draws.pick(vocabulary.NAME_HEADS)} {draws.pick(vocabulary.NAME_TAILS)}"
    return f"TEST {name}" if archetype == "test" else f"{name} {number}"


def _contracts(draws: Draws, archetype: str, employees: int, created: int) -> tuple[Contract, ...]:
    if archetype in ("trial", "test"):
        return ()
    start = created + draws.integer(1, 4 if archetype == "onboarding" else 30)
    first = _platform(draws, employees, start)
    match archetype:
        case "expanding":
            return _expanded(draws, first)
        case "churned":
            return (_ended(draws, first, -draws.integer(18, 190)),)
        case "won_back":
            end = -draws.integer(95, 210)
            again = _platform(draws, employees, -draws.integer(6, 50))
            return (_ended(draws, first, end), again)
        case "at_risk" if draws.chance(0.25):  # has given notice; the term still runs
            return (_ended(draws, first, draws.integer(8, 75)),)
        case "at_risk" if draws.chance(0.25):
            return _changed(first, -draws.integer(15, 80), 0.6)
        case "steady" if draws.chance(0.25):
            return _changed(first, -draws.integer(130, 330), 1.25)
        case _:
            return (first,)


def _platform(draws: Draws, employees: int, start: int) -> Contract:
    """Larger companies buy more seats, dearer plans and longer terms."""
    seats = max(2, int(draws.number(0.05, 0.13) * min(employees, 1500) + draws.number(0.004, 0.02) * employees))
    likely = 0 if employees < 40 else 1 if employees < 220 else 2 if employees < 900 else 3
    plan = PLANS[max(0, min(3, likely + draws.weighted({-1: 15, 0: 70, 1: 15})))]
    discount = 0.8 if seats > 80 else 0.9 if seats > 30 else 1.0
    arr = int(seats * PRICES[plan] * 12 * discount)
    return Contract("platform", plan, draws.chance(0.35 + 0.12 * likely), seats, arr, start)


def _ended(draws: Draws, contract: Contract, end: int) -> Contract:
    return _with(contract, end=end, cancelled=min(end, 0) - draws.integer(6, 45))


def _changed(first: Contract, day: int, factor: float) -> tuple[Contract, ...]:
    """The contract replaced by one of `factor` times the seats."""
    seats = max(1, int(first.seats * factor + 0.5))
    after = _with(first, seats=seats, arr=first.arr * seats // first.seats, start=day)
    return (_with(first, end=day), after)


def _expanded(draws: Draws, first: Contract) -> tuple[Contract, ...]:
    day = -draws.integer(12, 80)
    grown = _changed(first, day, draws.number(1.3, 1.9))
    if not draws.chance(0.5):
        return grown
    addon = Contract("forecasting", first.plan, first.is_annual, first.seats, first.arr // 5, day + draws.integer(0, 9))
    return (*grown, addon)


def _with(
    contract: Contract,
    *,
    seats: int | None = None,
    arr: int | None = None,
    start: int | None = None,
    end: int | None = None,
    cancelled: int | None = None,
) -> Contract:
    return Contract(
        contract.product,
        contract.plan,
        contract.is_annual,
        contract.seats if seats is None else seats,
        contract.arr if arr is None else arr,
        contract.start if start is None else start,
        end,
        cancelled,
    )
