"""Lowering: from typed expressions to SQL trees with one meaning on every dialect.

In: an `Expression` whose types and names are settled, and a `Lowering` that says where leaves come from. Out: a
sqlglot tree of the dialect. A tree never raises in the engine for what its data are: what cannot be is null. Where
engines agree the tree is the plain one; where they differ, the meaning in `OPERATIONS` is spelled out. `read_column`
makes canonical values of a warehouse's columns, which is what all else starts from; `aggregate` lowers the
aggregates.
"""

from orchestration.compiler.lowering.aggregates import aggregate
from orchestration.compiler.lowering.context import Leaf, Lowering
from orchestration.compiler.lowering.lower import HANDLERS, literal, lower
from orchestration.compiler.lowering.peers import percentile, places, standing
from orchestration.compiler.lowering.reading import read_column
from orchestration.compiler.lowering.trees import SUPPORTED, sql_type

__all__ = [
    "HANDLERS",
    "SUPPORTED",
    "Leaf",
    "Lowering",
    "aggregate",
    "literal",
    "lower",
    "percentile",
    "places",
    "read_column",
    "sql_type",
    "standing",
]
