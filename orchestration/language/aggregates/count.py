"""`count`: how many rows.

Takes nothing and counts rows, or one argument of any type and counts the rows where it is not null. Result: integer; of
nothing 0.
"""

from orchestration.catalog.types import INTEGER
from orchestration.language.aggregates.aggregate import Aggregate

COUNT = Aggregate("count", "how many rows", "optional", lambda _: INTEGER, of_nothing=0)
