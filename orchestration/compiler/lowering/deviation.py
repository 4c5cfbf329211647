"""The standard deviation of a sample, from exact sums.

Values x are taken at six places and so is their mean m, rounded half away from zero. The sum of squared deviations Q
is exact, and null from 10^25 on. Where 4Q/(n-1), in squares of the fourth place, is cut to an integer P, the integer
root s of P is twice the deviation in fourth places, cut; (s + 1) div 2 rounds it half away from zero.

Postgres computes `sum(x*x) - 2*m*sum(x) + n*m*m` in numeric. DuckDB's integers have 128 bits, so there a value is a
number of millionths split in two, x = h*10^13 + l, and Q is put together from the sums of h, l and their products. A
root in doubles is off by a few units at most; one step of Newton's and a comparison make it the integer root.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from orchestration.compiler.lowering import trees
from orchestration.compiler.lowering.trees import POSTGRES

Over = Callable[[exp.Expr], exp.Expr]
_LIMB = 10**13
_WIDE = trees.decimal_type(38, 0)
_DEVIATION = trees.decimal_type(23, 4)
_LIMIT = 10**25  # of Q


def stddev_numeric(value: exp.Expr, over: Over) -> exp.Expr:
    """Postgres: the deviation of numeric values."""
    x = exp.Round(this=value.copy(), decimals=trees.number(6))
    count, total = over(exp.Count(this=value.copy())), over(exp.Sum(this=x.copy()))
    squares = over(exp.Sum(this=trees.multiply(x, x)))
    doubled = trees.call("div", trees.multiply(total, trees.number(2 * 10**6)), trees.nullif(count, trees.number(0)))
    mean = exp.Round(this=trees.multiply(doubled, trees.number("0.0000005")), decimals=trees.number(6))

    def deviations(m: exp.Expr) -> exp.Expr:
        cross = trees.multiply(trees.multiply(trees.number(2), m), total)
        return trees.add(trees.subtract(squares, cross), trees.multiply(trees.multiply(count, m), m))

    def in_squares(q: exp.Expr) -> exp.Expr:
        others = trees.nullif(trees.subtract(count, trees.number(1)), trees.number(0))
        whole = trees.call("div", trees.multiply(q, trees.number(4 * 10**8)), others)
        return trees.when(trees.less(q, trees.number(_LIMIT)), whole)

    def rounded(p: exp.Expr) -> exp.Expr:
        return trees.once(exp.Floor(this=exp.Sqrt(this=p.copy())), POSTGRES, 9, lambda s: _halved(s, p), opaque=True)

    sum_of_squares = trees.once(mean, POSTGRES, 9, deviations, opaque=True)
    square = trees.once(sum_of_squares, POSTGRES, 9, in_squares, opaque=True)
    return trees.once(square, POSTGRES, 9, rounded, opaque=True)


def _halved(s: exp.Expr, p: exp.Expr) -> exp.Expr:
    too_large = exp.GT(this=trees.multiply(s, s), expression=p.copy())
    root = trees.subtract(s, trees.when(too_large, trees.number(1), trees.number(0)))
    units = trees.call("div", trees.add(root, trees.number(1)), trees.number(2))
    return trees.cast(trees.multiply(units, trees.number("0.0001")), _DEVIATION)


def stddev_limbs(millionths: exp.Expr, over: Over) -> exp.Expr:
    """DuckDB: the deviation of 128-bit integers of millionths."""
    limb = trees.number(_LIMB)
    h, l_ = _quotient(millionths, limb), trees.binary(exp.Mod, millionths, limb)
    count = over(exp.Count(this=millionths.copy()))

    def total(tree: exp.Expr) -> exp.Expr:
        return over(exp.Sum(this=tree.copy()))

    doubled = _quotient(trees.multiply(total(millionths), trees.number(2)), count)
    mean = trees.cast(trees.multiply(trees.cast(doubled, _WIDE), trees.number("0.5")), _WIDE)
    sums = _record(
        {
            "n": trees.cast(count, trees.HUGE),
            "m": trees.cast(mean, trees.HUGE),
            "h": total(h),
            "l": total(l_),
            "hh": total(trees.multiply(h, h)),
            "hl": total(trees.multiply(h, l_)),
            "ll": total(trees.multiply(l_, l_)),
        }
    )
    return _then(_then(_then(sums, "sums", _products), "products", _square), "square", _root)


def _products(sums: Mapping[str, exp.Expr]) -> exp.Expr:
    """Q as three limbs: high * 10^26 + middle * 10^13 + low."""
    n, limb = sums["n"], trees.number(_LIMB)
    mh, ml = _quotient(sums["m"], limb), trees.binary(exp.Mod, sums["m"], limb)

    def product(*factors: exp.Expr) -> exp.Expr:
        result = factors[0]
        for factor in factors[1:]:
            result = trees.multiply(result, factor)
        return result

    two = trees.number(2)
    high = trees.add(trees.subtract(sums["hh"], product(two, mh, sums["h"])), product(n, mh, mh))
    crossed = trees.subtract(trees.subtract(sums["hl"], product(mh, sums["l"])), product(ml, sums["h"]))
    middle = product(two, trees.add(crossed, product(n, mh, ml)))
    low = trees.add(trees.subtract(sums["ll"], product(two, ml, sums["l"])), product(n, ml, ml))
    return _record({"n": n, "high": high, "middle": middle, "low": low})


def _square(products: Mapping[str, exp.Expr]) -> exp.Expr:
    """P, computed in integers only where doubles say that 128 bits hold it."""
    high, middle, low = (products[k] for k in ("high", "middle", "low"))
    near = trees.add(
        trees.add(trees.multiply(high, trees.number("1e26")), trees.multiply(middle, trees.number("1e13"))), low
    )
    q = trees.add(trees.add(_scaled(high, 10**26), _scaled(middle, 10**13)), low)
    others = trees.multiply(trees.subtract(products["n"], trees.number(1)), trees.number(10**4))
    limit = trees.number(10**12 * _LIMIT)
    p = _quotient(trees.multiply(q, trees.number(4)), trees.nullif(others, trees.number(0)))
    inside = trees.when(trees.less(q, limit), p)
    return _record({"p": trees.when(trees.less(near, trees.number("1.5e37")), inside)})


def _scaled(tree: exp.Expr, factor: int) -> exp.Expr:
    return trees.multiply(tree, trees.cast(trees.number(factor), trees.HUGE))


def _root(square: Mapping[str, exp.Expr]) -> exp.Expr:
    p = square["p"]
    near = trees.cast(exp.Sqrt(this=trees.cast(p, exp.DataType(this=exp.DataType.Type.DOUBLE))), trees.HUGE)
    first = exp.Greatest(this=near, expressions=[trees.number(1)], ignore_nulls=True)
    newton = _quotient(trees.add(first, _quotient(p, first)), trees.number(2))

    def halved(s: Mapping[str, exp.Expr]) -> exp.Expr:
        root, of = s["s"], s["p"]
        too_large = exp.GT(this=trees.multiply(root, root), expression=of.copy())
        exact = trees.subtract(root, trees.when(too_large, trees.number(1), trees.number(0)))
        units = trees.cast(_quotient(trees.add(exact, trees.number(1)), trees.number(2)), _WIDE)
        return trees.cast(trees.multiply(units, trees.number("0.0001")), _DEVIATION)

    return _then(_record({"s": newton, "p": p}), "root", halved)


def _quotient(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return trees.binary(exp.IntDiv, left, right)


class _Members(dict[str, exp.Expr]):
    """The members of a struct in a lambda, by name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __missing__(self, member: str) -> exp.Expr:
        return exp.column(member, table=self.name)


def _record(members: Mapping[str, exp.Expr]) -> exp.Expr:
    pairs = [exp.PropertyEQ(this=exp.to_identifier(n), expression=t.copy()) for n, t in members.items()]
    return exp.Struct(expressions=pairs)


def _then(
    tree: exp.Expr, name: str, build: Callable[[Mapping[str, exp.Expr]], exp.Expr]
) -> exp.Expr:
    function = exp.Lambda(this=build(_Members(name)), expressions=[exp.to_identifier(name)])
    items = exp.Array(expressions=[tree])
    return trees.element(exp.Anonymous(this="list_transform", expressions=[items, function]), 1)
