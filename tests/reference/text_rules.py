"""Text by code point: case mapping, `like`, `matches`."""

from __future__ import annotations

import functools
import re

from tests.reference.yaml_text import SpecError


def lower(text: str) -> str:
    """Unicode's simple mapping, one code point to one."""
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


def upper(text: str) -> str:
    """Unicode's simple mapping, one code point to one: ß stays, as does every letter whose capital is two letters."""
    return "".join(_capital(c) for c in text)


def _capital(character: str) -> str:
    # where the capital is two letters, some letters have a title form of one
    for mapped in (character.upper(), character.title()):
        if len(mapped) == 1:
            return mapped
    return character


@functools.cache
def _like_pattern(pattern: str) -> re.Pattern[str]:
    parts, characters = [], iter(pattern)
    for character in characters:
        match character:
            case "%":
                parts.append(".*")
            case "_":
                parts.append(".")
            case "\\":
                escaped = next(characters, None)
                if escaped not in ("%", "_", "\\"):
                    raise SpecError(f"`{pattern}`: a backslash escapes %, _ and itself")
                parts.append(re.escape(escaped))
            case _:
                parts.append(re.escape(character))
    return re.compile("".join(parts), re.DOTALL)


def like(text: str, pattern: str) -> bool:
    r"""`%` is any text, `_` any character, `\` escapes."""
    return _like_pattern(pattern).fullmatch(text) is not None


_REFUSED = re.compile(r"\(\?(?!:)|\\[1-9AbBzZ]|[*+?}][?+]")


@functools.cache
def _search_pattern(pattern: str) -> re.Pattern[str]:
    if _REFUSED.search(pattern):
        raise SpecError(f"`{pattern}` is outside the patterns of the language")
    parts, at, in_class = [], 0, False
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            parts.append(pattern[at : at + 2])
            at += 2
            continue
        if in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
            opening = re.match(r"\[\^?\]?", pattern[at:])
            assert opening is not None
            character = opening[0]
        elif character == "^":
            character = r"\A"
        elif character == "$":
            character = r"\Z"
        parts.append(character)
        at += len(character) if character not in (r"\A", r"\Z") else 1
    return re.compile("".join(parts), re.ASCII)


def matches(text: str, pattern: str) -> bool:
    r"""Found anywhere. `.` is no newline, `\d \w \s` are ASCII, `^` and `$` are the ends of the whole text."""
    return _search_pattern(pattern).search(text) is not None
