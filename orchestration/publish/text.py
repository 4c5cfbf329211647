"""Text of people on its way into a warehouse."""

from __future__ import annotations

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)], REPLACEMENT)


def storable(text: str) -> str:
    """The text with what no warehouse can hold, NUL and half of a surrogate pair, shown as a replacement character."""
    return text.translate(UNSTORABLE)
