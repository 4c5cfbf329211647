"""The aggregates of the language: one module each, its docstring being its page in the reference."""

from orchestration.catalog.types import Type
from orchestration.language.aggregates.aggregate import Aggregate
from orchestration.language.aggregates.average import AVERAGE
from orchestration.language.aggregates.collection import LIST
from orchestration.language.aggregates.count import COUNT
from orchestration.language.aggregates.count_distinct import COUNT_DISTINCT
from orchestration.language.aggregates.days import DAYS
from orchestration.language.aggregates.deviation import STDDEV
from orchestration.language.aggregates.ends import FIRST, LAST
from orchestration.language.aggregates.extremes import MAX, MIN
from orchestration.language.aggregates.frequent import LEAST_FREQUENT, MOST_FREQUENT
from orchestration.language.aggregates.median import MEDIAN
from orchestration.language.aggregates.sum import SUM

AGGREGATES: tuple[Aggregate, ...] = (
    COUNT,
    COUNT_DISTINCT,
    DAYS,
    SUM,
    AVERAGE,
    MIN,
    MAX,
    FIRST,
    LAST,
    MOST_FREQUENT,
    LEAST_FREQUENT,
    MEDIAN,
    STDDEV,
    LIST,
)
BY_NAME = {aggregate.name: aggregate for aggregate in AGGREGATES}


def aggregate_type(name: str, argument: Type | None) -> Type | str:
    """The type of an aggregate of an argument of that type (None: without one), or a message where it does not fit."""
    return BY_NAME[name].result(argument)


__all__ = ["AGGREGATES", "BY_NAME", "Aggregate", "aggregate_type"]
