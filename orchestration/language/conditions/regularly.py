"""`regularly`: something happened in enough of the latest periods.

`regularly: usage.session_started` with `periods: {at_least: 3, of: 4 weeks}` counts the rolling periods
`[as_of − k weeks, as_of − (k − 1) weeks)`, for k from 1 to 4, in which a matching row lies. With `calendar: true` the periods are
the whole calendar ones before the one that holds as_of.
"""

from __future__ import annotations

import re

from orchestration.catalog.types import INTEGER
from orchestration.language import steps
from orchestration.language.conditions.bounds import PROPERTIES, read_bounds
from orchestration.language.conditions.condition_kind import PREDICATE, ConditionKind, shape
from orchestration.language.conditions.did import STREAM, VIA, at_least_one, read_rows
from orchestration.language.expression import AS_OF, Call, Edge, Expression, Literal, Window
from orchestration.language.model import Condition, Words
from orchestration.language.reader import Reader, Schema
from orchestration.language.scope import Scope
from orchestration.language.windows import PERIODS

MOST = 60
_PERIODS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["of"],
    "properties": {**PROPERTIES, "of": {"type": "string", "examples": ["4 weeks"]}, "calendar": {"type": "boolean"}},
}
_OF = re.compile(r"(\d{1,3}) (hour|day|week|month|quarter|year)s?")


def _regularly(reader: Reader, scope: Scope) -> Condition | None:
    rows = read_rows(reader, "regularly", scope)
    node = reader.get("periods")
    inner = None if node is None else Reader.of(node, _PERIODS, reader.report, "`periods`")
    text = None if inner is None else inner.scalar("of", "a number of periods")
    if rows is None or node is None or inner is None or text is None:
        return None
    match = _OF.fullmatch(" ".join(text.text.split()))
    if match is None or not 1 <= int(match[1]) <= MOST:
        inner.error(
            "bad-window",
            f"`{text.text[:60]}` is not a number of periods",
            text.span,
            f"for example 4 weeks; at most {MOST}",
        )
        reader.broken = True
        return None
    number, unit, calendar = int(match[1]), match[2], inner.boolean("calendar")
    if calendar and unit not in PERIODS:
        inner.error("bad-window", f"`{unit}` is not a calendar period", text.span, "periods: " + ", ".join(PERIODS))
        reader.broken = True
        return None
    total: Expression = Literal(0, INTEGER)
    for back in range(1, number + 1):
        window = Window(_edge(unit, back, calendar), _edge(unit, back - 1, calendar))
        active = at_least_one(rows.over(window).count())
        one = Call("case", (active, Literal(1, INTEGER), Literal(0, INTEGER)), INTEGER)
        total = one if back == 1 else Call("add", (total, one), INTEGER)
    found = read_bounds(node, total, scope.report, "periods", None, extra={"of": {}, "calendar": {}})
    if found is None or inner.broken:
        return None
    kind = "calendar " if calendar else ""
    return Condition(found[0], Words(rows.said(f"in {found[1]} of the last {number} {kind}{unit}s")))


def _edge(unit: str, back: int, calendar: bool) -> Edge:
    if back == 0:
        return Edge(unit) if calendar else AS_OF
    amount, canonical = steps.canonical_step(back, unit)
    return Edge(unit if calendar else "", ((-amount, canonical),))


KINDS = (
    ConditionKind(
        "regularly",
        shape(
            "something happened in enough of the latest periods",
            {"regularly": STREAM, "where": PREDICATE, "via": VIA, "periods": _PERIODS},
            "regularly",
            "periods",
        ),
        _regularly,
    ),
)
