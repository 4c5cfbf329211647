"""Random conditions: each form of the language by a generator of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from orchestration.language.conditions import BY_KEYWORD
from tests.random_specs import expressions, spans
from tests.random_specs.layout import StreamTable
from tests.random_specs.vocabulary import options
from tests.random_specs.writer import Definition, Names, Writer
from tests.random_specs.yaml_writer import Yaml

Form: TypeAlias = Callable[[Writer, str, int], dict[str, Yaml]]
RARELY, SOMETIMES, OFTEN = 12, 35, 65


def condition(w: Writer, entity: str, depth: int) -> Yaml:
    """A condition on an entity; `depth` bounds the nesting."""
    if depth <= 0 or (w.tape.chance(SOMETIMES) and not w.wanted(f"condition:{k}" for k in BY_KEYWORD)):
        return predicate(w, entity)
    return form(w, entity, depth, w.choose("condition", ["did", *[k for k in BY_KEYWORD if possible(w, entity, k)]]))


def possible(w: Writer, entity: str, keyword: str) -> bool:
    """Whether the form can stand on the entity."""
    return keyword in BY_KEYWORD and (keyword != "has" or bool(w.layout.descendants(entity)))


def form(w: Writer, entity: str, depth: int, keyword: str) -> Yaml:
    """A condition of a form, noted as used."""
    w.use(f"condition:{keyword}")
    return FORMS[keyword](w, entity, depth)


def predicate(w: Writer, entity: str, construct: str = "") -> str:
    """A predicate as a condition, with a construct in it where one is given."""
    w.use("condition:predicate")
    return expressions.predicate(w, w.names(entity), w.tape.between(1, 2), construct)


# the rows that forms look at


def source(w: Writer) -> tuple[str, StreamTable]:
    """`usage.opened` or `usage`, and the stream."""
    streams = list(w.layout.streams.values())
    wanted = [s for s in streams if w.wanted(constructs_of(s)) or (s.event and "stream:event" in w.wants)]
    stream = w.tape.pick(wanted or streams)
    w.use(*constructs_of(stream))
    if not stream.event:
        return stream.name, stream
    if "stream:event" not in w.wants and ("stream:all events" in w.wants or w.tape.chance(SOMETIMES)):
        w.use("stream:all events")
        return stream.name, stream
    w.use("stream:event")
    return f"{stream.name}.{w.tape.pick(list(stream.events))}", stream


def constructs_of(stream: StreamTable) -> list[str]:
    """What is used by naming the stream."""
    found = [f"stream:{'date' if stream.columns[stream.at] == 'date' else 'timestamp'}"]
    flags = {"id": stream.id, "open_events": stream.open_events, "future": stream.future}
    return found + [f"stream:{flag}" for flag, there in flags.items() if there]


def via(w: Writer, construct: str, start: str, entity: str) -> dict[str, Yaml]:
    """The way up where one is to be named: it must be where two are equally short, and may be elsewhere."""
    between, must = w.layout.between(start, entity)
    if not between or not (must or w.optional(construct, SOMETIMES)):
        return {}
    w.use(construct)
    return {"via": w.tape.pick(between)}


def rows(w: Writer, keyword: str, entity: str) -> tuple[dict[str, Yaml], StreamTable]:
    """The part that forms over a stream share."""
    name, stream = source(w)
    found: dict[str, Yaml] = {keyword: name}
    allowed = options(BY_KEYWORD[keyword].schema)
    found |= via(w, f"condition:{keyword}.via", stream.name, entity)
    if w.optional(f"condition:{keyword}.where", SOMETIMES):
        found["where"] = expressions.predicate(w, w.row(stream.name), w.tape.between(0, 1))
    if "within" in allowed and w.optional(f"condition:{keyword}.within", OFTEN):
        found["within"] = spans.window(w, entity, ahead=stream.future)
    return found, stream


def _did(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    found, stream = rows(w, "did", entity)
    if w.optional("condition:did.times", OFTEN):
        found["times"] = spans.bounds(w, spans.COUNTS)
    if w.optional("condition:did.days", RARELY):
        found["days"] = spans.bounds(w, spans.COUNTS)
    names = w.row(stream.name)
    for key in ("total", "average", "smallest", "largest", "distinct"):
        if w.optional(f"condition:did.{key}", RARELY):
            bound: Yaml = {}
            while not isinstance(bound, Mapping) or not bound:  # here a number alone is no bound
                bound = spans.bounds(w, spans.COUNTS if key == "distinct" else spans.AMOUNTS_OF_MONEY)
            found[key] = {"of": _measured(w, names, key), **bound}
    return found


def _measured(w: Writer, names: Names, key: str) -> str:
    """A column of the stream, or something of it."""
    if key == "distinct":
        single = [name for name in names.all if not name.kind.startswith("list of ")]
        return w.refer(w.tape.pick(single))
    return (
        expressions.value(w, names, "number", 1) if w.tape.chance(RARELY) else w.refer(w.tape.pick(names.of("number")))
    )


def _did_not(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    return rows(w, "did_not", entity)[0]


def _first_did(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    return rows(w, "first_did", entity)[0]


def _regularly(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    found, _ = rows(w, "regularly", entity)
    calendar = w.optional("condition:regularly.calendar", SOMETIMES)
    bound = spans.bounds(w, ("1", "2", "3", "0"))
    periods: dict[str, Yaml] = {"of": w.tape.pick(w.spans.several[:2] if calendar else w.spans.several)}
    periods |= bound if isinstance(bound, Mapping) else {"at_least": bound}
    return found | {"periods": periods | ({"calendar": True} if calendar else {})}


def _stopped(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    found, _ = rows(w, "stopped", entity)
    quiet, active = w.spans.growing
    return found | {"for": quiet, "after_active_within": active}


def _restarted(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    return rows(w, "restarted", entity)[0] | {"gap": spans.length(w)}


def _sequence(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    """Positive steps with absences before, between and after them."""
    stream = source(w)[1]
    steps: list[Yaml] = []
    for number in range(w.tape.between(2, 3)):
        if w.optional("condition:sequence.step.did_not", SOMETIMES if number else RARELY):
            steps.append(_step(w, entity, stream, "did_not", bool(number)))
        steps.append(_step(w, entity, stream, "did", bool(number)))
    if w.tape.chance(SOMETIMES):
        last = _step(w, entity, stream, "did_not", True)
        steps.append(last | ({"within": spans.length(w)} if w.optional("condition:sequence.step.within", 50) else {}))
    found: dict[str, Yaml] = {"sequence": steps}
    if w.optional("condition:sequence.span", SOMETIMES):
        found["span"] = spans.length(w)
    if w.optional("condition:sequence.within", SOMETIMES):
        found["within"] = spans.window(w, entity)
    return found


def _step(w: Writer, entity: str, stream: StreamTable, keyword: str, later: bool) -> dict[str, Yaml]:
    """A step; `later` is one after the first positive one, the only ones with a `within` of their own or `same`."""
    w.use(f"condition:sequence.step.{keyword}")
    found: dict[str, Yaml] = {
        keyword: f"{stream.name}.{w.tape.pick(list(stream.events))}" if stream.event else stream.name
    }
    found |= via(w, "condition:sequence.step.via", stream.name, entity)
    if w.optional("condition:sequence.step.where", RARELY):
        found["where"] = expressions.predicate(w, w.row(stream.name), 0)
    if later and keyword == "did" and w.optional("condition:sequence.step.within", SOMETIMES):
        found["within"] = spans.length(w)
    if later and w.optional("condition:sequence.step.same", RARELY):
        found["same"] = [
            w.tape.pick([c for c, kind in stream.columns.items() if c not in (stream.id, stream.at, stream.event)])
        ]
    return found


# the entity itself, its children, its segments


def _has(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    child = w.tape.pick(w.layout.descendants(entity))
    if "condition:has.via" in w.wants:
        child = next((c for c in w.layout.descendants(entity) if w.layout.between(c, entity)[0]), child)
    found: dict[str, Yaml] = {"has": child, **via(w, "condition:has.via", child, entity)}
    if w.optional("condition:has.where", OFTEN):
        found["where"] = condition(w, child, depth - 1)
    if w.optional("condition:has.count", SOMETIMES):
        found["count"] = spans.bounds(w, spans.COUNTS)
    if w.optional("condition:has.share", SOMETIMES):
        found["share"] = spans.bounds(w, spans.SHARES)
    return found


def member(w: Writer, keyword: str, entity: str, segment: Definition, tier: str = "") -> dict[str, Yaml]:
    """Membership of a segment of the entity or of what it belongs to."""
    w.reads.add(segment.id)
    w.use(
        "reads:segment",
        *(["reads:parent segment"] if segment.entity != entity else []),
        *(["reads:tier"] if tier else []),
    )
    return {keyword: f"{segment.name}.{tier}" if tier else segment.name}


def _member(keyword: str) -> Form:
    def build(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
        found = [d for e in (entity, *w.layout.ancestors(entity)) for d in w.listed("segments", e)]
        if "reads:parent segment" in w.wants:
            found = [d for d in found if d.entity != entity] or found
        if "reads:tier" in w.wants:
            found = [d for d in found if d.tiers] or found
        segment = w.tape.pick(found) if found else simple_segment(w, entity)
        wants_tier = segment.tiers and ("reads:tier" in w.wants or w.tape.chance(50))
        return member(w, keyword, entity, segment, w.tape.pick(segment.tiers) if wants_tier else "")

    return build


def simple_segment(w: Writer, entity: str, write: Callable[[], Yaml] | None = None) -> Definition:
    """A segment of a condition that is written for it, or of a predicate."""
    name = w.new_name("s")
    with w.definition(Definition("segments", name, entity, {})) as found:
        w.use("segment:where", *w.layout.entities[entity].constructs)
        found.node = {"name": name, "entity": entity, "where": write() if write else predicate(w, entity)}
    return found


def _date(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    text, kind = _moment(w, entity)
    return {"date": text, "within": spans.window(w, entity, ahead=True, days_only=kind == "date")}


def _anniversary(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    w.use("window:next")
    return {"anniversary": _moment(w, entity)[0], "within": {"next": spans.length(w, days_only=True)}}


def _moment(w: Writer, entity: str) -> tuple[str, str]:
    """A date or a time of the entity, and which."""
    names = w.names(entity)
    wanted = [n for n in names.all if w.wanted(n.constructs)]
    kinds = [kind for kind in ("timestamp", "date") if any(n.kind == kind for n in wanted)]
    kind = w.tape.pick(kinds or [k for k in ("date", "timestamp") if names.of(k)])
    return expressions.value(w, names, kind, 1) if w.tape.chance(RARELY) else expressions.leaf(w, names, kind), kind


# conditions of conditions


def _of_several(keyword: str) -> Form:
    def build(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
        return {keyword: [condition(w, entity, depth - 1) for _ in range(w.tape.between(1, 3))]}

    return build


def _not(w: Writer, entity: str, depth: int) -> dict[str, Yaml]:
    return {"not": condition(w, entity, depth - 1)}


FORMS: Mapping[str, Form] = {
    **{keyword: _of_several(keyword) for keyword in ("all", "any", "none")},
    "not": _not,
    "did": _did,
    "did_not": _did_not,
    "first_did": _first_did,
    "regularly": _regularly,
    "stopped": _stopped,
    "restarted": _restarted,
    "sequence": _sequence,
    "has": _has,
    "in": _member("in"),
    "not_in": _member("not_in"),
    "date": _date,
    "anniversary": _anniversary,
}
