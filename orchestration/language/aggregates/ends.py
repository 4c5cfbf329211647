"""`first(x)` and `last(x)`: the value of `x` in the earliest and in the latest row by time, nulls left out.

Take one argument of any type but a list. Rows where `x` is null are passed over. Of several values at the same time
the smallest of the type counts, for `first` and for `last`. Floats are taken as millionths. Result: the argument's
type, of floats decimal(19,6); of nothing null.
"""

from functools import partial

from orchestration.language.aggregates.aggregate import Aggregate, single

FIRST = Aggregate("first", "the value in the earliest row", "required", partial(single, "first"), by_time=True)
LAST = Aggregate("last", "the value in the latest row", "required", partial(single, "last"), by_time=True)
