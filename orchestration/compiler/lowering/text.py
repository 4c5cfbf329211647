"""Text by code point: engines differ in case, in escapes and in patterns, so every pattern is written out for each.

Letters change case one code point at a time (Unicode's simple mapping). DuckDB 2.0 knows the letters of Unicode 15,
Postgres 18 those of Unicode 16: for the few letters new in 2024 alone, `lower` and `upper` differ.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from orchestration.compiler.lowering import trees
from orchestration.compiler.lowering.context import Handler, Lowering
from orchestration.compiler.lowering.trees import DUCKDB, POSTGRES
from orchestration.language import regex
from orchestration.language.expression import Call, Expression, Literal

_SHARP_S = "ß"  # has no single upper case in the simple mapping; DuckDB makes it ẞ


def lower(tree: exp.Expr, dialect: str) -> exp.Expr:
    """Lower case; a literal of ASCII letters at once."""
    if isinstance(tree, exp.Literal) and tree.name.isascii():
        return trees.text(tree.name.lower())
    if dialect == POSTGRES:
        return _collated(exp.Lower(this=_collated(tree, "pg_c_utf8")), "C")
    return exp.Lower(this=tree.copy())


def upper(tree: exp.Expr, dialect: str) -> exp.Expr:
    """Upper case; a literal of ASCII letters at once."""
    if isinstance(tree, exp.Literal) and tree.name.isascii():
        return trees.text(tree.name.upper())
    if dialect == POSTGRES:
        return _collated(exp.Upper(this=_collated(tree, "pg_c_utf8")), "C")
    if dialect != DUCKDB:
        return exp.Upper(this=tree.copy())
    part = exp.to_identifier("part")
    function = exp.Lambda(this=exp.Upper(this=exp.column("part")), expressions=[part])
    parts = trees.call("string_split", tree, trees.text(_SHARP_S))
    return trees.call("array_to_string", trees.call("list_transform", parts, function), trees.text(_SHARP_S))


def trim(tree: exp.Expr) -> exp.Expr:
    """Without the spaces (U+0020) at both ends."""
    return exp.Trim(this=tree.copy(), expression=trees.text(" "), position="BOTH")


def found(tree: exp.Expr, pattern: str, dialect: str) -> exp.Expr:
    """Whether a pattern of `regex` is found anywhere in a text."""
    return exp.RegexpLike(this=trees.operand(tree), expression=trees.text(regex.for_engine(pattern, dialect)))


def _collated(tree: exp.Expr, collation: str) -> exp.Expr:
    inner = tree.this if isinstance(tree, exp.Collate) else tree
    return exp.Collate(this=trees.operand(inner), expression=exp.to_identifier(collation, quoted=True))


def _concat(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    result = arguments[0]
    for argument in arguments[1:]:
        result = trees.binary(exp.DPipe, result, argument)
    return result


def _lower(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return lower(arguments[0], context.dialect)


def _upper(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return upper(arguments[0], context.dialect)


def _trim(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return trim(arguments[0])


def _length(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    length = exp.Length(this=arguments[0].copy())
    return length if context.dialect == DUCKDB else trees.cast(length, trees.sql_type(call.type, context.dialect))


def _starts_with(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return exp.StartsWith(this=arguments[0].copy(), expression=arguments[1].copy())


def _ends_with(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    if context.dialect != POSTGRES:
        return exp.EndsWith(this=arguments[0].copy(), expression=arguments[1].copy())
    text, end = arguments
    if isinstance(end, exp.Literal):
        return trees.binary(exp.EQ, trees.call("right", text, trees.number(len(end.name))), end)
    return trees.once(
        end,
        context.dialect,
        2,
        lambda part: trees.binary(exp.EQ, trees.call("right", text, exp.Length(this=part.copy())), part),
    )


def _contains(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    if context.dialect == POSTGRES:
        return exp.GT(this=trees.call("strpos", *arguments), expression=trees.number(0))
    return trees.call("contains", *arguments)


def _like(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return _matching(arguments[0], trees.text(_pattern(call.arguments[1])))


def _ilike(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    pattern = trees.text(_pattern(call.arguments[1]))
    return _matching(lower(arguments[0], context.dialect), lower(pattern, context.dialect))


def _matching(tree: exp.Expr, pattern: exp.Expr) -> exp.Expr:
    matched = exp.Like(this=trees.operand(tree), expression=trees.operand(pattern))
    has_escape = not isinstance(pattern, exp.Literal) or "\\" in pattern.name
    return exp.Escape(this=matched, expression=trees.text("\\")) if has_escape else matched


def _matches(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return found(arguments[0], _pattern(call.arguments[1]), context.dialect)


def _pattern(expression: Expression) -> str:
    assert isinstance(expression, Literal), expression
    assert isinstance(expression.value, str), expression
    return expression.value


def _equals_ci(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    left, right = (lower(a, context.dialect) for a in arguments)
    return trees.binary(exp.EQ, left, right)


def _in_ci(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    first, *others = (lower(a, context.dialect) for a in arguments)
    return exp.In(this=trees.operand(first), expressions=others)


HANDLERS: Mapping[str, Handler] = {
    "concat": _concat,
    "lower": _lower,
    "upper": _upper,
    "trim": _trim,
    "length": _length,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "contains": _contains,
    "like": _like,
    "ilike": _ilike,
    "matches": _matches,
    "equals_ci": _equals_ci,
    "in_ci": _in_ci,
}
