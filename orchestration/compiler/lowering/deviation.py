"""The standard deviation of a sample, from exact sums.

Mean and values are taken at six places, each rounded half away from zero, so with x in millionths and m their mean, the sum
of squared deviations is `sum(x*x) - 2*m*sum(x) + n*m*m`, an integer. The root of its n-1th part is rounded to four places:
of the two neighbours that a root in doubles suggests, the one is taken that the integers confirm.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp


def stddev(
    value: exp.Expression,
    scale: int,
    of_floats: bool,
    over: Callable[[exp.Expression], exp.Expression],
    dialect: str,
) -> exp.Expression:
    raise NotImplementedError
