"""`date` and `anniversary`: a date of the entity in a window.

`date: renewal_date` with `within: {next: 60 days}` is true where the date lies in the window. A date goes by days, with
`today` for as_of, at any hour: `today <= d < today + 60 days`. A timestamp goes by instants. `anniversary: signed_up_at` takes
the next yearly return that is not before today; 29 February returns on the 28th in other years. Unknown where the date is
null.
"""

from __future__ import annotations

from orchestration.catalog.types import DATE, TIMESTAMP, Type
from orchestration.language.conditions.condition_kind import WINDOW, ConditionKind, shape
from orchestration.language.expression import AS_OF, Call, Edge, Expression, InstantRef, Window, conjunction
from orchestration.language.model import Condition, Words
from orchestration.language.predicates import expression
from orchestration.language.reader import Reader
from orchestration.language.scope import Scope
from orchestration.language.windows import TimeSpan, read_window
from orchestration.language.wording import text_in_words

_EXPRESSION = {"type": "string", "description": "a date or timestamp of the entity", "examples": ["renewal_date"]}


def _value(reader: Reader, scope: Scope, key: str) -> tuple[Expression, str] | None:
    text = reader.scalar(key, "a date of the entity")
    found = None if text is None else expression(text, scope)
    if text is None or found is None:
        return None
    if found.type not in (DATE, TIMESTAMP):
        reader.error(
            "bad-type", f"`{text.text}` is a {found.type}, not a date", text.span, "name a date or a timestamp"
        )
        return None
    return found, text_in_words(text.text)


def _window(reader: Reader, scope: Scope) -> TimeSpan | None:
    node = reader.get("within")
    return None if node is None else read_window(node, scope)


def by_days(edge: Edge) -> InstantRef:
    """An edge of a window over dates: as_of's date takes the place of as_of."""
    floor = edge.floor or ("" if edge.fixed else "day")
    return InstantRef(Edge(floor, edge.steps, edge.fixed), DATE)


def edge_at(edge: Edge, kind: Type) -> InstantRef:
    """An edge to compare the time of a row with: where that is a date, the first whose midnight is not before the edge."""
    return InstantRef(edge, DATE if kind is DATE else TIMESTAMP)


def _within(value: Expression, span: TimeSpan) -> Expression:
    if span.anchor is None:
        return _between(value, span.window)
    kind = value.type
    start, end = span.anchor.edges(kind)
    now = by_days(AS_OF) if kind is DATE else InstantRef(AS_OF)
    inside = conjunction((Call("ge", (value, start)), Call("lt", (value, end)), Call("lt", (value, now))))
    return span.anchor.known(inside, kind)


def _between(value: Expression, window: Window) -> Expression:
    end = window.end or AS_OF
    edges = [("ge", window.start), ("lt", end)]
    parts = [
        Call(operation, (value, by_days(edge) if value.type is DATE else InstantRef(edge)))
        for operation, edge in edges
        if edge is not None
    ]
    return conjunction(tuple(parts))


def _date(reader: Reader, scope: Scope) -> Condition | None:
    value, window = _value(reader, scope, "date"), _window(reader, scope)
    if value is None or window is None or reader.broken:
        return None
    if value[0].type is DATE and window.anchor is not None and window.anchor.length[1] == "minute":
        reader.error(
            "bad-window", "a date goes by days, the window by hours", reader.span("within"), "write it in days"
        )
        return None
    return Condition(_within(value[0], window), Words(f"{value[1]} lies {window.words}"))


def _anniversary(reader: Reader, scope: Scope) -> Condition | None:
    value, window = _value(reader, scope, "anniversary"), _window(reader, scope)
    if value is None or window is None or reader.broken:
        return None
    if not window.ahead:
        reader.error(
            "bad-window",
            "an anniversary is looked for ahead of as_of",
            reader.span("within"),
            "write `within: {next: 7 days}`",
        )
        return None
    day = value[0] if value[0].type is DATE else Call("local_date", (value[0],), DATE)
    returns = Call("next_anniversary", (day,), DATE)
    return Condition(_within(returns, window), Words(f"the anniversary of {value[1]} lies {window.words}"))


KINDS = (
    ConditionKind(
        "date", shape("a date in a window", {"date": _EXPRESSION, "within": WINDOW}, "date", "within"), _date
    ),
    ConditionKind(
        "anniversary",
        shape("a yearly return in a window", {"anniversary": _EXPRESSION, "within": WINDOW}, "anniversary", "within"),
        _anniversary,
    ),
)
