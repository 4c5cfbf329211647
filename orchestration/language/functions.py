"""The functions of predicates: a fixed list, the same whatever the warehouse.

Each entry has its signature and what it does with nulls, as the reference prints them, and a function that types a call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.catalog.types import (
    BOOLEAN,
    DATE,
    INTEGER,
    NULL,
    TEXT,
    TIMESTAMP,
    ListOf,
    Type,
    is_number,
)
from orchestration.diagnostics import nearest
from orchestration.language import numbers, regex
from orchestration.language.expression import Call, Expression, Literal
from orchestration.language.predicates import a, compare, exact, fitted, together
from orchestration.language.scope import Names, Problem

TRUNC_UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year")
PARTS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "dow", "doy")
DATE_PARTS = tuple(p for p in PARTS if p not in ("hour", "minute", "second"))
DATE_UNITS = tuple(u for u in TRUNC_UNITS if u not in ("minute", "hour"))


@dataclass(frozen=True, slots=True)
class FunctionRule:
    """A function of predicates: `typed` makes the call from its typed arguments or raises `Problem`."""

    name: str
    signature: str
    nulls: str
    least: int
    most: int | None
    typed: Callable[[str, list[Expression]], Expression]


# what other dialects call it
_ELSEWHERE = {
    **dict.fromkeys(("now", "getdate", "sysdate", "current_timestamp"), "`as_of`"),
    **dict.fromkeys(("current_date", "curdate"), "`today`"),
    **dict.fromkeys(("ifnull", "nvl", "isnull"), "`coalesce(x, y)`"),
    **dict.fromkeys(("datediff", "timestampdiff"), "`date_diff(unit, from, to)`"),
    **dict.fromkeys(("dateadd", "date_add", "date_sub"), "`x + interval '7 days'`"),
    **dict.fromkeys(("len", "char_length"), "`length(text)`"),
    **dict.fromkeys(("list_contains", "has", "any"), "`array_contains(list, x)`"),
    **dict.fromkeys(("cardinality", "size"), "`array_length(list)`"),
    **dict.fromkeys(("year", "month", "day", "date_part"), "`extract(year from x)`"),
    **dict.fromkeys(("regexp_matches", "regexp_like", "rlike"), "`matches(text, 'pattern')`"),
    "if": "`case when … then … else … end`",
}


def call(name: str, arguments: list[Expression], names: Names) -> Expression:
    """A call of a function of the list; raises `Problem`."""
    rule = BY_NAME.get(name)
    if rule is None:
        hint = f"write {_ELSEWHERE[name]}" if name in _ELSEWHERE else nearest(name, BY_NAME)
        raise Problem("unknown-function", f"`{name}` is not a function of predicates", hint)
    if len(arguments) < rule.least or (rule.most is not None and len(arguments) > rule.most):
        raise Problem("wrong-arguments", f"`{name}` with {len(arguments)} arguments", f"write {rule.signature}")
    return rule.typed(name, arguments)


def _bad(name: str, what: str, kind: Type) -> Problem:
    return Problem("bad-type", f"`{name}` of {'an' if str(kind)[0] in 'aeiou' else 'a'} {kind}", f"it takes {what}")


def _text(name: str, value: Expression) -> Expression:
    if value.type is NULL:
        return Literal(None, TEXT)
    if value.type is not TEXT:
        raise _bad(name, "texts", value.type)
    return value


def _literal_text(name: str, value: Expression, what: str, among: tuple[str, ...] = ()) -> str:
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        raise Problem("wrong-arguments", f"the {what} of `{name}` is not a literal text", "write it in single quotes")
    if among and value.value not in among:
        raise Problem("wrong-arguments", f"`{value.value}` is not a {what} of `{name}`", nearest(value.value, among))
    return value.value


def _texts(result: Type) -> Callable[[str, list[Expression]], Expression]:
    def typed(name: str, arguments: list[Expression]) -> Expression:
        return Call(name, tuple(_text(name, a) for a in arguments), result)

    return typed


def _numeric(name: str, value: Expression) -> Expression:
    if value.type is not NULL and not is_number(value.type):
        raise _bad(name, "numbers", value.type)
    return exact(value)


def _abs(name: str, arguments: list[Expression]) -> Expression:
    value = _numeric(name, arguments[0])
    return Call("abs", (value,), numbers.negate_type(value))


def _whole(name: str, arguments: list[Expression]) -> Expression:
    return Call(name, (_numeric(name, arguments[0]),), INTEGER)


def _round(name: str, arguments: list[Expression]) -> Expression:
    value, places = _numeric(name, arguments[0]), 0
    if len(arguments) == 2:
        given = arguments[1]
        if not isinstance(given, Literal) or not isinstance(given.value, int) or not 0 <= given.value <= numbers.PLACES:
            raise Problem("wrong-arguments", "the places of `round` are not a whole number from 0 to 9", "round(x, 2)")
        places = given.value
    return Call("round", (value, Literal(places, INTEGER)), numbers.round_type(value, places))


def _choice(name: str, arguments: list[Expression]) -> Expression:
    values = together(arguments, f"arguments of one `{name}`")
    if isinstance(values[0].type, ListOf):
        raise _bad(name, "single values", values[0].type)
    return Call(name, tuple(values), values[0].type)


def _nullif(name: str, arguments: list[Expression]) -> Expression:
    value, other = arguments
    if other.type is NULL:
        return value
    comparison = compare("eq", value, other)
    assert isinstance(comparison, Call)
    if comparison.arguments == (value, other):
        return Call("nullif", (value, other), value.type)
    return Call("case", (comparison, Literal(None, value.type), value), value.type)


def _temporal(name: str, value: Expression) -> Expression:
    if value.type not in (DATE, TIMESTAMP):
        raise _bad(name, "dates and timestamps", value.type)
    return value


def _date_trunc(name: str, arguments: list[Expression]) -> Expression:
    value = _temporal(name, arguments[1])
    unit = _literal_text(name, arguments[0], "unit", TRUNC_UNITS if value.type is TIMESTAMP else DATE_UNITS)
    return Call(name, (Literal(unit, TEXT), value), value.type)


def _extract(name: str, arguments: list[Expression]) -> Expression:
    value = _temporal(name, arguments[1])
    part = _literal_text(name, arguments[0], "part", PARTS if value.type is TIMESTAMP else DATE_PARTS)
    return Call(name, (Literal(part, TEXT), value), INTEGER)


def _date_diff(name: str, arguments: list[Expression]) -> Expression:
    start, end = (_temporal(name, a) for a in arguments[1:])
    if start.type != end.type:
        compare("eq", start, end)  # raises the problem with its hint
    unit = _literal_text(name, arguments[0], "unit", TRUNC_UNITS if start.type is TIMESTAMP else DATE_UNITS)
    return Call(name, (Literal(unit, TEXT), start, end), INTEGER)


def _age(name: str, arguments: list[Expression]) -> Expression:
    if arguments[0].type is not DATE:
        raise _bad(name, "a date", arguments[0].type)
    return Call(name, (arguments[0],), INTEGER)


def _matches(name: str, arguments: list[Expression]) -> Expression:
    value = _text(name, arguments[0])
    pattern = _literal_text(name, arguments[1], "pattern")
    problem = regex.problem_in(pattern)
    if problem is not None:
        hint = r"patterns are made of literals, `.`, classes, \d \w \s, ^ $, groups, `|` and greedy repetition"
        raise Problem(
            "bad-pattern", f"the pattern `{pattern}`, at character {problem.offset + 1}: {problem.message}", hint
        )
    return Call(name, (value, Literal(pattern, TEXT)), BOOLEAN)


def _list(name: str, value: Expression) -> tuple[Expression, Type]:
    if not isinstance(value.type, ListOf):
        raise _bad(name, "a list first", value.type)
    return value, value.type.of


def _element(name: str, value: Expression, kind: Type) -> Expression:
    compared = (
        compare("eq", fitted(Literal(0, kind), kind), value) if is_number(kind) and is_number(value.type) else None
    )
    if compared is not None:
        assert isinstance(compared, Call)
        return value if value.type == kind else Literal(value.value, kind) if isinstance(value, Literal) else value
    if value.type != kind and value.type is not NULL:
        raise Problem("bad-type", f"`{name}` looks for {a(value.type)} in a list of {kind}", "use one type")
    return value


def _contains_item(name: str, arguments: list[Expression]) -> Expression:
    values, kind = _list(name, arguments[0])
    return Call(name, (values, _element(name, arguments[1], kind)), BOOLEAN)


def _contains_items(name: str, arguments: list[Expression]) -> Expression:
    values, kind = _list(name, arguments[0])
    for item in arguments[1:]:
        if not isinstance(item, Literal) or item.value is None:
            raise Problem(
                "wrong-arguments", f"`{name}` looks for something that is not a literal", "use array_contains"
            )
    return Call(name, (values, *(_element(name, a, kind) for a in arguments[1:])), BOOLEAN)


def _length_of_list(name: str, arguments: list[Expression]) -> Expression:
    return Call(name, (_list(name, arguments[0])[0],), INTEGER)


_STRICT = "null if any argument is null"

FUNCTIONS = (
    FunctionRule("abs", "abs(x)", _STRICT, 1, 1, _abs),
    FunctionRule("age", "age(date)", "completed years at today; null if the date is", 1, 1, _age),
    FunctionRule("array_all", "array_all(list, x, y, …)", "null if the list is null", 2, None, _contains_items),
    FunctionRule("array_any", "array_any(list, x, y, …)", "null if the list is null", 2, None, _contains_items),
    FunctionRule("array_contains", "array_contains(list, x)", _STRICT, 2, 2, _contains_item),
    FunctionRule(
        "array_length", "array_length(list)", "null if the list is; nulls within do not count", 1, 1, _length_of_list
    ),
    FunctionRule("ceil", "ceil(x)", _STRICT, 1, 1, _whole),
    FunctionRule("coalesce", "coalesce(x, y, …)", "the first that is not null", 2, None, _choice),
    FunctionRule("concat", "concat(text, text, …)", _STRICT, 2, None, _texts(TEXT)),
    FunctionRule("contains", "contains(text, part)", _STRICT, 2, 2, _texts(BOOLEAN)),
    FunctionRule("date_diff", "date_diff(unit, from, to)", _STRICT, 3, 3, _date_diff),
    FunctionRule("date_trunc", "date_trunc('unit', x)", _STRICT, 2, 2, _date_trunc),
    FunctionRule("ends_with", "ends_with(text, end)", _STRICT, 2, 2, _texts(BOOLEAN)),
    FunctionRule("equals_ci", "equals_ci(text, text)", _STRICT, 2, 2, _texts(BOOLEAN)),
    FunctionRule("extract", "extract(part from x)", _STRICT, 2, 2, _extract),
    FunctionRule("floor", "floor(x)", _STRICT, 1, 1, _whole),
    FunctionRule("greatest", "greatest(x, y, …)", "nulls are left out; null if all are", 2, None, _choice),
    FunctionRule("in_ci", "in_ci(text, text, …)", "as `in` after lower()", 2, None, _texts(BOOLEAN)),
    FunctionRule("least", "least(x, y, …)", "nulls are left out; null if all are", 2, None, _choice),
    FunctionRule("length", "length(text)", _STRICT, 1, 1, _texts(INTEGER)),
    FunctionRule("lower", "lower(text)", _STRICT, 1, 1, _texts(TEXT)),
    FunctionRule("matches", "matches(text, 'pattern')", "null if the text is null", 2, 2, _matches),
    FunctionRule("nullif", "nullif(x, y)", "x, or null where x = y", 2, 2, _nullif),
    FunctionRule("round", "round(x, places)", _STRICT, 1, 2, _round),
    FunctionRule("sign", "sign(x)", _STRICT, 1, 1, _whole),
    FunctionRule("starts_with", "starts_with(text, start)", _STRICT, 2, 2, _texts(BOOLEAN)),
    FunctionRule("trim", "trim(text)", _STRICT + "; spaces at both ends", 1, 1, _texts(TEXT)),
    FunctionRule("upper", "upper(text)", _STRICT, 1, 1, _texts(TEXT)),
)
BY_NAME = {rule.name: rule for rule in FUNCTIONS}
