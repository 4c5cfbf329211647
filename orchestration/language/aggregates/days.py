"""`days`: on how many calendar days of the project's zone there is a row.

Takes nothing and goes by the stream's time, or one date. Result: integer; of nothing 0.
"""

from orchestration.catalog.types import DATE, INTEGER, Type
from orchestration.language.aggregates.aggregate import Aggregate


def _result(argument: Type | None) -> Type | str:
    return INTEGER if argument in (None, DATE) else f"`days` takes a date, not {argument}"


DAYS = Aggregate("days", "on how many calendar days", "optional", _result, of_nothing=0)
