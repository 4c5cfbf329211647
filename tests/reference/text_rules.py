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


_PIECE = re.compile(
    r"""\\(?P<escaped>.)
    | \[\^?\]?(?:\\.|[^\]\\])*\]
    | (?P<repeat>[*+?]|\{\d+(?:,\d*)?\})
    | (?P<group>\((?:\?:?)?)
    | (?P<anchor>[$^])
    | .""",
    re.VERBOSE | re.DOTALL,
)


@functools.cache
def _search_pattern(pattern: str) -> re.Pattern[str]:
    parts, repeated = [], False
    for piece in _PIECE.finditer(pattern):
        escaped, group = piece["escaped"] or "", piece["group"] or "("
        foreign = escaped.isalnum() and escaped not in "dDwWsSntrfv"
        if foreign or group not in ("(", "(?:") or (repeated and piece["repeat"]):
            raise SpecError(f"`{pattern}` is outside the patterns of the language")
        repeated = piece["repeat"] is not None
        parts.append({"^": r"\A", "$": r"\Z"}.get(piece["anchor"] or "", piece[0]))
    return re.compile("".join(parts), re.ASCII)


def matches(text: str, pattern: str) -> bool:
    r"""Found anywhere. `.` is no newline, `\d \w \s` are ASCII, `^` and `$` are the ends of the whole text."""
    return _search_pattern(pattern).search(text) is not None
