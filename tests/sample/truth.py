"""Whom segments are meant to find: the labels that the generator decided first, and how many of them must be found.

Behaviour follows from a label with noise, and a definition sees behaviour only, so nothing here is expected to be 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.sample.expected import Run


@dataclass(frozen=True, slots=True)
class Meant:
    """A segment (or `segment.tier`), the labels it is after, and the least that it must reach."""

    segment: str
    entity: str
    labels: tuple[str, ...]
    precision: float  # of its members, the share that is meant
    recall: float  # of those meant, the share that is a member


MEANT = (
    Meant("engagement.power", "user", ("power",), 0.85, 0.9),
    Meant("engagement.at_risk", "user", ("at_risk",), 0.65, 0.8),
    Meant("engagement.casual", "user", ("casual",), 0.6, 0.8),
    Meant("user_lifecycle.onboarding", "user", ("onboarding",), 0.9, 0.95),
    Meant("user_lifecycle.won_back", "user", ("won_back",), 0.8, 0.7),
    Meant("user_lifecycle.at_risk", "user", ("at_risk",), 0.7, 0.8),
    Meant("user_lifecycle.retained", "user", ("power", "casual"), 0.85, 0.75),
    Meant("user_lifecycle.churned", "user", ("churned",), 0.7, 0.75),
    Meant("won_back_users", "user", ("won_back",), 0.8, 0.7),
    Meant("at_risk_accounts", "account", ("at_risk",), 0.85, 0.85),
    Meant("churned_accounts", "account", ("churned",), 0.95, 0.95),
    Meant("active_trials", "account", ("trial",), 0.9, 0.7),
    Meant("seasonal_buyers", "account", ("seasonal",), 0.95, 0.95),
    Meant("expansion_ready", "account", ("expanding",), 0.6, 0.5),
    Meant("power_teams", "account", ("expanding",), 0.75, 0.6),
    Meant("rising_spend", "account", ("expanding",), 0.75, 0.5),
    Meant("upgraded_this_year", "account", ("expanding",), 0.95, 0.5),
    Meant("falling_spend", "account", ("at_risk",), 0.9, 0.35),  # most accounts at risk pay what they paid, so far
)
_EXISTING = {
    "account": "select account_id from marts.dim_accounts where not is_test and deleted_at is null",
    "user": "select user_id from marts.dim_users where not is_internal and deleted_at is null",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a segment found: its size, how many were meant, and how many are both."""

    meant: Meant
    size: int
    labelled: int
    found: int

    @property
    def precision(self) -> float:
        return self.found / self.size if self.size else 0.0

    @property
    def recall(self) -> float:
        return self.found / self.labelled

    @property
    def good(self) -> bool:
        return self.precision >= self.meant.precision and self.recall >= self.meant.recall

    def __str__(self) -> str:
        labels = " or ".join(self.meant.labels)
        numbers = (
            f"precision {self.precision:.2f}  recall {self.recall:.2f}  ({self.size} members, {self.labelled} meant)"
        )
        return f"{self.meant.segment:26} {labels:16} {numbers}"


def measure(members: Mapping[str, set[str]], run: Run) -> Iterable[Measured]:
    """The members against the labels of those who exist; `run` runs a query on a warehouse with sample and marts."""
    existing = {entity: {str(row[0]) for row in run(query)} for entity, query in _EXISTING.items()}
    for meant in MEANT:
        labels = ", ".join(f"'{label}'" for label in meant.labels)
        query = f"select entity_id from sample.ground_truth where entity = '{meant.entity}' and label in ({labels})"
        labelled = {str(row[0]) for row in run(query)} & existing[meant.entity]
        yield Measured(meant, len(members[meant.segment]), len(labelled), len(members[meant.segment] & labelled))
