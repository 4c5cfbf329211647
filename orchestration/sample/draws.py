"""Seeded draws: the only source of chance in the sample.

Everything is made of `Random.random()` and the four operations, which give the same bits on every machine and every
Python; the library's other distributions go through the platform's `log` and `exp` and do not. A source of draws is
named (`Draws(seed, "usage", "u00017")`), so that a change to one table leaves the others as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """Reproducible draws; the same name gives the same ones."""

    __slots__ = ("unit",)

    def __init__(self, *name: str | int) -> None:
        self.unit = Random("/".join(map(str, name))).random

    def chance(self, probability: float) -> bool:
        return self.unit() < probability

    def number(self, low: float, high: float) -> float:
        return low + self.unit() * (high - low)

    def integer(self, low: int, high: int) -> int:
        """From `low` to `high`, both included."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.unit() * len(options))]

    def weighted(self, options: Mapping[T, int]) -> T:
        """One of the keys, by their weights, which are whole numbers: a sum of others depends on the Python."""
        left = self.unit() * sum(options.values())
        for option, weight in options.items():
            left -= weight
            if left < 0:
                return option
        return list(options)[-1]  # the last bits of a sum of floats

    def subset(self, options: Sequence[T], probability: float) -> tuple[T, ...]:
        """Each option on its own with the given probability, in their order."""
        return tuple(option for option in options if self.unit() < probability)

    def shuffled(self, items: Sequence[T]) -> list[T]:
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = int(self.unit() * (last + 1))
            result[last], result[other] = result[other], result[last]
        return result

    def quotas(self, shares: Mapping[T, int], count: int) -> list[T]:
        """`count` keys in random order, as often as their shares say, each at least once where there is room."""
        total = sum(shares.values())
        exact = {option: share * count / total for option, share in shares.items()}
        chosen = {option: int(amount) for option, amount in exact.items()}
        if count >= 2 * len(shares):
            chosen = {option: max(1, amount) for option, amount in chosen.items()}
        by_remainder = sorted(shares, key=lambda option: int(exact[option]) - exact[option])
        while (missing := count - sum(chosen.values())) != 0:
            if missing > 0:
                for option in by_remainder[:missing]:
                    chosen[option] += 1
            else:
                chosen[max(chosen, key=lambda option: chosen[option])] -= 1
        return self.shuffled([option for option, times in chosen.items() for _ in range(times)])
