"""The text of a predicate to a syntax tree that knows its offsets; no names and no types yet.

In: one text. Out: a tree of `Syntax` values. A text outside the grammar raises `SyntaxProblem` with the offset of the word
that does not fit. The grammar is a fixed subset of SQL's expressions, the same for every warehouse; no statement, no
sub-query and no table can be written in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

MAX_DEPTH = 64
MAX_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class Name:
    """A column, trait or named predicate, or one of a parent: `account.arr`."""

    parts: tuple[str, ...]
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: `kind` is number, text, boolean, null, date or timestamp."""

    kind: str
    text: str
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Interval:
    """`interval '28 days'`."""

    amount: int
    unit: str
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator on operands: and or not = != < <= > >= + - * / % negate in between like ilike is_null is_true is_false."""

    operator: str
    operands: tuple[Syntax, ...]
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function call; `extract(year from x)` has the part as its first argument, a Name."""

    name: str
    arguments: tuple[Syntax, ...]
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Case:
    """`case when … then … else … end`; without an else the default is None."""

    branches: tuple[tuple[Syntax, Syntax], ...]
    default: Syntax | None
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Cast:
    """`cast(x as type)`; the type as written."""

    operand: Syntax
    target: str
    at: int
    length: int


Syntax: TypeAlias = Name | Constant | Interval | Operation | Function | Case | Cast


class SyntaxProblem(Exception):
    """What does not fit the grammar, and where."""

    def __init__(self, message: str, at: int, length: int = 1, hint: str = "", code: str = "bad-predicate") -> None:
        super().__init__(message)
        self.message, self.at, self.length, self.hint, self.code = message, at, max(1, length), hint, code


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # word, quoted, number, text, symbol, end
    text: str
    at: int
    length: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>(?:\d+\.\d+|\d+|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_$]*)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<symbol><=|>=|<>|!=|==|\|\||[=<>+\-*/%(),.])""",
    re.VERBOSE,
)
_KEYWORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "between",
        "like",
        "ilike",
        "is",
        "null",
        "true",
        "false",
        "case",
        "when",
        "then",
        "else",
        "end",
        "cast",
        "as",
        "interval",
        "from",
    ]
)
_NOT_HERE = frozenset(
    ["select", "with", "insert", "update", "delete", "create", "drop", "exists", "over", "union", "table"]
)
UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year")


def tokens(text: str) -> list[Token]:
    """The words of a predicate, an end mark last."""
    found, at = [], 0
    while at < len(text):
        if text.startswith(("--", "/*"), at):
            hint = "write comments in YAML; a minus before a minus takes a blank between them"
            raise SyntaxProblem(f"`{text[at : at + 2]}` begins a comment in SQL, and predicates have none", at, 2, hint)
        match = _TOKEN.match(text, at)
        if match is None:
            character = text[at]
            if character == "'":
                hint = "double an apostrophe inside a text ('it''s'); quote the whole value for YAML if it holds ` #`"
                raise SyntaxProblem("a text without its closing quote", at, len(text) - at, hint)
            hint = (
                "texts are written in single quotes"
                if character == "`"
                else "write comments in YAML"
                if character == "#"
                else ""
            )
            raise SyntaxProblem(f"`{character}` has no meaning in a predicate", at, 1, hint)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match.group(), at, match.end() - at))
        at = match.end()
    found.append(Token("end", "", len(text), 1))
    return found


def parse(text: str) -> Syntax:
    """The predicate's or expression's tree."""
    if len(text) > MAX_LENGTH:
        raise SyntaxProblem(
            f"a predicate of more than {MAX_LENGTH:,} characters", 0, 1, "name parts of it as predicates"
        )
    parser = _Parser(tokens(text))
    if parser.token.kind == "end":
        raise SyntaxProblem("an empty predicate", 0, 1)
    tree = parser.disjunction()
    if parser.token.kind != "end":
        raise parser.unexpected("an operator, `and` or `or`")
    return tree


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self.words = words
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.words[self.position]

    def next(self) -> Token:
        token = self.words[self.position]
        self.position += 1
        return token

    def unexpected(self, expected: str) -> SyntaxProblem:
        token = self.token
        if token.kind == "end":
            return SyntaxProblem(f"the predicate ends where {expected} was expected", max(0, token.at - 1), 1)
        if token.text.lower() in _NOT_HERE:
            return SyntaxProblem(
                f"`{token.text}` is not part of predicates",
                token.at,
                token.length,
                "a predicate reads the columns and traits of one entity or row; use a trait or `has:`",
            )
        if token.text == "==":
            return SyntaxProblem("`==` is not an operator", token.at, token.length, "write `=`")
        return SyntaxProblem(f"`{token.text}` where {expected} was expected", token.at, token.length)

    def expect(self, symbol: str) -> Token:
        if self.token.kind == "symbol" and self.token.text == symbol:
            return self.next()
        raise self.unexpected(f"`{symbol}`")

    def expect_word(self, word: str) -> Token:
        if self.token.is_word(word):
            return self.next()
        raise self.unexpected(f"`{word}`")

    def accept(self, *symbols: str) -> Token | None:
        return self.next() if self.token.kind == "symbol" and self.token.text in symbols else None

    def span(self, start: int) -> tuple[int, int]:
        last = self.words[self.position - 1]
        return start, last.at + last.length - start

    def disjunction(self) -> Syntax:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxProblem(
                f"more than {MAX_DEPTH} levels of nesting",
                self.token.at,
                1,
                "name parts of it as predicates",
                "nesting-too-deep",
            )
        tree = self._chain("or", lambda: self._chain("and", self.negation))
        self.depth -= 1
        return tree

    def _chain(self, word: str, operand: Callable[[], Syntax]) -> Syntax:
        start = self.token.at
        parts = [operand()]
        while self.token.is_word(word):
            self.next()
            parts.append(operand())
        return parts[0] if len(parts) == 1 else Operation(word, tuple(parts), *self.span(start))

    def negation(self) -> Syntax:
        start, count = self.token.at, 0
        while self.token.is_word("not"):
            self.next()
            count += 1
        tree = self.comparison()
        return Operation("not", (tree,), *self.span(start)) if count % 2 else tree

    def comparison(self) -> Syntax:
        start = self.token.at
        left = self.sum()
        while True:
            token = self.token
            if token.kind == "symbol" and token.text in ("=", "!=", "<>", "<", "<=", ">", ">="):
                self.next()
                right = self.sum()
                operator = "!=" if token.text == "<>" else token.text
                left = Operation(operator, (left, right), *self.span(start))
                if self.token.kind == "symbol" and self.token.text in ("=", "!=", "<>", "<", "<=", ">", ">="):
                    raise SyntaxProblem(
                        "comparisons cannot be chained",
                        self.token.at,
                        self.token.length,
                        "write `a < b and b < c`, or `between`",
                    )
            elif token.is_word("is"):
                left = self._is(left, start)
            elif token.is_word("in", "between", "like", "ilike", "not"):
                left = self._membership(left, start)
            else:
                return left

    def _is(self, left: Syntax, start: int) -> Syntax:
        self.next()
        negated = bool(self.token.is_word("not") and self.next())
        if not self.token.is_word("null", "true", "false"):
            raise self.unexpected("`null`, `true` or `false`")
        operator = f"is_{self.next().text.lower()}"
        tree = Operation(operator, (left,), *self.span(start))
        return Operation("not", (tree,), *self.span(start)) if negated else tree

    def _membership(self, left: Syntax, start: int) -> Syntax:
        negated = bool(self.token.is_word("not") and self.next())
        if not self.token.is_word("in", "between", "like", "ilike"):
            raise self.unexpected("`in`, `between`, `like` or `ilike`")
        operator = self.next().text.lower()
        if operator == "in":
            self.expect("(")
            operands = [left, self.sum()]
            while self.accept(","):
                operands.append(self.sum())
            self.expect(")")
        elif operator == "between":
            low = self.sum()
            self.expect_word("and")
            operands = [left, low, self.sum()]
        else:
            operands = [left, self.sum()]
        tree = Operation(operator, tuple(operands), *self.span(start))
        return Operation("not", (tree,), *self.span(start)) if negated else tree

    def sum(self) -> Syntax:
        start = self.token.at
        left = self.product()
        while token := self.accept("+", "-"):
            left = Operation(token.text, (left, self.product()), *self.span(start))
        if self.token.text == "||":
            raise SyntaxProblem("`||` is not an operator", self.token.at, 2, "write `concat(a, b)`")
        return left

    def product(self) -> Syntax:
        start = self.token.at
        left = self.sign()
        while token := self.accept("*", "/", "%"):
            left = Operation(token.text, (left, self.sign()), *self.span(start))
        return left

    def sign(self) -> Syntax:
        start, negative = self.token.at, False
        while token := self.accept("+", "-"):
            negative ^= token.text == "-"
        operand = self.primary()
        if not negative:
            return operand
        if isinstance(operand, Constant) and operand.kind == "number":
            return Constant("number", "-" + operand.text, *self.span(start))
        return Operation("negate", (operand,), *self.span(start))

    def primary(self) -> Syntax:
        token = self.token
        if token.kind == "number":
            self.next()
            return Constant("number", token.text, token.at, token.length)
        if token.kind == "text":
            self.next()
            return Constant("text", _unquoted(token.text), token.at, token.length)
        if self.accept("("):
            tree = self.disjunction()
            self.expect(")")
            return tree
        if token.kind == "quoted" or (token.kind == "word" and token.text.lower() not in _KEYWORDS | _NOT_HERE):
            return self.name_or_call()
        if token.is_word("true", "false"):
            self.next()
            return Constant("boolean", token.text.lower(), token.at, token.length)
        if token.is_word("null"):
            self.next()
            return Constant("null", "", token.at, token.length)
        if token.is_word("case"):
            return self.case()
        if token.is_word("cast"):
            return self.cast()
        if token.is_word("interval"):
            return self.interval()
        raise self.unexpected("a value")

    def name_or_call(self) -> Syntax:
        first = self.next()
        if first.is_word("date", "timestamp") and self.token.kind == "text":
            text = self.next()
            return Constant(first.text.lower(), _unquoted(text.text), *self.span(first.at))
        if first.kind == "word" and self.token.text == "(" and self.token.kind == "symbol":
            return self.call(first)
        parts = [_identifier(first)]
        while self.accept("."):
            if self.token.kind not in ("word", "quoted"):
                raise self.unexpected("a name")
            parts.append(_identifier(self.next()))
        return Name(tuple(parts), *self.span(first.at))

    def call(self, first: Token) -> Syntax:
        self.expect("(")
        name = first.text.lower()
        arguments: list[Syntax] = []
        if name == "extract" and self.token.kind == "word" and self.words[self.position + 1].is_word("from"):
            part = self.next()
            self.next()
            arguments.append(Name((part.text.lower(),), part.at, part.length))
            arguments.append(self.disjunction())
        elif not (self.token.kind == "symbol" and self.token.text == ")"):
            arguments.append(self._argument())
            while self.accept(","):
                arguments.append(self._argument())
        self.expect(")")
        return Function(name, tuple(arguments), *self.span(first.at))

    def _argument(self) -> Syntax:
        if self.token.kind == "symbol" and self.token.text == "*":
            raise SyntaxProblem("`*` is not an argument", self.token.at, 1, "write `count` without parentheses")
        return self.disjunction()

    def case(self) -> Syntax:
        start = self.next().at
        if not self.token.is_word("when"):
            raise self.unexpected("`when`")
        branches = []
        while self.token.is_word("when"):
            self.next()
            condition = self.disjunction()
            self.expect_word("then")
            branches.append((condition, self.disjunction()))
        default = None
        if self.token.is_word("else"):
            self.next()
            default = self.disjunction()
        self.expect_word("end")
        return Case(tuple(branches), default, *self.span(start))

    def cast(self) -> Syntax:
        start = self.next().at
        self.expect("(")
        operand = self.disjunction()
        self.expect_word("as")
        words = []
        depth = 0
        while self.token.kind != "end" and (depth or self.token.text != ")"):
            depth += (self.token.text == "(") - (self.token.text == ")")
            words.append(self.next().text.lower())
        if not words:
            raise self.unexpected("a type")
        self.expect(")")
        target = re.sub(r" ?([(),]) ?", r"\1", " ".join(words))
        return Cast(operand, target, *self.span(start))

    def interval(self) -> Syntax:
        start = self.next().at
        token = self.token
        if token.kind not in ("text", "number"):
            raise self.unexpected("a text such as '28 days'")
        self.next()
        words = _unquoted(token.text).split() if token.kind == "text" else [token.text]
        if len(words) == 1 and self.token.kind == "word":
            words.append(self.next().text)
        unit = words[1].lower().rstrip("s") if len(words) == 2 else ""
        if len(words) != 2 or not re.fullmatch(r"-?\d{1,6}", words[0]) or unit not in UNITS:
            raise SyntaxProblem(
                "an interval is a whole number and a unit",
                token.at,
                token.length,
                "for example interval '28 days'; units: " + ", ".join(UNITS),
            )
        return Interval(int(words[0]), unit, *self.span(start))


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _identifier(token: Token) -> str:
    return token.text[1:-1].replace('""', '"') if token.kind == "quoted" else token.text
