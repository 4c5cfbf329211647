"""Casts: a text is looked at by a pattern of ours before an engine reads it, and what cannot be is null.

The meaning of each pair is in `orchestration.language.casting`. DuckDB has `try_cast`; Postgres casts inside a `case`
whose condition asks `pg_input_is_valid`, which knows ranges and the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

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
)
from orchestration.compiler.lowering import text, time, trees
from orchestration.compiler.lowering.context import Handler, Lowering
from orchestration.compiler.lowering.numbers import to_exact, to_float, to_integer, within_64_bits
from orchestration.compiler.lowering.spans import Span, fits, span_of, type_span
from orchestration.compiler.lowering.trees import DUCKDB, POSTGRES
from orchestration.language.expression import Call
from orchestration.language.numbers import INTEGER_DIGITS, MAX_DIGITS, MILLIONTHS

_YEAR = r"(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_DAY = _YEAR + r"-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
_DIGITS = r"[+\-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_GRAMMAR = {
    INTEGER: r"^ *[+\-]?[0-9]+ *$",
    FLOAT: rf"^ *{_DIGITS}(?:[eE][+\-]?[0-9]+)? *$",
    DATE: rf"^ *{_DAY} *$",
    TIMESTAMP: rf"^ *{_DAY}(?:[T ]{_CLOCK}Z?)? *$",
}
_DECIMAL = rf"^ *{_DIGITS} *$"
_MICROSECONDS = len("2026-01-01 00:00:00.000000")


def _cast(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    (tree,), source, target = arguments, call.arguments[0].type, call.type
    if source is NULL:
        return trees.null(target, context.dialect)
    if source == target:
        return tree
    if source is TEXT:
        return _from_text(tree, target, context)
    if target is TEXT:
        return _to_text(tree, source, context)
    if target is FLOAT:
        return to_float(tree, source, context.dialect)
    if source is TIMESTAMP:
        return time.local_date(tree, context)
    if source is DATE:
        return time.local_midnight(tree, context)
    if source is BOOLEAN:
        return trees.cast(trees.cast(tree, trees.SMALL_INTEGER), trees.sql_type(INTEGER, context.dialect))
    if source is FLOAT:
        return _exact(to_exact(tree, context.dialect), type_span(MILLIONTHS), MILLIONTHS, target, context.dialect)
    return _exact(tree, span_of(call.arguments[0]), source, target, context.dialect)


def _exact(tree: exp.Expr, span: Span, source: Type, target: Type, dialect: str) -> exp.Expr:
    """An exact number as another exact type, rounded half away from zero."""
    if target is INTEGER:
        if dialect == DUCKDB:
            return to_integer(tree, dialect, safe=fits((span[0] - 1, span[1] + 1)))
        return to_integer(exp.Round(this=tree.copy()), dialect, safe=fits((span[0] - 1, span[1] + 1)))
    assert isinstance(target, Decimal), target
    to = trees.sql_type(target, dialect)
    whole = target.precision - target.scale
    if max(abs(span[0]), abs(span[1])) + 1 < 10**whole:
        return trees.cast(tree, to)
    if dialect == DUCKDB:
        fitted = trees.try_cast(tree, to)
    else:
        rounded = exp.Round(this=trees.cast(tree, trees.NUMERIC), decimals=trees.number(target.scale))
        limit = trees.number(10**whole)
        fitted = trees.once(
            rounded,
            dialect,
            2,
            lambda v: trees.when(trees.less(exp.Abs(this=v.copy()), limit), trees.cast(v, to)),
        )
    return within_64_bits(fitted, dialect) if whole >= INTEGER_DIGITS and source is not INTEGER else fitted


def _to_text(tree: exp.Expr, source: Type, context: Lowering) -> exp.Expr:
    to = trees.sql_type(TEXT, context.dialect)
    if isinstance(source, Decimal):
        precision = min(
            MAX_DIGITS, max(source.precision, source.scale + 1)
        )  # DuckDB writes .5 where no digit is before the point
        return trees.cast(trees.cast(tree, trees.decimal_type(precision, source.scale)), to)
    if source is DATE and context.dialect == POSTGRES:
        return trees.call("to_char", tree, trees.text("YYYY-MM-DD"))
    return trees.cast(tree, to)


def _from_text(tree: exp.Expr, target: Type, context: Lowering) -> exp.Expr:
    if target is BOOLEAN:
        word = exp.Lower(this=text.trim(tree))
        values = [exp.If(this=trees.text(w), true=b) for w, b in (("true", exp.true()), ("false", exp.false()))]
        return exp.Case(this=word, ifs=values)
    if target is TIMESTAMP:
        return trees.once(tree, context.dialect, 5, lambda t: _timestamp(t, context), opaque=True)
    assert not isinstance(target, ListOf), target
    grammar = _DECIMAL if isinstance(target, Decimal) else _GRAMMAR[target]
    read = trees.once(tree, context.dialect, 3, lambda t: _read(t, t, grammar, target, context), opaque=True)
    if isinstance(target, Decimal) and target.precision - target.scale >= INTEGER_DIGITS:
        return within_64_bits(read, context.dialect)
    return read


def _read(
    tree: exp.Expr, readable: exp.Expr, grammar: str, target: Type, context: Lowering
) -> exp.Expr:
    """What an engine reads in a text that fits the grammar; null where it does not, or where the engine cannot."""
    dialect, to = context.dialect, trees.sql_type(target, context.dialect)
    fits_grammar = text.found(tree, grammar, dialect)
    if dialect != POSTGRES:
        value = trees.try_cast(readable, to)
        if target is FLOAT:
            fits_grammar = trees.all_of([fits_grammar, trees.call("isfinite", value)])
            value = trees.add(value, trees.number(0))
        return trees.when(fits_grammar, value)
    valid = trees.call("pg_input_is_valid", readable, trees.text(to.sql(POSTGRES).lower()))
    if target is FLOAT:  # not valid is what is too large, and, with a negative exponent, what is too small
        value = trees.add(trees.cast(readable, to), trees.number(0))
        tiny = text.found(tree, "[eE]\\-", dialect)
        return trees.when(fits_grammar, exp.Case(ifs=[_branch(valid, value), _branch(tiny, trees.number(0))]))
    return trees.when(trees.all_of([fits_grammar, valid]), trees.cast(readable, to))


def _branch(condition: exp.Expr, value: exp.Expr) -> exp.If:
    return exp.If(this=condition.copy(), true=value.copy())


def _timestamp(tree: exp.Expr, context: Lowering) -> exp.Expr:
    """Wall time unless the text ends in `Z`; the fraction cut to six places."""
    marked = trees.call("rtrim", text.trim(tree), trees.text("Z"))
    readable = trees.call("left", marked, trees.number(_MICROSECONDS))
    value = _read(tree, readable, _GRAMMAR[TIMESTAMP], TIMESTAMP, context)
    if context.zone.is_fixed and not context.zone.first:
        return value
    return trees.when(text.found(tree, "Z *$", context.dialect), value, time.to_utc(value, context))


HANDLERS: Mapping[str, Handler] = {"cast": _cast}
