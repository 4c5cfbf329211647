r"""The patterns of `matches`: the subset that means the same on every engine, checked here and printed for each.

A pattern is searched for anywhere in a text, by code point and case-sensitively. It holds

- literals; `\` before an ASCII punctuation mark makes it a literal; `\n \t \r \f \v` are the control characters
- `.`: any character but a newline
- `[abc]`, `[a-z0-9]`, `[^…]`: one character of a set, or outside it. Ranges are between ASCII characters. Within brackets
  `\d`, `\w`, `\s` and escaped characters may stand
- `\d` is `[0-9]`, `\w` is `[0-9A-Za-z_]`, `\s` is a space, `\t`, `\n`, `\v`, `\f` or `\r`; `\D`, `\W`, `\S` their opposites
- `^` and `$`: begin and end of the whole text, whatever lines are in it
- `(…)` or `(?:…)` and `|`
- `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`: greedy repetition, at most 255 times

Everything else that some engine knows (`\b`, back references, look-around, lazy repetition, flags, `\p{…}`, `[:alpha:]`) is
refused, and so is what is too large for an engine. Printing goes over the parsed pattern, so no engine's own reading of a
character ever matters: every set is written out, every punctuation mark escaped.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TypeAlias, assert_never

MAX_REPEAT = 255  # Postgres' limit; RE2 (DuckDB) has 1000, also for what nested repetitions multiply to
MAX_NESTED_REPEAT = 1000
MAX_DEPTH = 50
MAX_SIZE = 4000  # characters and sets, repetitions counted out: well within RE2's and Postgres' memory
_SETS = {"d": "0-9", "w": "0-9A-Z_a-z", "s": "\t-\r "}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a pattern, and where: an offset into it."""

    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Characters:
    """One character in (or, negated, outside) of a set of ranges."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """The begin (`^`) or the end (`$`) of the whole text."""

    sign: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Any of the branches, each a sequence of nodes."""

    branches: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A node at least `least` and at most `most` times; None: without end."""

    node: Node
    least: int
    most: int | None


Node: TypeAlias = Characters | Anchor | Choice | Repeat


def problem_in(pattern: str) -> Problem | None:
    """What is wrong with a pattern; None where it is one of the language's."""
    try:
        parse(pattern)
    except PatternProblem as refused:
        return refused.problem
    return None


def parse(pattern: str) -> Choice:
    """The tree of a pattern; `PatternProblem` where it is not one of the language's."""
    parser = _Parser(pattern)
    tree = parser.choice(0)
    if parser.position < len(pattern):
        raise PatternProblem(parser.position, "`)` without `(`; a literal one is `\\)`")
    if _size(tree) > MAX_SIZE:
        raise PatternProblem(
            0, f"the pattern is too large: repetitions counted out it has more than {MAX_SIZE} characters"
        )
    return tree


def for_engine(pattern: str, dialect: str) -> str:
    """A valid pattern, written so that the dialect's engine means the same by it."""
    return _choice_text(parse(pattern), "\\z" if dialect in ("spark", "databricks") else "$")


class PatternProblem(ValueError):
    """Raised by `parse` at the first thing that is not of the subset; `problem` says what and where."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(offset, message)


@dataclass(slots=True)
class _Parser:
    text: str
    position: int = 0

    def peek(self, length: int = 1) -> str:
        return self.text[self.position : self.position + length]

    def choice(self, depth: int) -> Choice:
        if depth > MAX_DEPTH:
            raise PatternProblem(self.position, f"groups are nested more than {MAX_DEPTH} deep")
        branches: list[tuple[Node, ...]] = []
        while True:
            nodes: list[Node] = []
            while self.peek() not in ("", "|", ")"):
                nodes.append(self.repeated(self.one(depth)))
            branches.append(tuple(nodes))
            if self.peek() != "|":
                return Choice(tuple(branches))
            self.position += 1

    def one(self, depth: int) -> Node:
        start, character = self.position, self.peek()
        self.position += 1
        match character:
            case "(":
                return self.group(start, depth)
            case "[":
                return self.bracket(start)
            case ".":
                return Characters((("\n", "\n"),), negated=True)
            case "^" | "$":
                return Anchor(character)
            case "\\":
                return self.escape(start)
            case "*" | "+" | "?" | "{":
                raise PatternProblem(start, f"`{character}` has nothing to repeat; a literal one is `\\{character}`")
            case "\0":
                raise PatternProblem(start, "a text holds no NUL character")
        return Characters(((character, character),))

    def group(self, start: int, depth: int) -> Node:
        if self.peek() == "?":
            if self.peek(2) != "?:":
                raise PatternProblem(
                    start, "only plain groups `(…)` and `(?:…)` are known: no flags, names or look-around"
                )
            self.position += 2
        tree = self.choice(depth + 1)
        if self.peek() != ")":
            raise PatternProblem(start, "`(` without `)`; a literal one is `\\(`")
        self.position += 1
        return tree

    def escape(self, start: int) -> Characters:
        character = self.peek()
        self.position += 1
        if character and character in "dwsDWS":
            return Characters(_ranges(character.lower()), negated=character.isupper())
        if character and character in _CONTROLS:
            return Characters(((_CONTROLS[character],) * 2,))
        if character and character in string.punctuation:
            return Characters(((character, character),))
        if not character:
            raise PatternProblem(start, "`\\` at the end escapes nothing; a literal one is `\\\\`")
        raise PatternProblem(
            start, f"`\\{character}` is not known here; known are \\d \\w \\s \\D \\W \\S \\n \\t \\r \\f \\v"
        )

    def bracket(self, start: int) -> Characters:
        negated = self.peek() == "^"
        self.position += negated
        ranges: list[tuple[str, str]] = []
        while self.peek() != "]":
            if not self.peek():
                raise PatternProblem(start, "`[` without `]`; a literal one is `\\[`")
            ranges += self.bracket_item()
        self.position += 1
        if not ranges:
            raise PatternProblem(start, "an empty set; a literal bracket is `\\[` or `\\]`")
        return Characters(tuple(ranges), negated)

    def bracket_item(self) -> tuple[tuple[str, str], ...]:
        start = self.position
        low = self.bracket_character()
        if len(low) > 1 or low[0][0] != low[0][1] or self.peek() != "-" or self.peek(2) == "-]":
            return low
        self.position += 1
        high = self.bracket_character() if self.peek() else ()
        if len(high) != 1 or high[0][0] != high[0][1]:
            raise PatternProblem(start, "a range goes from one character to another; a literal `-` is `\\-`")
        first, last = low[0][0], high[0][0]
        if not (first.isascii() and last.isascii()):
            raise PatternProblem(
                start, f"the range `{first}-{last}` is not between ASCII characters; list the characters"
            )
        if first > last:
            raise PatternProblem(start, f"the range `{first}-{last}` is the wrong way round")
        return ((first, last),)

    def bracket_character(self) -> tuple[tuple[str, str], ...]:
        start, character = self.position, self.peek()
        if self.peek(2) in ("[:", "[.", "[="):
            raise PatternProblem(start, "named classes such as `[:alpha:]` are not known; write the ranges, `a-zA-Z`")
        self.position += 1
        if character == "\0":
            raise PatternProblem(start, "a text holds no NUL character")
        if character != "\\":
            return ((character, character),)
        escaped = self.escape(start)
        if escaped.negated:
            raise PatternProblem(start, "`\\D`, `\\W` and `\\S` cannot stand within brackets")
        return escaped.ranges

    def repeated(self, node: Node) -> Node:
        start = self.position
        bounds = self.bounds()
        if bounds is None:
            return node
        if isinstance(node, Anchor):
            raise PatternProblem(start, f"`{node.sign}` cannot be repeated")
        repeat = Repeat(node, *bounds)
        if _nested(repeat) > MAX_NESTED_REPEAT:
            raise PatternProblem(start, f"nested repetitions come to more than {MAX_NESTED_REPEAT}")
        if self.peek() in ("*", "+", "?", "{") and self.peek():
            kind = "lazy or possessive repetition is not known" if self.peek() in "?+" else "a repetition is repeated"
            raise PatternProblem(self.position, f"{kind}; put the repeated part into a group")
        return repeat

    def bounds(self) -> tuple[int, int | None] | None:
        sign = self.peek()
        if sign and sign in "*+?":
            self.position += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        if sign != "{":
            return None
        start, end = self.position, self.text.find("}", self.position)
        least, comma, most = self.text[start + 1 : max(end, start + 1)].partition(",")
        if end < 0 or not _is_count(least) or not (most == "" or _is_count(most)):
            raise PatternProblem(start, "a repetition is `{3}`, `{3,}` or `{3,5}`; a literal brace is `\\{`")
        self.position = end + 1
        low, high = int(least), int(most) if most else None if comma else int(least)
        if max(low, high or 0) > MAX_REPEAT:
            raise PatternProblem(start, f"at most {MAX_REPEAT} repetitions")
        if high is not None and high < low:
            raise PatternProblem(start, f"`{{{least},{most}}}` is the wrong way round")
        return low, high


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6


def _ranges(name: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    text = _SETS[name]
    while text:
        length = 3 if text[1:2] == "-" else 1
        found.append((text[0], text[length - 1]))
        text = text[length:]
    return tuple(found)


def _nested(node: Node) -> int:
    """The largest product of counts along a path of nested repetitions, as RE2 limits it."""
    match node:
        case Repeat():
            return max(1, node.least, node.most or 0) * _nested(node.node)
        case Choice():
            return max((_nested(n) for branch in node.branches for n in branch), default=1)
        case Characters() | Anchor():
            return 1
        case _:
            assert_never(node)


def _size(node: Node) -> int:
    match node:
        case Repeat():
            return max(1, node.least, node.most or 0) * _size(node.node)
        case Choice():
            return sum(_size(n) for branch in node.branches for n in branch) + len(node.branches)
        case Characters() | Anchor():
            return 1
        case _:
            assert_never(node)


def _choice_text(node: Choice, end: str) -> str:
    return "|".join("".join(_text(n, end) for n in branch) for branch in node.branches)


def _text(node: Node, end: str) -> str:
    match node:
        case Characters():
            return _set_text(node)
        case Anchor():
            return end if node.sign == "$" else "^"
        case Choice():
            return f"(?:{_choice_text(node, end)})"
        case Repeat():
            return _text(node.node, end) + _bounds_text(node.least, node.most)
        case _:
            assert_never(node)


def _bounds_text(least: int, most: int | None) -> str:
    match least, most:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
    if most == least:
        return f"{{{least}}}"
    return f"{{{least},}}" if most is None else f"{{{least},{most}}}"


def _set_text(node: Characters) -> str:
    if not node.negated and len(node.ranges) == 1 and node.ranges[0][0] == node.ranges[0][1]:
        return _literal(node.ranges[0][0])
    inner = "".join(_literal(a) if a == b else f"{_literal(a)}-{_literal(b)}" for a, b in node.ranges)
    return f"[{'^' if node.negated else ''}{inner}]"


def _literal(character: str) -> str:
    controls = {value: name for name, value in _CONTROLS.items()}
    if character in controls:
        return "\\" + controls[character]
    return "\\" + character if character in string.punctuation and character != "_" else character
