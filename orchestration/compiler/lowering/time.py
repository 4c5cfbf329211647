"""Time: steps, truncation and parts by the wall time of the project's zone, without an engine's idea of zones.

Timestamps are UTC. Wall time is UTC plus an offset that a balanced tree of `case` finds among the zone's transitions
from 1970 to 2050 (before and after, the nearest offset); a zone with one offset needs none. From wall time to UTC an
ambiguous time is the earlier instant, and a missing one is shifted by the gap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlglot import exp

from orchestration.catalog.types import DATE, INTEGER, TIMESTAMP, Type
from orchestration.compiler.lowering import trees
from orchestration.compiler.lowering.context import Handler, Lowering
from orchestration.compiler.lowering.trees import DUCKDB, POSTGRES
from orchestration.language.expression import TODAY, Call, Expression, Literal

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = ("second", "minute", "hour")
_BIGINT = trees.sql_type(INTEGER, DUCKDB)
_DATE = trees.sql_type(DATE, DUCKDB)
_PARTS = {"dow": "isodow"}
_OFFSET_UNITS = (
    ("hour", dt.timedelta(hours=1)),
    ("minute", dt.timedelta(minutes=1)),
    ("second", dt.timedelta(seconds=1)),
)
_FIRST, _LAST = dt.date(1, 1, 1), dt.date(9999, 12, 31)


def to_wall(tree: exp.Expr, context: Lowering) -> exp.Expr:
    """The wall time of a UTC timestamp."""
    zone = context.zone
    return _shifted(tree, context, [t.at for t in zone.transitions], exp.Add)


def to_utc(tree: exp.Expr, context: Lowering) -> exp.Expr:
    """The UTC timestamp of a wall time."""
    zone = context.zone
    return _shifted(tree, context, [t.wall for t in zone.transitions], exp.Sub)


def _shifted(
    tree: exp.Expr,
    context: Lowering,
    thresholds: Sequence[dt.datetime],
    operator: type[exp.Expr],
) -> exp.Expr:
    offsets = [context.zone.first, *(t.after for t in context.zone.transitions)]
    if offsets == [dt.timedelta()]:
        return tree
    unit, length = next((u, n) for u, n in _OFFSET_UNITS if all(o % n == dt.timedelta() for o in offsets))

    def offset(value: exp.Expr, low: int, high: int) -> exp.Expr:
        if low == high:
            return trees.number(offsets[low] // length)
        middle = (low + high + 1) // 2
        edge = _edge(thresholds[middle - 1], context.dialect)
        earlier = exp.If(this=exp.LT(this=trees.again(value), expression=edge), true=offset(value, low, middle - 1))
        return exp.Case(ifs=[earlier], default=offset(value, middle, high))  # built without copies: it is large

    last = len(offsets) - 1

    def shifted(value: exp.Expr) -> exp.Expr:
        units = exp.Mul(this=trees.interval(1, unit), expression=offset(trees.operand(value), 0, last))
        return operator(this=trees.operand(value), expression=units)

    return trees.once(tree, context.dialect, 1 + last, shifted)


def _edge(moment: dt.datetime, dialect: str) -> exp.Expr:
    """A literal that a timestamp is compared with; where an engine gives it that type by itself, without a cast."""
    return trees.text(moment.isoformat(" ")) if dialect in (DUCKDB, POSTGRES) else trees.timestamp(moment, dialect)


def local_date(tree: exp.Expr, context: Lowering) -> exp.Expr:
    """The date of a UTC timestamp's wall time."""
    return trees.cast(to_wall(tree, context), _DATE)


def local_midnight(tree: exp.Expr, context: Lowering) -> exp.Expr:
    """The first instant of a local date, as a UTC timestamp."""
    return to_utc(_as_timestamp(tree, context), context)


def _as_timestamp(tree: exp.Expr, context: Lowering) -> exp.Expr:
    return trees.cast(tree, trees.sql_type(TIMESTAMP, context.dialect))


def _add_interval(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    tree, count, unit = arguments[0], _integer(call.arguments[1]), _word(call.arguments[2])
    if unit == "quarter":
        count, unit = 3 * count, "month"
    if unit == "week":
        count, unit = 7 * count, "day"
    if call.arguments[0].type is DATE:
        if unit == "day":
            return _days_later(tree, count)
        return trees.cast(trees.add(tree, trees.interval(count, unit)), _DATE)
    step = trees.interval(count, unit)
    if unit in _CLOCK:
        return trees.add(tree, step)
    return to_utc(trees.add(to_wall(tree, context), step), context)


def _days_later(tree: exp.Expr, count: int) -> exp.Expr:
    if count < 0:
        return trees.subtract(tree, trees.number(-count))
    return trees.add(tree, trees.number(count))


def _date_add(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    """A date that leaves the years 1 to 9999 is null."""
    tree, count = arguments
    literal = call.arguments[1]
    if isinstance(literal, Literal) and isinstance(literal.value, int) and abs(literal.value) < 10**6:
        return _days_later(tree, literal.value)

    def later(days: exp.Expr) -> exp.Expr:
        room = [trees.subtract(trees.date(edge), tree) for edge in (_FIRST, _LAST)]
        return trees.when(trees.between(days, *room), trees.add(tree, trees.cast(days, trees.SMALL_INTEGER)))

    return trees.once(count, context.dialect, 2, later)


def _days_between(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    later, earlier = arguments
    return _difference(later, earlier, context)


def _difference(later: exp.Expr, earlier: exp.Expr, context: Lowering) -> exp.Expr:
    if context.dialect == DUCKDB:
        return trees.subtract(later, earlier)
    if context.dialect == POSTGRES:
        return trees.cast(trees.subtract(later, earlier), _BIGINT)
    return trees.cast(trees.call("datediff", later, earlier), _BIGINT)


def _date_trunc(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    unit, tree = _word(call.arguments[0]), arguments[1]
    if call.arguments[1].type is DATE:
        return trees.cast(_truncated(unit, _as_timestamp(tree, context), context), _DATE)
    return to_utc(_truncated(unit, to_wall(tree, context), context), context)


def _truncated(unit: str, wall: exp.Expr, context: Lowering) -> exp.Expr:
    """The start of the unit that holds a wall time."""
    shift = (7 - _DAYS.index(context.week_starts_on)) % 7 if unit == "week" else 0
    if not shift:
        return trees.call("date_trunc", trees.text(unit), wall)
    moved = trees.call("date_trunc", trees.text(unit), trees.add(wall, trees.interval(shift, "day")))
    return trees.subtract(moved, trees.interval(shift, "day"))


def _extract(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    part, tree = _word(call.arguments[0]), arguments[1]
    if call.arguments[1].type is TIMESTAMP:
        tree = to_wall(tree, context)
    elif part in _CLOCK:
        tree = _as_timestamp(tree, context)
    found = _part(part, tree)
    if context.dialect != POSTGRES:
        return found
    return trees.cast(trees.call("trunc", found) if part == "second" else found, _BIGINT)


def _part(part: str, tree: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.var(_PARTS.get(part, part)), expression=tree.copy())


def _date_diff(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    unit = _word(call.arguments[0])
    start, end = (_in_zone(t, e.type, context) for t, e in zip(arguments[1:], call.arguments[1:], strict=True))
    if unit == "day":
        return _difference(_to_date(end), _to_date(start), context)
    if unit == "week":
        return _weeks(start, end, context)
    if context.dialect == DUCKDB:
        return trees.call("date_diff", trees.text(unit), start, end)
    if unit in _CLOCK:
        later, earlier = (_part("epoch", _truncated(unit, _as_timestamp(t, context), context)) for t in (end, start))
        return _quotient(trees.subtract(later, earlier), {"second": 1, "minute": 60, "hour": 3600}[unit])
    return trees.cast(
        trees.subtract(_counted(unit, end, context.dialect), _counted(unit, start, context.dialect)), _BIGINT
    )


def _in_zone(tree: exp.Expr, kind: Type, context: Lowering) -> exp.Expr:
    return to_wall(tree, context) if kind is TIMESTAMP else tree


def _to_date(tree: exp.Expr) -> exp.Expr:
    return trees.cast(tree, _DATE)


def _weeks(start: exp.Expr, end: exp.Expr, context: Lowering) -> exp.Expr:
    monday = [_to_date(_truncated("week", _as_timestamp(t, context), context)) for t in (end, start)]
    days = trees.subtract(*monday)
    if context.dialect == DUCKDB:
        return exp.IntDiv(this=trees.operand(days), expression=trees.number(7))
    return _quotient(days, 7)


def _quotient(tree: exp.Expr, by: int) -> exp.Expr:
    return trees.cast(trees.call("div", tree, trees.number(by)), _BIGINT)


def _counted(unit: str, tree: exp.Expr, dialect: str) -> exp.Expr:
    """Postgres: how many months, quarters or years there are up to a wall time."""
    if unit == "year":
        return _part("year", tree)
    per_year = {"quarter": 4, "month": 12}[unit]
    return trees.once(
        tree,
        dialect,
        2,
        lambda t: trees.add(trees.multiply(_part("year", t), trees.number(per_year)), _part(unit, t)),
    )


def _age(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    """The yearly returns of the date after itself, up to today; 29 February returns on the 28th."""
    today = context.leaf(TODAY)

    def completed(day: exp.Expr) -> exp.Expr:
        years = _years_since(day, today)
        still_to_come = exp.GT(this=_yearly(day, years), expression=today.copy())
        age = trees.subtract(years, trees.when(still_to_come, trees.number(1), trees.number(0)))
        return age if context.dialect == DUCKDB else trees.cast(age, _BIGINT)

    return trees.once(arguments[0], context.dialect, 3, completed)


def _next_anniversary(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    today = context.leaf(TODAY)

    def following(day: exp.Expr) -> exp.Expr:
        years = _years_since(day, today)
        this_year = _yearly(day, years)
        next_year = _yearly(day, trees.add(years, trees.number(1)))
        returns = trees.when(exp.GTE(this=this_year, expression=today.copy()), this_year, next_year)
        return trees.when(exp.GTE(this=trees.operand(day), expression=today.copy()), day, returns)

    return trees.once(arguments[0], context.dialect, 6, following)


def _years_since(day: exp.Expr, today: exp.Expr) -> exp.Expr:
    return trees.subtract(_part("year", today), _part("year", day))


def _yearly(day: exp.Expr, years: exp.Expr) -> exp.Expr:
    counted = trees.multiply(trees.interval(1, "year"), trees.cast(years, trees.SMALL_INTEGER))
    return _to_date(trees.add(day, counted))


def _local_date(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return local_date(arguments[0], context)


def _local_midnight(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return local_midnight(arguments[0], context)


def _word(expression: Expression) -> str:
    assert isinstance(expression, Literal), expression
    assert isinstance(expression.value, str), expression
    return expression.value.lower()


def _integer(expression: Expression) -> int:
    assert isinstance(expression, Literal), expression
    assert isinstance(expression.value, int), expression
    return expression.value


HANDLERS: Mapping[str, Handler] = {
    "add_interval": _add_interval,
    "date_add": _date_add,
    "days_between": _days_between,
    "date_trunc": _date_trunc,
    "extract": _extract,
    "date_diff": _date_diff,
    "age": _age,
    "next_anniversary": _next_anniversary,
    "local_date": _local_date,
    "local_midnight": _local_midnight,
}
