"""The types of the language: what a value can be, whatever the engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Simple(Enum):
    """Types without parameters. `INTEGER` is 64-bit, `TIMESTAMP` is UTC to the microsecond without a zone."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    NULL = "null"  # the type of the literal null, which fits every other

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Decimal:
    """An exact number of at most `precision` digits, `scale` of them after the point."""

    precision: int = 18
    scale: int = 4

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values of one simple type."""

    of: Simple | Decimal

    def __str__(self) -> str:
        return f"list of {self.of}"


Type: TypeAlias = Simple | Decimal | ListOf

TEXT, INTEGER, FLOAT, BOOLEAN = Simple.TEXT, Simple.INTEGER, Simple.FLOAT, Simple.BOOLEAN
DATE, TIMESTAMP, NULL = Simple.DATE, Simple.TIMESTAMP, Simple.NULL


def is_exact(kind: Type) -> bool:
    """Whether values of the type are exact numbers."""
    return kind is INTEGER or isinstance(kind, Decimal)


def is_number(kind: Type) -> bool:
    """Whether values of the type are numbers."""
    return kind is FLOAT or is_exact(kind)
