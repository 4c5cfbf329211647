"""Random assignment that can be repeated: the arm of a key by its hash alone."""

from __future__ import annotations

import math
from fractions import Fraction

from sqlglot import exp

from orchestration.catalog.types import TEXT
from orchestration.compiler.lowering import sql_type
from orchestration.compiler.lowering.truth import by_code_point
from orchestration.language.model import Split

DIGITS = 8


def arm_of(split: Split, key: exp.Expr, dialect: str) -> exp.Expr:
    """The arm of a key, null beyond the last share.

    The first eight hex digits of `md5(salt || ':' || key as text)` are compared, as text by code point, with those at which
    the cumulative shares end: the same order as that of the numbers they write.
    """
    salted = exp.DPipe(this=exp.Literal.string(split.salt + ":"), expression=exp.cast(key, sql_type(TEXT, dialect)))
    digits = exp.Substring(
        this=exp.MD5(this=salted), start=exp.Literal.number(1), length=exp.Literal.number(DIGITS)
    )
    place = by_code_point(digits, TEXT, dialect)
    case, reached, whole = exp.Case(), Fraction(0), 16**DIGITS
    for name, share in zip(split.names, split.shares, strict=True):
        reached += Fraction(share)
        end = math.ceil(reached * whole / 100)
        within = exp.LT(this=place.copy(), expression=exp.Literal.string(f"{end:0{DIGITS}x}"))
        case = case.when(exp.true() if end >= whole else within, exp.Literal.string(name))
    return case
