"""Whom the generator makes what: the shares of each archetype and how its people use the product.

An archetype is decided first and behaviour follows from it with noise; `sample.ground_truth` records the decision, so
that a test can measure whether a segment finds the people it is meant to find.
"""

from __future__ import annotations

from dataclasses import dataclass

ACCOUNTS: dict[str, int] = {
    "steady": 45,
    "expanding": 11,
    "at_risk": 12,
    "churned": 9,
    "won_back": 6,
    "onboarding": 7,
    "trial": 8,
    "test": 2,  # demonstrations and own use; the first one is the company itself
}

PEOPLE: dict[str, dict[str, int]] = {
    "steady": {"power": 15, "casual": 58, "at_risk": 6, "churned": 6, "won_back": 6, "dormant": 6, "onboarding": 3},
    "expanding": {"power": 30, "casual": 47, "onboarding": 13, "at_risk": 3, "churned": 3, "won_back": 4},
    "at_risk": {"at_risk": 62, "casual": 20, "churned": 12, "power": 4, "dormant": 2},
    "churned": {"churned": 92, "dormant": 8},
    "won_back": {"won_back": 70, "casual": 12, "churned": 12, "onboarding": 6},
    "onboarding": {"onboarding": 86, "dormant": 14},
    "trial": {"casual": 40, "dormant": 40, "onboarding": 20},
    "test": {"casual": 70, "power": 30},
    "": {"casual": 52, "dormant": 24, "churned": 16, "onboarding": 8},  # users without an account
}


@dataclass(frozen=True, slots=True)
class Usage:
    """How an archetype uses the product: active days a week and feature uses on an active day, each from a range."""

    days_a_week: tuple[float, float]
    features: tuple[int, int]
    breadth: tuple[int, int]  # of how many features
    exports: float  # the chance of exporting a report on an active day


USAGE: dict[str, Usage] = {
    "power": Usage((3.2, 4.7), (0, 2), (8, 13), 0.16),
    "casual": Usage((0.35, 1.35), (0, 1), (2, 5), 0.05),
    "at_risk": Usage((1.8, 3.5), (0, 2), (4, 9), 0.09),
    "churned": Usage((0.8, 2.6), (0, 2), (2, 7), 0.06),
    "won_back": Usage((1.6, 3.2), (0, 2), (3, 8), 0.08),
    "onboarding": Usage((1.6, 3.8), (1, 2), (2, 6), 0.04),
    "dormant": Usage((0.0, 0.0), (0, 1), (1, 2), 0.0),
}

NPS: dict[str, tuple[int, int]] = {
    "power": (7, 10),
    "casual": (5, 10),
    "at_risk": (1, 7),
    "churned": (0, 6),
    "won_back": (5, 10),
    "onboarding": (6, 10),
    "dormant": (2, 8),
}
