"""Predicates, numbers and aggregates as people read them: `arr >= 50000` is "arr is at least 50,000".

In: a syntax tree, or parts that were read already. Out: English on one line. Names stay as they are written, since they are
what a reader looks up; what has no better words stays SQL. Nothing here decides anything: the words are for people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from orchestration.language import syntax
from orchestration.language.syntax import Case, Cast, Constant, Function, Interval, Name, Operation, Syntax

AGGREGATES = {
    "count": "number of {source}",
    "count_distinct": "number of different values of {value} in {source}",
    "days": "number of days with {source}",
    "sum": "sum of {value} over {source}",
    "avg": "average {value} over {source}",
    "min": "smallest {value} of {source}",
    "max": "largest {value} of {source}",
    "first": "first {value} of {source}",
    "last": "latest {value} of {source}",
    "most_frequent": "most frequent {value} of {source}",
    "least_frequent": "least frequent {value} of {source}",
    "median": "median of {value} over {source}",
    "stddev": "standard deviation of {value} over {source}",
    "list": "list of the different values of {value} in {source}",
}
LONGEST = 1_000
_PLAIN = re.compile(r"[\w+&/@.-]+( [\w+&/@.-]+)*")
_COMPARED = {
    "=": "is", "!=": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
}  # fmt: skip
_IN_TIME = {"<": "is before", "<=": "is at or before", ">": "is after", ">=": "is at or after"}
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷", "%": "modulo"}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2}


def text_in_words(text: str) -> str:
    """The words of a predicate's or an expression's text, which must be one; as it is where nobody would read them."""
    text = " ".join(text.split())
    return in_words(syntax.parse(text)) if len(text) <= LONGEST else text


def in_words(tree: Syntax) -> str:
    """A condition or a value in words."""
    match tree:
        case Name(parts=("as_of",)):
            return "now (as_of)"
        case Name(parts=parts):
            return ".".join(parts)
        case Constant():
            return _constant(tree)
        case Interval(amount=amount, unit=unit):
            return counted(amount, unit)
        case Operation(operator="and" | "or", operands=parts):
            return f" {tree.operator} ".join(_grouped(part) for part in parts)
        case Operation(operator="not", operands=(inner,)):
            return _negated(inner)
        case Operation(operator="+" | "-", operands=(value, Interval() as by)):
            return f"{counted(by.amount, by.unit)} {'after' if tree.operator == '+' else 'before'} {in_words(value)}"
        case Operation(operator="+" | "-" | "*" | "/" | "%", operands=(left, right)):
            return _arithmetic(tree.operator, left, right)
        case Operation(operator="negate", operands=(inner,)):
            return f"−{in_words(inner)}"
        case Operation(operator=operator, operands=(first, *others)):
            return _said(operator, first, others)
        case Function(name=name, arguments=arguments):
            return _function(name, arguments)
        case Case(branches=branches, default=default):
            said = [f"{in_words(value)} where {in_words(condition)}" for condition, value in branches]
            return f"({', else '.join([*said, in_words(default)] if default else said)})"
        case Cast(operand=operand):
            return in_words(operand)
        case _:
            raise AssertionError(tree)


def names_in(tree: Syntax) -> Iterator[tuple[str, ...]]:
    """The names that a tree holds, as their parts."""
    left = [tree]
    while left:
        match left.pop():
            case Name(parts=parts):
                yield parts
            case Operation(operands=parts) | Function(arguments=parts):
                left += reversed(parts)
            case Case(branches=branches, default=default):
                left += reversed([part for pair in branches for part in pair] + ([default] if default else []))
            case Cast(operand=operand):
                left.append(operand)


def number(value: Decimal | int | str) -> str:
    """`50000` as `50,000`."""
    return f"{Decimal(str(value)):,f}"


def percent(value: Decimal | int | str) -> str:
    """`0.2` as `20 %`."""
    return f"{(Decimal(str(value)) * 100).normalize():,f} %"


def counted(amount: int, unit: str) -> str:
    """`28 days`, `1 month`."""
    return f"{amount} {unit}{'' if amount == 1 else 's'}"


def plural(noun: str) -> str:
    """The name of an entity for several of them."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def joined(words: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def aggregated(aggregate: str, value: str, source: str, *, in_time: bool = False) -> str:
    """An aggregate of rows or children; `value` is the text of its argument, if it has one."""
    said = AGGREGATES[aggregate]
    if in_time and aggregate in ("min", "max"):
        said = "earliest {value} of {source}" if aggregate == "min" else "latest {value} of {source}"
    if value and aggregate == "count":
        said += " with a value of {value}"
    return said.format(value=text_in_words(value) if value else "", source=source)


def _constant(tree: Constant) -> str:
    match tree.kind:
        case "text":
            text = " ".join(tree.text.split())
            return text if _PLAIN.fullmatch(text) and len(text) < 60 else f"'{text}'"
        case "number":
            return number(tree.text)
        case "null":
            return "no value"
        case _:
            return tree.text


def _grouped(tree: Syntax) -> str:
    """A part of `and` or `or`."""
    mixed = isinstance(tree, Operation) and tree.operator in ("and", "or")
    return f"({in_words(tree)})" if mixed else in_words(tree)


def _negated(inner: Syntax) -> str:
    match inner:
        case Name():
            return f"not {in_words(inner)}"
        case Operation(operator="is_null", operands=(value,)):
            return f"{in_words(value)} has a value"
        case Operation(operator="is_true" | "is_false", operands=(value,)):
            return f"{in_words(value)} is not {inner.operator[3:]}"
        case Operation(operator="in", operands=(value, *others)):
            return f"{in_words(value)} is {'none of' if len(others) > 1 else 'not'} {joined([in_words(o) for o in others])}"
        case Operation(operator="between", operands=(value, low, high)):
            return f"{in_words(value)} is not from {in_words(low)} to {in_words(high)}"
        case Operation(operator="like" | "ilike", operands=(value, pattern)):
            return f"{in_words(value)} does not {_pattern(pattern, inner.operator, '')}"
        case _:
            return f"not ({in_words(inner)})"


def _said(operator: str, first: Syntax, others: Sequence[Syntax]) -> str:
    """A comparison and its kin: something is said of the first operand."""
    subject = in_words(first)
    match operator:
        case "is_null":
            return f"{subject} has no value"
        case "is_true" | "is_false":
            return f"{subject} is {operator[3:]}"
        case "in":
            return f"{subject} is {joined([in_words(o) for o in others])}"
        case "between":
            return f"{subject} is from {in_words(others[0])} to {in_words(others[1])}"
        case "like" | "ilike":
            return f"{subject} {_pattern(others[0], operator, 's')}"
    in_time = _is_time(first) or _is_time(others[0])
    verb = _IN_TIME.get(operator) if in_time else None
    return f"{subject} {verb or _COMPARED[operator]} {in_words(others[0])}"


def _is_time(tree: Syntax) -> bool:
    match tree:
        case Name(parts=("today",) | ("as_of",)) | Constant(kind="date" | "timestamp") | Function(name="date_trunc"):
            return True
        case Operation(operator="+" | "-", operands=(_, Interval())):
            return True
        case _:
            return False


def _pattern(pattern: Syntax, operator: str, ending: str) -> str:
    """What a pattern asks for, after `does not` (no ending) or a name (`s`)."""
    text = pattern.text if isinstance(pattern, Constant) else ""
    body = text.strip("%")
    suffix = ", whatever the case" if operator == "ilike" else ""
    if not body or re.search(r"[%_\\]", body):
        return f"look{ending} like '{text}'{suffix}"
    shape = text.startswith("%"), text.endswith("%")
    verb, joint = {
        (False, True): ("start", " with"),
        (True, False): ("end", " with"),
        (True, True): ("contain", ""),
    }.get(shape, ("read", ""))
    return f"{verb}{ending}{joint} {_constant(Constant('text', body, 0, 0))}{suffix}"


def _arithmetic(operator: str, left: Syntax, right: Syntax) -> str:
    match operator, left, right:
        case "/", _, Function(name="nullif", arguments=(divisor, Constant(text="0"))):
            right = divisor  # a division by zero has no value anyway
        case "*", Constant(kind="number", text=text), other if "." in text:
            return f"{percent(text)} of {_operand(other, 3)}"
        case "*", other, Constant(kind="number", text=text) if "." in text:
            return f"{percent(text)} of {_operand(other, 3)}"
    binds = _BINDS[operator]
    return f"{_operand(left, binds)} {_SIGNS[operator]} {_operand(right, binds + 1)}"


def _operand(tree: Syntax, binds: int) -> str:
    """An operand, in parentheses where it binds less than the operator beside it."""
    weak = isinstance(tree, Operation) and _BINDS.get(tree.operator, 0) < binds
    return f"({in_words(tree)})" if weak else in_words(tree)


def _function(name: str, arguments: Sequence[Syntax]) -> str:
    words = [in_words(argument) for argument in arguments]
    said = _FUNCTIONS.get(name)
    if said is None or not words:
        return f"{name}({', '.join(words)})"
    return said(words)


_FUNCTIONS: dict[str, Callable[[list[str]], str]] = {
    "array_contains": lambda w: f"{w[0]} has {joined(w[1:])}",
    "array_any": lambda w: f"{w[0]} has {joined(w[1:])}",
    "array_all": lambda w: f"{w[0]} has {joined(w[1:], 'and')}",
    "array_length": lambda w: f"the number of entries in {w[0]}",
    "coalesce": lambda w: f"{w[0]} ({joined(w[1:])} where it has no value)",
    "age": lambda w: f"years since {w[0]}",
    "starts_with": lambda w: f"{w[0]} starts with {joined(w[1:])}",
    "ends_with": lambda w: f"{w[0]} ends with {joined(w[1:])}",
    "contains": lambda w: f"{w[0]} contains {joined(w[1:])}",
    "equals_ci": lambda w: f"{w[0]} is {joined(w[1:])}, whatever the case",
    "in_ci": lambda w: f"{w[0]} is {joined(w[1:])}, whatever the case",
    "least": lambda w: f"the smallest of {joined(w, 'and')}",
    "greatest": lambda w: f"the largest of {joined(w, 'and')}",
    "date_diff": lambda w: f"{w[0]}s from {joined(w[1:], 'to')}",
    "extract": lambda w: f"the {w[0]} of {joined(w[1:])}",
    "date_trunc": lambda w: f"the beginning of the {w[0]} of {joined(w[1:])}",
}
