"""A predicate's text to a typed expression.

In: a scalar of a spec and the names around it. Out: an `Expression`, or None and diagnostics with the place of the word.
Conversions are made explicit here: floats become exact numbers in arithmetic, exact numbers become floats where they are
compared with one; nothing else converts by itself.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal as Number

from orchestration.catalog.data_types import inline_type
from orchestration.catalog.types import (
    BOOLEAN,
    DATE,
    FLOAT,
    INTEGER,
    NULL,
    TEXT,
    TIMESTAMP,
    Decimal,
    ListOf,
    Type,
    is_exact,
    is_number,
)
from orchestration.diagnostics import nearest
from orchestration.language import numbers, syntax
from orchestration.language.casting import castable
from orchestration.language.expression import (
    AS_OF,
    TODAY,
    Call,
    Edge,
    Expression,
    InstantRef,
    Literal,
)
from orchestration.language.like import problem_in
from orchestration.language.scope import Broken, Named, Names, Problem
from orchestration.language.steps import CLOCK_UNITS, LARGEST, canonical_step
from orchestration.spec.nodes import Scalar

COMPARISONS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo"}


def predicate(text: Scalar, names: Names) -> Expression | None:
    """The text as a condition: its type is boolean."""
    found = expression(text, names)
    if found is None or found.type in (BOOLEAN, NULL):
        return found
    names.report.error(
        "not-a-condition",
        f"`{_short(text.text)}` is {a(found.type)}, not a condition",
        text.span,
        "compare it with something, for example `> 0`",
    )
    return None


def expression(text: Scalar, names: Names) -> Expression | None:
    """The text as a value of any type."""
    try:
        tree = syntax.parse(text.text)
    except syntax.SyntaxProblem as problem:
        hint = problem.hint or _yaml_hint(text)
        names.report.error(problem.code, problem.message, text.part(problem.at, problem.length), hint)
        return None
    return _Typing(text, names).value(tree)


def _yaml_hint(text: Scalar) -> str:
    return "quote this: YAML cut or bent the text" if text.plain and text.text.count("'") % 2 else ""


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def a(kind: Type) -> str:
    """A type with its article."""
    return f"an {kind}" if str(kind)[0] in "aeiou" else f"a {kind}"


class _Typing:
    def __init__(self, text: Scalar, names: Names) -> None:
        self.text, self.names = text, names

    def value(self, tree: syntax.Syntax) -> Expression | None:
        """The tree's expression; its problems are reported, each part of `and` and `or` by itself."""
        if isinstance(tree, syntax.Operation) and tree.operator in ("and", "or"):
            parts = [self.value(t) for t in tree.operands]
            if any(p is None for p in parts):
                return None
            typed = tuple(p for p in parts if p is not None)
            for part, operand in zip(typed, tree.operands, strict=True):
                if part.type not in (BOOLEAN, NULL):
                    self.report(
                        operand,
                        "not-a-condition",
                        f"{a(part.type)} where a condition was expected",
                        "compare it with something, for example `> 0`",
                    )
                    return None
            return Call(tree.operator, typed)
        try:
            return self.typed(tree)
        except _Placed as placed:
            if placed.problem is not None and not isinstance(placed.problem, Broken):
                self.report(placed.tree, placed.problem.code, placed.problem.message, placed.problem.hint)
            return None

    def report(self, tree: syntax.Syntax, code: str, message: str, hint: str) -> None:
        self.names.report.error(code, message, self.text.part(tree.at, tree.length), hint)

    def typed(self, tree: syntax.Syntax) -> Expression:
        """The tree's expression; raises `_Placed`."""
        try:
            match tree:
                case syntax.Name():
                    return self.name(tree).expression
                case syntax.Constant():
                    return constant(tree, self.names)
                case syntax.Interval():
                    raise Problem("bad-type", "an interval stands alone", "add it to a date or a timestamp")
                case syntax.Operation():
                    return self.operation(tree)
                case syntax.Function():
                    from orchestration.language.functions import call

                    return call(tree.name, self.arguments(tree), self.names)
                case syntax.Case():
                    return self.case(tree)
                case syntax.Cast():
                    return self.cast(tree)
        except Problem as problem:
            raise _Placed(tree, problem) from None

    def arguments(self, tree: syntax.Function) -> list[Expression]:
        """The arguments; a unit (`day`) may be written without quotes where one is expected."""
        first = tree.arguments[0] if tree.arguments else None
        if tree.name in TAKES_UNIT and isinstance(first, syntax.Name) and first.parts[0] in PARTS:
            return [Literal(first.parts[0], TEXT), *(self.typed(a) for a in tree.arguments[1:])]
        return [self.typed(a) for a in tree.arguments]

    def name(self, tree: syntax.Name) -> Named:
        if tree.parts == ("as_of",):
            return Named(InstantRef(AS_OF))
        if tree.parts == ("today",):
            return Named(TODAY)
        try:
            return self.names.named(tree.parts)
        except Problem as problem:
            quoted = self.text.text[tree.at] == '"'
            if quoted and problem.code.startswith("unknown-") and not problem.hint.startswith("did you mean"):
                problem.hint = "texts are written in single quotes; double quotes are for names"
            raise

    def operation(self, tree: syntax.Operation) -> Expression:
        operator, operands = tree.operator, tree.operands
        if operator in ("and", "or"):
            found = self.value(tree)
            if found is None:
                raise _Placed(tree, None)
            return found
        if operator in ("+", "-") and isinstance(operands[1], syntax.Interval):
            return self.shifted(self.typed(operands[0]), operands[1], -1 if operator == "-" else 1)
        values = [self.operand(o, operands) for o in operands]
        if operator == "not":
            return Call("not", (condition(values[0]),))
        if operator == "is_null":
            return Call("is_null", (values[0],))
        if operator in ("is_true", "is_false"):
            truth = condition(values[0])
            return Call("is_true", (truth if operator == "is_true" else Call("not", (truth,)),))
        if operator in COMPARISONS:
            self.check_accepted(operands[0], operands[1:])
            self.check_accepted(operands[1], operands[:1])
            return compare(COMPARISONS[operator], values[0], values[1])
        if operator == "in":
            self.check_accepted(operands[0], operands[1:])
            return Call("in", tuple(together(values, "compared")))
        if operator == "between":
            value, low, high = values
            return Call("and", (compare("ge", value, low), compare("le", value, high)))
        if operator in ("like", "ilike"):
            return like(operator, values[0], values[1])
        if operator == "negate":
            number = exact(values[0])
            return Call("negate", (number,), numbers.negate_type(number))
        return arithmetic(ARITHMETIC[operator], values[0], values[1])

    def operand(self, tree: syntax.Syntax, among: tuple[syntax.Syntax, ...]) -> Expression:
        """An operand; of an unknown name that is a value of the column beside it, the quotes were forgotten."""
        try:
            return self.typed(tree)
        except _Placed as placed:
            text = tree.parts[-1] if isinstance(tree, syntax.Name) else ""
            if (
                text
                and placed.problem is not None
                and any(text in self.accepted(other) for other in among if other is not tree)
            ):
                placed.problem.hint = f"a text is written in single quotes: '{text}'"
            raise

    def accepted(self, tree: syntax.Syntax) -> tuple[str, ...]:
        """The values of a column, where they are known."""
        try:
            column = self.name(tree).column if isinstance(tree, syntax.Name) else None
        except Problem:
            return ()
        return (column.accepted_values or ()) if column is not None else ()

    def check_accepted(self, tree: syntax.Syntax, others: tuple[syntax.Syntax, ...]) -> None:
        """Literals compared with a column whose values are known must be among them."""
        if not isinstance(tree, syntax.Name):
            return
        column = self.name(tree).column
        if column is None or column.accepted_values is None:
            return
        for other in others:
            if isinstance(other, syntax.Constant) and other.kind == "text" and other.text not in column.accepted_values:
                problem = Problem(
                    "unknown-value",
                    f"`{other.text}` is not a value of `{column.name}`",
                    nearest(other.text, column.accepted_values),
                )
                raise _Placed(other, problem)

    def shifted(self, value: Expression, by: syntax.Interval, sign: int) -> Expression:
        if value.type not in (DATE, TIMESTAMP):
            raise Problem(
                "bad-type", f"an interval added to {a(value.type)}", "intervals are added to dates and timestamps"
            )
        if value.type is DATE and by.unit in CLOCK_UNITS:
            raise Problem("bad-type", f"a date and {by.unit}s", "a date has no time of day: use days, or a timestamp")
        amount, unit = canonical_step(sign * by.amount, by.unit)
        if abs(amount) > LARGEST[unit] or _chained(value) >= 3:
            raise Problem(
                "bad-literal", "intervals of more than a century, or more than three in a chain", "use shorter ones"
            )
        if isinstance(value, InstantRef):
            return InstantRef(Edge(value.edge.floor, (*value.edge.steps, (amount, unit)), value.edge.fixed), value.type)
        return Call("add_interval", (value, Literal(amount, INTEGER), Literal(unit, TEXT)), value.type)

    def case(self, tree: syntax.Case) -> Expression:
        conditions = [condition(self.typed(c)) for c, _ in tree.branches]
        results = [self.typed(r) for _, r in tree.branches]
        results.append(self.typed(tree.default) if tree.default else Literal(None, NULL))
        results = together(results, "results of one case")
        pairs = [e for pair in zip(conditions, results[:-1], strict=True) for e in pair]
        return Call("case", (*pairs, results[-1]), results[0].type)

    def cast(self, tree: syntax.Cast) -> Expression:
        target = inline_type(tree.target)
        if target is None:
            raise Problem(
                "unknown-type",
                f"`{tree.target}` is not a type",
                "types: text, integer, decimal(p,s), float, boolean, date, timestamp",
            )
        if isinstance(target, Decimal) and (target.scale > numbers.PLACES or target.precision - target.scale > 19):
            raise Problem(
                "unknown-type", f"{target} has more than 19 digits before the point or 9 after it", "use fewer"
            )
        return cast(self.typed(tree.operand), target)


def _chained(value: Expression) -> int:
    """How many intervals are added to something already."""
    if isinstance(value, InstantRef):
        return len(value.edge.steps)
    if isinstance(value, Call) and value.operation == "add_interval":
        return 1 + _chained(value.arguments[0])
    return 0


class _Placed(Exception):
    """A problem with the part of the tree it belongs to; without a problem where it was reported already."""

    def __init__(self, tree: syntax.Syntax, problem: Problem | None) -> None:
        super().__init__(str(problem))
        self.tree, self.problem = tree, problem


PARTS = frozenset(["year", "quarter", "month", "week", "day", "hour", "minute", "second", "dow", "doy"])
TAKES_UNIT = frozenset({"extract", "date_trunc", "date_diff"})


def constant(tree: syntax.Constant, names: Names) -> Literal:
    """A literal's value."""
    match tree.kind:
        case "null":
            return Literal(None, NULL)
        case "boolean":
            return Literal(tree.text == "true", BOOLEAN)
        case "text":
            if "\x00" in tree.text:
                raise Problem("bad-literal", "a text with a NUL character", "leave it out: no engine stores it")
            return Literal(tree.text, TEXT)
        case "date":
            return Literal(date_of(tree.text), DATE)
        case "timestamp":
            wall = timestamp_of(tree.text)
            return Literal(names.zone.to_utc(wall), TIMESTAMP)
    found = numbers.decimal_literal(tree.text)
    if found is None:
        raise Problem(
            "bad-literal",
            f"`{tree.text}` has more digits than a number holds",
            "at most 19 digits before the point (64 bits) and 9 after it",
        )
    return found


def date_of(text: str) -> dt.date:
    """A date written `2026-01-31`."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Problem("bad-literal", f"`{text}` is not a date", "write it as 2026-01-31") from None


def timestamp_of(text: str) -> dt.datetime:
    """A time written `2026-01-31 08:30`, with seconds and at most six places if need be; a date is its midnight."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?", text):
            raise ValueError
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise Problem(
            "bad-literal", f"`{text}` is not a time", "write it as 2026-01-31 08:30, in the project's zone"
        ) from None


def condition(value: Expression) -> Expression:
    """The value, which must be a boolean."""
    if value.type not in (BOOLEAN, NULL):
        raise Problem("bad-type", f"{a(value.type)} where a condition was expected", "compare it with something")
    return value


def exact(value: Expression) -> Expression:
    """The value as an exact number, for arithmetic."""
    if value.type is FLOAT:
        return Call("to_exact", (value,), numbers.MILLIONTHS)
    if value.type is NULL:
        return Literal(None, INTEGER)
    if not is_exact(value.type):
        raise Problem("bad-type", f"arithmetic on {a(value.type)}", _arithmetic_hint(value.type))
    return value


def _arithmetic_hint(kind: Type) -> str:
    if kind in (DATE, TIMESTAMP):
        return "add an interval ('28 days'), or use date_diff(unit, from, to)"
    return "cast(… as decimal) if it holds numbers" if kind is TEXT else ""


def as_float(value: Expression) -> Expression:
    """An exact number as a float, to compare it with one."""
    if value.type is FLOAT:
        return value
    if value.type is NULL:
        return Literal(None, FLOAT)
    if isinstance(value, Literal) and isinstance(value.value, int | Number):
        return Literal(float(value.value), FLOAT)
    return Call("to_float", (value,), FLOAT)


def arithmetic(operation: str, left: Expression, right: Expression) -> Expression:
    """`+ - * / %` on numbers, and the difference of two dates."""
    if operation == "subtract" and left.type is DATE and right.type is DATE:
        return Call("days_between", (left, right), INTEGER)
    left, right = exact(left), exact(right)
    rule = {
        "add": numbers.add_type,
        "subtract": numbers.add_type,
        "multiply": numbers.multiply_type,
        "divide": numbers.divide_type,
        "modulo": numbers.modulo_type,
    }[operation]
    kind = rule(left, right)
    if isinstance(kind, str):
        message, _, hint = kind.partition(": ")
        raise Problem("too-many-digits", message, hint)
    return Call(operation, (left, right), kind)


def together(values: list[Expression], doing: str) -> list[Expression]:
    """The values made one type: nulls fit all, exact numbers become floats beside one, integers decimals; raises `Problem`."""
    kind = numbers.unify(tuple(v.type for v in values))
    if kind is None:
        raise _mismatch([v.type for v in values if v.type is not NULL], doing)
    if kind is FLOAT:
        return [as_float(v) for v in values]
    return [fitted(v, kind) for v in values]


def fitted(value: Expression, kind: Type) -> Expression:
    """A null as a null of the type; an integer as a decimal where the type is one."""
    if value.type is NULL and isinstance(value, Literal):
        return Literal(None, kind)
    if isinstance(kind, Decimal) and isinstance(value, Literal):
        return Literal(value.value, kind)
    return value if value.type == kind else Call("cast", (value,), kind)


def compare(operation: str, left: Expression, right: Expression) -> Expression:
    """A comparison of two values of one type."""
    for value in (left, right):
        if isinstance(value, Literal) and value.value is None:
            raise Problem(
                "compared-with-null", "a comparison with null is never true", "write `is null` or `is not null`"
            )
        if isinstance(value.type, ListOf):
            raise Problem("bad-type", "a list compared as a whole", "use array_contains(list, x) or array_length(list)")
    types = [left.type, right.type]
    if FLOAT in types and all(is_number(t) for t in types):
        return Call(operation, (as_float(left), as_float(right)))
    if all(is_exact(t) for t in types) or left.type == right.type:
        return Call(operation, (left, right))
    raise _mismatch(types, "compared")


def _mismatch(types: list[Type], doing: str) -> Problem:
    kinds = list(dict.fromkeys(types))
    words = " and ".join(a(k) for k in kinds)
    if DATE in kinds and TIMESTAMP in kinds:
        hint = "compare a timestamp with `as_of`, a date with `today`; cast(… as date) is the date of a timestamp"
        return Problem("date-with-timestamp", f"{words} cannot be {doing}", hint)
    if TEXT in kinds and (DATE in kinds or TIMESTAMP in kinds):
        return Problem(
            "bad-type", f"{words} cannot be {doing}", "write date '2026-01-31' or timestamp '2026-01-31 08:30'"
        )
    if TEXT in kinds and any(is_number(k) for k in kinds):
        return Problem(
            "number-with-text", f"{words} cannot be {doing}", "write the number without quotes, or cast one of them"
        )
    hint = "write true or false, without quotes" if kinds in ([BOOLEAN, TEXT], [TEXT, BOOLEAN]) else "cast one of them"
    return Problem("bad-type", f"{words} cannot be {doing}", hint)


def like(operation: str, value: Expression, pattern: Expression) -> Expression:
    """`like` and `ilike` with a literal pattern."""
    if value.type is not TEXT:
        raise Problem("bad-type", f"`{operation}` on {a(value.type)}", "it compares texts")
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
        raise Problem("bad-pattern", f"the pattern of `{operation}` is not a text", "write it in single quotes")
    problem = problem_in(pattern.value)
    if problem is not None:
        raise Problem("bad-pattern", f"the pattern `{pattern.value}`: {problem}", r"`\` escapes only %, _ and \ itself")
    return Call(operation, (value, pattern))


def cast(value: Expression, target: Type) -> Expression:
    """The value as another type; null where it cannot be."""
    if isinstance(value, Literal) and value.value is None:
        return Literal(None, target)
    if value.type == target:
        return value
    refused = castable(value.type, target)
    if refused is not None:
        raise Problem("bad-type", refused, "")
    if value.type is FLOAT and is_exact(target):
        value = exact(value)
    return Call("cast", (value,), target)
