r"""The patterns of `like` and `ilike`: `%` any characters, `_` one, `\` before a character takes it literally."""

from __future__ import annotations


def problem_in(pattern: str) -> str | None:
    """What is wrong with a pattern; None where it is valid."""
    backslashes = len(pattern) - len(pattern.rstrip("\\"))
    if backslashes % 2:
        return "a pattern cannot end in a single `\\`, which escapes what follows; a literal one is `\\\\`"
    if "\0" in pattern:
        return "a text holds no NUL character"
    return None


def canonical(pattern: str) -> str:
    r"""The same pattern with `\` only where it is needed: some engines refuse it before other characters."""
    written, position = [], 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
            character = pattern[position]
            character = "\\" + character if character in "%_\\" else character
        written.append(character)
        position += 1
    return "".join(written)
