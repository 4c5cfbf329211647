"""Traits over a population: `quantile`, `rank` and `percentile`.

The population are the entities that exist at as_of; `per` makes groups of it, a null being a group of its own. `rank` is 1
plus the number of those strictly better: equal values share a rank. `quantile` with `buckets: 5` is
`1 + (5 × those strictly below) // those with a value`: equal values share a quantile. `order` is `asc`, the smallest first,
unless it is `desc`. Who has no value has neither. `percentile` with `at: 0.5` is one value for the whole group, also for who
has none: linear between the two nearest of the sorted values, rounded once to nine places; floats are taken as millionths.
"""

from __future__ import annotations

from decimal import Decimal as Number

from orchestration.catalog.types import INTEGER, NULL, ListOf, is_number
from orchestration.language.expression import Expression, Peers
from orchestration.language.numbers import QUOTIENT
from orchestration.language.predicates import expression
from orchestration.language.reader import Reader, Schema
from orchestration.language.scope import Scope
from orchestration.spec.nodes import Scalar, Sequence

MOST_BUCKETS = 1000
_OF: Schema = {"type": "string", "description": "what is compared: an attribute, a trait or an expression"}
_PER: Schema = {
    "description": "within groups of the same",
    "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
}
_ORDER: Schema = {"enum": ["asc", "desc"], "description": "which end comes first"}


def _schema(description: str, required: tuple[str, ...], **more: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "required": ["of", *required],
        "properties": {"of": _OF, "per": _PER, **more},
    }


SCHEMAS: Schema = {
    "quantile": _schema(
        "in which of so many parts of equal size", ("buckets",), buckets={"type": "integer", "minimum": 2}, order=_ORDER
    ),
    "rank": _schema("1 and how many are better", (), order=_ORDER),
    "percentile": _schema(
        "the value at a share of the way from the smallest to the largest",
        ("at",),
        at={"type": "number", "minimum": 0, "maximum": 1},
    ),
}


def read_peers(reader: Reader, rule: str, scope: Scope) -> tuple[Expression, str] | None:
    """The trait's value and how it reads; None where the report says why."""
    node = reader.get(rule)
    assert node is not None
    inner = Reader.of(node, SCHEMAS[rule], reader.report, f"`{rule}`")
    text = None if inner is None else inner.scalar("of", "what is compared")
    value = None if text is None else expression(text, scope)
    if inner is None or text is None or value is None:
        return None
    if rule == "percentile" and not is_number(value.type):
        inner.error("bad-type", f"a percentile of a {value.type}", text.span, "it lies between numbers")
    elif isinstance(value.type, ListOf) or value.type is NULL:
        inner.error("bad-type", f"a {rule} of a {value.type}", text.span, "it takes a single value that has an order")
    per = _per(inner, scope)
    number = _number(inner, rule)
    descending = rule != "percentile" and inner.choice("order", "asc") == "desc"
    if per is None or inner.broken or (number is None and rule != "rank"):
        return None
    kind = QUOTIENT if rule == "percentile" else INTEGER
    found = Peers(rule, value, tuple(e for e, _ in per), descending, number, kind)
    return found, _words(found, text.text, [words for _, words in per])


def _per(reader: Reader, scope: Scope) -> list[tuple[Expression, str]] | None:
    """What makes the groups; empty where there are none."""
    node = reader.get("per")
    if node is None:
        return []
    texts = reader.items("per") if isinstance(node, Sequence) else (node,)
    found: list[tuple[Expression, str]] = []
    for text in texts:
        if not isinstance(text, Scalar) or text.is_null:
            reader.error("bad-value", "`per` takes names", text.span, "per: industry")
            return None
        value = expression(text, scope)
        if value is None:
            return None
        if isinstance(value.type, ListOf) or value.type is NULL:
            reader.error("bad-type", f"groups by a {value.type}", text.span, "group by single values")
            return None
        found.append((value, text.text))
    return found if texts else None


def _number(reader: Reader, rule: str) -> Number | None:
    """How many parts, or at which share."""
    if rule == "quantile":
        buckets = reader.integer("buckets")
        if buckets is not None and not 2 <= buckets <= MOST_BUCKETS:
            reader.error("bad-value", f"a quantile of {buckets} buckets", reader.span("buckets"), f"from 2 to {MOST_BUCKETS}")
        return None if buckets is None else Number(buckets)
    if rule == "percentile":
        written = reader.number("at")
        if written is None:
            return None
        at = Number(written)
        if at > 1 or at != round(at, 4):
            reader.error("bad-value", f"`{written}` is no share", reader.span("at"), "from 0 to 1, with four places at most")
        return at
    return None


def _words(peers: Peers, of: str, per: list[str]) -> str:
    group = f" among those with the same {' and '.join(per)}" if per else ""
    first = "the largest first" if peers.descending else "the smallest first"
    match peers.rule:
        case "quantile":
            return f"in which of {peers.number} parts of equal size, by {of}, {first}{group}"
        case "rank":
            return f"the rank by {of}, {first}{group}"
    return f"the value of {of} at {peers.number} of the way from the smallest to the largest{group}"
