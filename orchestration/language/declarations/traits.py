"""`traits`: one value per entity, and `predicates`: named conditions.

A trait aggregates rows of a stream (`from: usage.report_exported`) or children (`from: user`), with `where`, `within` and an
`aggregate` such as `count` or `max(occurred_at)`; or it is an `expression` over attributes and other traits; or `bands`
cuts a number into 1, 2, … at the given edges (an edge belongs to the upper band); or `quantile`, `rank` or `percentile` compares a
value with those of all others.
"""

from __future__ import annotations

import re
from decimal import Decimal as Number

from orchestration.catalog.types import DATE, INTEGER, TIMESTAMP, Decimal, is_number
from orchestration.diagnostics import nearest
from orchestration.language import aggregates, numbers
from orchestration.language.conditions.condition_kind import CONDITION, WINDOW
from orchestration.language.conditions.did import Rows, day_of, read_rows
from orchestration.language.conditions.has import child_source
from orchestration.language.declarations import peers
from orchestration.language.declarations.entities import NAME
from orchestration.language.expression import EVER, Call, ChildSource, Expression, Literal, Measure, MeasureRef
from orchestration.language.model import Condition
from orchestration.language.predicates import compare, expression
from orchestration.language.reader import Reader, Schema
from orchestration.language.scope import Scope
from orchestration.language.wording import aggregated, number, plural, text_in_words
from orchestration.spec.nodes import Node, Scalar

BANDS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["of", "at"],
    "properties": {"of": {"type": "string"}, "at": {"type": "array", "items": {"type": "number"}, "minItems": 1}},
}
LOCAL: Schema = {
    "type": "object",
    "description": "one value per entity",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": NAME,
        "description": {"type": "string"},
        "from": {"type": "string", "description": "a stream, `stream.event`, or an entity that belongs to this one"},
        "where": CONDITION,
        "aggregate": {"type": "string", "examples": ["count", "sum(amount)", "max(occurred_at)"]},
        "within": WINDOW,
        "via": {"type": "string"},
        "expression": {"type": "string", "examples": ["exports / nullif(sessions, 0)"]},
        "bands": BANDS,
        **peers.SCHEMAS,
    },
}
SCHEMA: Schema = {
    **LOCAL,
    "required": ["name", "entity"],
    "properties": {**LOCAL["properties"], "entity": {"type": "string", "description": "whose trait it is"}},
}
PREDICATE_SCHEMA: Schema = {
    "type": "object",
    "description": "a named condition",
    "additionalProperties": False,
    "required": ["name", "entity", "where"],
    "properties": {"name": NAME, "entity": {"type": "string"}, "where": CONDITION, "description": {"type": "string"}},
}
FORMS = ("from", "expression", "bands", *peers.SCHEMAS)
_AGGREGATE = re.compile(r"\s*(?P<name>[a-z_]+)\s*(?:\((?P<argument>.*)\))?\s*", re.DOTALL)


def read_trait(reader: Reader, scope: Scope) -> tuple[Expression, str] | None:
    """The trait's value and how it reads; None where the report says why."""
    forms = [key for key in FORMS if reader.has(key)]
    if len(forms) != 1:
        reader.error(
            "missing-key",
            "a trait needs one of " + ", ".join(f"`{form}`" for form in FORMS),
            reader.node.span,
            "from and aggregate, or an expression",
        )
        return None
    if forms[0] == "expression":
        text = reader.scalar("expression", "an expression")
        value = None if text is None else expression(text, scope)
        return None if text is None or value is None else (as_trait(value), text_in_words(text.text))
    if forms[0] in peers.SCHEMAS:
        return peers.read_peers(reader, forms[0], scope)
    return _aggregated(reader, scope) if forms[0] == "from" else _bands(reader, scope)


def as_trait(value: Expression) -> Expression:
    """The value as a trait holds it: exact numbers with at most nine places."""
    kind = value.type
    if isinstance(kind, Decimal) and kind.scale > numbers.PLACES:
        places = numbers.PLACES
        return Call("round", (value, Literal(places, INTEGER)), numbers.round_type(value, places))
    return value


def _aggregated(reader: Reader, scope: Scope) -> tuple[Expression, str] | None:
    text = reader.scalar("aggregate", "an aggregate")
    source = reader.scalar("from", "a stream or an entity")
    if text is None or source is None:
        if text is None and not reader.broken:
            reader.error(
                "missing-key", "a trait with `from` but without `aggregate`", reader.node.span, "aggregate: count"
            )
        return None
    match = _AGGREGATE.fullmatch(text.text)
    if match is None or match["name"] not in aggregates.BY_NAME:
        hint = nearest(match["name"] if match else "", aggregates.BY_NAME) or "aggregates: " + ", ".join(
            aggregates.BY_NAME
        )
        reader.error("unknown-aggregate", f"`{text.text[:60]}` is not an aggregate", text.span, hint)
        return None
    argument = Scalar(match["argument"], text.plain, text.span, text.source) if match["argument"] is not None else None
    if scope.is_entity(source.text):
        return _over_children(reader, scope, match["name"], argument)
    rows = read_rows(reader, "from", scope)
    if rows is None:
        return None
    return _over_rows(reader, rows, match["name"], argument, text)


def _over_rows(
    reader: Reader, rows: Rows, name: str, argument: Scalar | None, text: Scalar
) -> tuple[Expression, str] | None:
    value = None
    if argument is not None and argument.text.strip():
        value = expression(argument, rows.row)
        if value is None:
            return None
    if name == "days":
        if value is not None:
            reader.error(
                "wrong-arguments", "`days` takes no argument", text.span, "it counts the stream's calendar days"
            )
            return None
        value = day_of(rows.stream)
    measure = rows.measure(name, value)
    if isinstance(measure, str):
        reader.error("bad-type", measure, text.span, "for example sum(amount)")
        return None
    source = rows.said(rows.window.words)
    words = aggregated(name, _text(argument), source, in_time=measure.type in (DATE, TIMESTAMP))
    return rows.window.known(measure), words


def _over_children(reader: Reader, scope: Scope, name: str, argument: Scalar | None) -> tuple[Expression, str] | None:
    if reader.has("within"):
        reader.error("bad-window", "children have no window", reader.span("within"), "put it into their `where`")
        return None
    found = child_source(reader, "from", scope)
    node = reader.get("where")
    if found is None:
        return None
    child, source = found
    where: Condition | None = child.condition(node) if node is not None else None
    if node is not None and where is None:
        return None
    return _measure_children(reader, child, source, where, name, argument)


def _measure_children(
    reader: Reader, child: Scope, source: ChildSource, where: Condition | None, name: str, argument: Scalar | None
) -> tuple[Expression, str] | None:
    value = expression(argument, child) if argument is not None and argument.text.strip() else None
    if argument is not None and argument.text.strip() and value is None:
        return None
    aggregate = aggregates.BY_NAME[name]
    if aggregate.by_time or name == "days":
        reader.error(
            "bad-type",
            f"`{name}` goes by the time of a stream's rows; children have none",
            reader.span("aggregate"),
            "use min, max or a trait of the child",
        )
        return None
    kind = aggregates.aggregate_type(name, None if value is None else value.type)
    if isinstance(kind, str):
        reader.error("bad-type", kind, reader.span("aggregate"), "for example sum(amount)")
        return None
    measure = Measure(source, name, value, where.expression if where else None, EVER, kind)
    those = f"its {plural(child.entity.name)}" + (f" where {where.words.inline}" if where else "")
    return MeasureRef(measure), aggregated(name, _text(argument), those, in_time=kind in (DATE, TIMESTAMP))


def _text(argument: Scalar | None) -> str:
    return "" if argument is None else argument.text.strip()


def _bands(reader: Reader, scope: Scope) -> tuple[Expression, str] | None:
    node = reader.get("bands")
    assert node is not None
    inner = Reader.of(node, BANDS, reader.report, "`bands`")
    text = None if inner is None else inner.scalar("of", "a number")
    value = None if text is None else expression(text, scope)
    if inner is None or text is None or value is None or inner.broken:
        return None
    if not is_number(value.type):
        inner.error("bad-type", f"bands of a {value.type}", text.span, "they cut numbers")
        return None
    edges = [e for e in (_edge(inner, item) for item in inner.items("at")) if e is not None]
    ordered = [Number(str(e.value)) for e in edges]
    if len(edges) != len(inner.items("at")):
        return None
    if not ordered or ordered != sorted(set(ordered)):
        inner.error("bad-value", "the edges of `bands` do not rise", inner.span("at"), "write them in order, each once")
        return None
    arguments: list[Expression] = [Call("is_null", (value,)), Literal(None, INTEGER)]
    for band, edge in enumerate(edges, 1):
        arguments += [compare("lt", value, edge), Literal(band, INTEGER)]
    arguments.append(Literal(len(edges) + 1, INTEGER))
    return Call("case", tuple(arguments), INTEGER), _bands_in_words(text, edges)


def _bands_in_words(text: Scalar, edges: list[Literal]) -> str:
    said = [f"{band} from {number(str(edge.value))} on" for band, edge in enumerate(edges, 2)]
    return f"{text_in_words(text.text)} in bands: 1 below {number(str(edges[0].value))}, {', '.join(said)}"


def _edge(reader: Reader, node: Node) -> Literal | None:
    if isinstance(node, Scalar) and re.fullmatch(r"-?\d{1,19}(\.\d{1,9})?", node.text):
        found = numbers.decimal_literal(node.text)
        if found is not None:
            return found
    reader.error("bad-value", "an edge of `bands` is not a number", node.span, "for example 50")
    return None
