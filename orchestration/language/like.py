r"""The patterns of `like` and `ilike`: `%` any characters, `_` one, `\` takes a following `%`, `_` or `\` literally."""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\([%_\\]?)", re.DOTALL)


def problem_in(pattern: str) -> str | None:
    """What is wrong with a pattern; None where it is valid on every engine."""
    if any(not escape[1] for escape in _ESCAPED.finditer(pattern)):
        return "`\\` takes only `%`, `_` and itself literally; a literal one is `\\\\`"
    return "a text holds no NUL character" if "\0" in pattern else None
