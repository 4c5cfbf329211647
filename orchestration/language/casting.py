"""Which casts there are, and what each of them means on every engine.

A cast that cannot be is null, never an error of the engine, and never the engine's own idea of a number or a date.

- text to integer: an optional sign and digits. A point or an exponent makes it null: nothing is rounded.
- text to decimal: as for integer, with an optional point (`12`, `-0.5`, `.5`, `5.`). More places than the type has are
  rounded half away from zero; no exponent, no thousands separators.
- text to float: as for decimal, with an optional exponent (`1e-3`). No `nan`, no `infinity`; what is too large for a
  double is null, what is too small is zero.
- text to boolean: `true` or `false`, in any case.
- text to date: `YYYY-MM-DD`, a day of the calendar in the years 0001 to 9999.
- text to timestamp: such a date, optionally followed by a `T` or one space and `HH:MM`, seconds and a fraction of a second
  (cut to six places); wall time in the project's zone, or UTC where it ends in `Z`.
- integer and decimal: exact where the places suffice, else rounded half away from zero; null where the digits before the
  point do not fit.
- integer or decimal to float: the nearest double. Float to integer or decimal: through millionths.
- boolean to integer: 1 and 0.
- to text: an integer as plain digits, a decimal with exactly the places of its type, a boolean as `true` or `false`, a
  date as `YYYY-MM-DD`.
- timestamp to date: the date of its wall time in the project's zone. Date to timestamp: its local midnight.

Spaces (U+0020) around a text that is cast are ignored, anything else around it makes the cast null. Every type casts to
itself; a list only to its own type.
"""

from __future__ import annotations

from orchestration.catalog.types import (
    BOOLEAN,
    DATE,
    FLOAT,
    INTEGER,
    NULL,
    TEXT,
    TIMESTAMP,
    Decimal,
    ListOf,
    Type,
    is_number,
)


def castable(source: Type, target: Type) -> str | None:
    """Why a cast is refused, and what to do instead; None where it is allowed."""
    if source == target or source is NULL:
        return None
    if target is NULL or isinstance(source, ListOf) or isinstance(target, ListOf):
        return f"a {source} cannot be cast to {target}"
    if source is TEXT:
        return None
    if target is TEXT:
        return _to_text(source)
    if is_number(source) and is_number(target):
        return None
    if source is BOOLEAN and target is INTEGER:
        return None
    if {source, target} == {DATE, TIMESTAMP}:
        return None
    return f"a {source} cannot be cast to {target}" + _instead(source, target)


def _to_text(source: Type) -> str | None:
    if source is FLOAT:
        return "a float has no one text; cast it to a decimal first"
    if source is TIMESTAMP:
        return "a timestamp has no one text; take parts of it with `extract`, or cast it to a date first"
    return None


def _instead(source: Type, target: Type) -> str:
    if target is BOOLEAN:
        return "; compare it, such as `x <> 0`" if is_number(source) else ""
    if source is BOOLEAN and (target is FLOAT or isinstance(target, Decimal)):
        return "; cast it to integer first"
    if {source, target} & {DATE, TIMESTAMP} and is_number(source if target in (DATE, TIMESTAMP) else target):
        return "; use `extract` or `date_diff`" if source in (DATE, TIMESTAMP) else ""
    return ""
