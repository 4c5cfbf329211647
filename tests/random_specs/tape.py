"""Choices read off bytes: what Hypothesis draws, in the form in which a generator asks for it.

The first of several options should be the simplest: zeros, and the end of the tape of zeros, choose it.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
LENGTH = 2048


class Tape:
    """A source of choices, the same for the same bytes. After the bytes it goes on with what follows from them."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._more = random.Random(zlib.crc32(data)) if any(data) else None

    def below(self, number: int) -> int:
        """A whole number from 0 up to, not including, `number`."""
        if number <= 1:
            return 0
        at = self._at
        if at + 2 <= len(self._data):
            self._at = at + 2
            return (self._data[at] << 8 | self._data[at + 1]) % number
        return self._more.randrange(number) if self._more else 0

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def chance(self, percent: int) -> bool:
        """True so often; the simplest tape says no."""
        return self.below(100) >= 100 - percent

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def some(self, options: Sequence[T], low: int, high: int) -> list[T]:
        """So many of the options, with repetition."""
        return [self.pick(options) for _ in range(self.between(low, high))]
