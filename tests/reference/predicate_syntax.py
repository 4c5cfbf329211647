"""The text of a predicate to a tree, by operator precedence (Pratt)."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from tests.reference.numerics import PLACES
from tests.reference.values import BOOLEAN, DATE, INTEGER, NULL, TEXT, Type, Value, decimal_type, read_date, read_type
from tests.reference.wall_time import Length, read_length
from tests.reference.yaml_text import SpecError


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value
    type: Type


@dataclass(frozen=True, slots=True)
class Moment:
    """`timestamp '…'`: wall time in the project's zone."""

    written: str


@dataclass(frozen=True, slots=True)
class Name:
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator on its operands; `in` has the value first and the list after it."""

    operator: str
    operands: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """A date or timestamp plus (or, with sign -1, minus) an interval."""

    moment: Tree
    length: Length
    sign: int


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Case:
    branches: tuple[tuple[Tree, Tree], ...]
    default: Tree


@dataclass(frozen=True, slots=True)
class Cast:
    operand: Tree
    target: Type


@dataclass(frozen=True, slots=True)
class Interval:
    """Only as the right side of `+` and `-`, which make a `Shift` of it."""

    length: Length


Tree: TypeAlias = Constant | Moment | Name | Operation | Shift | Function | Case | Cast | Interval

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<symbol><>|!=|<=|>=|[=<>+\-*/%(),.])
    )""",
    re.VERBOSE,
)

# how tightly infix operators bind
OR, AND, NOT, IS, COMPARISON, RANGE, SUM, PRODUCT, SIGN = range(1, 10)
_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_RANGES = ("between", "in", "like", "ilike")
_POWER = {"or": OR, "and": AND, "is": IS, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT}
_POWER |= dict.fromkeys(_COMPARISONS, COMPARISON) | dict.fromkeys(_RANGES, RANGE)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str

    @property
    def word(self) -> str:
        """The token as a keyword or a symbol; nothing where it is a literal or a quoted name."""
        return self.text.lower() if self.kind in ("word", "symbol") else ""


END = Token("end", "")


def tokens(text: str) -> list[Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise SpecError(f"`{text}`: cannot be read from `{text[at:].strip()[:20]}`")
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


@functools.cache
def parse(text: str) -> Tree:
    """The tree of a predicate or an expression."""
    parser = _Parser(text, tokens(text))
    tree = parser.expression(0)
    if parser.here is not END:
        raise parser.problem()
    return tree


class _Parser:
    def __init__(self, text: str, found: list[Token]) -> None:
        self.text, self.found, self.at = text, found, 0

    @property
    def here(self) -> Token:
        return self.ahead(0)

    def ahead(self, count: int) -> Token:
        return self.found[self.at + count] if self.at + count < len(self.found) else END

    def problem(self) -> SpecError:
        return SpecError(f"`{self.text}`: unexpected `{self.here.text or 'end'}`")

    def next(self) -> Token:
        token = self.here
        self.at += 1
        return token

    def accept(self, word: str) -> bool:
        if self.here.word != word:
            return False
        self.at += 1
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise self.problem()

    def expression(self, power: int) -> Tree:
        """As much as binds tighter than `power`."""
        left = self.prefix()
        while True:
            negated = self.here.word == "not" and self.ahead(1).word in _RANGES
            operator = self.ahead(1).word if negated else self.here.word
            binding = _POWER.get(operator, 0)
            if binding <= power:
                return left
            self.at += 2 if negated else 1
            left = self.infix(left, operator, binding)
            if negated:
                left = Operation("not", (left,))
            if binding in (COMPARISON, RANGE) and _POWER.get(self.here.word) == binding:
                raise self.problem()  # `a < b < c`

    def infix(self, left: Tree, operator: str, binding: int) -> Tree:
        match operator:
            case "is":
                return self.after_is(left)
            case "between":
                low = self.expression(RANGE)
                self.expect("and")
                high = self.expression(RANGE)
                return Operation("and", (Operation(">=", (left, low)), Operation("<=", (left, high))))
            case "in":
                self.expect("(")
                return Operation("in", (left, *self.list_to_parenthesis()))
            case "+" | "-":
                right = self.expression(binding)
                if isinstance(right, Interval):
                    return Shift(left, right.length, 1 if operator == "+" else -1)
                return Operation(operator, (left, right))
        return Operation(_COMPARISONS.get(operator, operator), (left, self.expression(binding)))

    def after_is(self, left: Tree) -> Tree:
        negated = self.accept("not")
        if self.accept("null"):
            tree: Tree = Operation("is null", (left,))
        elif self.here.word in ("true", "false"):
            tree = Operation(f"is {self.next().word}", (left,))
        else:
            raise self.problem()
        return Operation("not", (tree,)) if negated else tree

    def prefix(self) -> Tree:
        token = self.next()
        match token.kind, token.word:
            case "number", _:
                return _number(token.text)
            case "text", _:
                return Constant(_unquoted(token.text), TEXT)
            case "quoted", _:
                return self.name(_unquoted(token.text))
            case _, "not":
                return Operation("not", (self.expression(NOT),))
            case _, "-":
                return Operation("negate", (self.expression(SIGN),))
            case _, "+":
                return self.expression(SIGN)
            case _, "(":
                tree = self.expression(0)
                self.expect(")")
                return tree
            case "word", _:
                return self.word(token)
        self.at -= 1
        raise self.problem()

    def word(self, token: Token) -> Tree:
        match token.word:
            case "true" | "false":
                return Constant(token.word == "true", BOOLEAN)
            case "null":
                return Constant(None, NULL)
            case "case":
                return self.case()
            case "cast" if self.accept("("):
                return self.cast()
            case "interval":
                return self.interval()
            case "date" if self.here.kind == "text":
                return Constant(read_date(_unquoted(self.next().text)), DATE)
            case "timestamp" if self.here.kind == "text":
                return Moment(_unquoted(self.next().text))
        if self.accept("("):
            return self.function(token.word)
        return self.name(token.text)

    def name(self, first: str) -> Tree:
        parts = [first]
        while self.accept("."):
            token = self.next()
            if token.kind not in ("word", "quoted"):
                raise self.problem()
            parts.append(_unquoted(token.text) if token.kind == "quoted" else token.text)
        return Name(tuple(parts))

    def function(self, name: str) -> Tree:
        if name == "extract" and self.ahead(1).word == "from":
            part = Constant(self.next().word, TEXT)
            self.expect("from")
            return Function(name, (part, *self.list_to_parenthesis()))
        if self.accept(")"):
            return Function(name, ())
        arguments = self.list_to_parenthesis()
        first = arguments[0]
        if name in ("extract", "date_trunc", "date_diff") and isinstance(first, Name):
            arguments = [Constant(first.parts[0].lower(), TEXT), *arguments[1:]]
        return Function(name, tuple(arguments))

    def list_to_parenthesis(self) -> list[Tree]:
        found = [self.expression(0)]
        while self.accept(","):
            found.append(self.expression(0))
        self.expect(")")
        return found

    def case(self) -> Tree:
        subject = None if self.here.word == "when" else self.expression(0)
        branches = []
        while self.accept("when"):
            condition = self.expression(0)
            if subject is not None:
                condition = Operation("=", (subject, condition))
            self.expect("then")
            branches.append((condition, self.expression(0)))
        default = self.expression(0) if self.accept("else") else Constant(None, NULL)
        self.expect("end")
        return Case(tuple(branches), default)

    def cast(self) -> Tree:
        operand = self.expression(0)
        self.expect("as")
        words: list[str] = []
        while self.here is not END and (self.here.word != ")" or words.count("(") > words.count(")")):
            words.append(self.next().text)
        self.expect(")")
        return Cast(operand, read_type("".join(w if w in "(,)" else f" {w} " for w in words)))

    def interval(self) -> Tree:
        token = self.next()
        written = _unquoted(token.text) if token.kind == "text" else token.text
        if written.lstrip("-").isdigit():
            written += f" {self.next().text}"
        return Interval(read_length(written))


def _unquoted(text: str) -> str:
    return text[1:-1].replace(text[0] * 2, text[0])


def _number(text: str) -> Constant:
    """A literal's value; as a decimal it has the places it is written with."""
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if "." not in text and exponent >= 0:
        return Constant(int(number), INTEGER)
    return Constant(Fraction(number), decimal_type(min(PLACES, max(0, -exponent))))
