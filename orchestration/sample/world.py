"""What the generator knows: companies with their contracts, and people. The truth, before any dirt.

Days are counted from the sample's today (see `days`): day −1 is yesterday.
"""

from __future__ import annotations

from dataclasses import dataclass

EVENT_DAYS = 182  # detailed usage is kept for half a year; milestones such as the sign-up for ever


@dataclass(frozen=True, slots=True)
class Contract:
    """A subscription: from `start` to `end` (exclusive, none while it runs on)."""

    product: str
    plan: str
    is_annual: bool
    seats: int
    arr: int  # whole currency units
    start: int
    end: int | None = None
    cancelled: int | None = None

    def runs_on(self, day: int) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Company:
    """A customer, a former or a future one."""

    id: str
    name: str
    archetype: str
    country: str
    city: str
    industry: str
    business_model: str
    employees: int
    organization_id: str | None
    owner_id: str
    created: int
    contracts: tuple[Contract, ...]
    is_seasonal: bool  # buys extra packs in November and December
    launch: int | None  # the first day of a week that was busier than others
    workspaces: tuple[str, ...]

    @property
    def is_own(self) -> bool:
        return self.archetype == "test"

    def running(self, product: str = "platform") -> Contract | None:
        """The contract of a product that runs today."""
        return next((c for c in self.contracts if c.product == product and c.runs_on(0)), None)


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the product: when they were created and signed up, as day and second, and what became of them.

    `stop` and `back` are the days on which usage falls or ends, and returns.
    """

    id: str
    company: Company | None
    archetype: str
    country: str
    city: str
    language: str
    user_type: str
    department: str
    job_title: str
    seniority: str
    email: str
    created: int
    created_second: int
    signed_up: int | None
    signed_up_second: int
    deleted: int | None
    stop: int | None
    back: int | None
