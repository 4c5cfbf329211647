"""Random predicates and expressions: each operator, function, cast and literal of the language by a producer of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.language.functions import DATE_PARTS, DATE_UNITS, PARTS, TRUNC_UNITS
from tests.random_specs import values
from tests.random_specs.writer import NUMBERS, Build, Name, Names, Writer

SINGLE = ("number", "text", "date", "timestamp")
ANY = (*SINGLE, "boolean")


@dataclass(frozen=True, slots=True)
class Producer:
    """Writes an expression with a construct at its top, of one of the types `results`."""

    construct: str
    results: tuple[str, ...]
    build: Build
    possible: Callable[[Names], bool] = lambda names: True


def value(w: Writer, names: Names, kind: str, depth: int) -> str:
    """An expression of a type (`number`: any number)."""
    producers = BY_RESULT.get(kind, [])
    wanted = [p for p in producers if p.construct in w.wants and p.possible(names)]
    if wanted:
        return write(w, names, wanted[0], kind, depth)
    if depth <= 0 or not producers or w.tape.chance(40) or _leaf_is_wanted(w, names, kind):
        return leaf(w, names, kind)
    return write(w, names, w.tape.pick([p for p in producers if p.possible(names)]), kind, depth)


def write(w: Writer, names: Names, producer: Producer, kind: str, depth: int) -> str:
    """What a producer writes, noted as used."""
    w.use(producer.construct)
    return producer.build(w, names, kind, max(depth, 1) - 1)


def _leaf_is_wanted(w: Writer, names: Names, kind: str) -> bool:
    return any(w.wanted(name.constructs) for name in names.of(kind)) or w.wanted(_literals(kind)) is not None


def _literals(kind: str) -> list[str]:
    names = {"date": ("date", "today"), "timestamp": ("timestamp", "as_of"), "number": ("number",)}
    return [f"literal:{name}" for name in names.get(kind, (kind,))]


def leaf(w: Writer, names: Names, kind: str) -> str:
    """A name, or a literal."""
    found = names.of(kind)
    wanted = [name for name in found if w.wanted(name.constructs)]
    if wanted:
        return w.refer(w.tape.pick(wanted))
    if found and not w.wanted(_literals(kind)) and not w.tape.chance(25):
        return w.refer(_some_name(w, found))
    return literal(w, kind)


def _some_name(w: Writer, found: list[Name]) -> Name:
    """One of the names; what is defined in the spec as often as a column."""
    defined = [name for name in found if name.reads]
    return w.tape.pick(defined if defined and w.tape.chance(40) else found)


def literal(w: Writer, kind: str) -> str:
    """A literal of a type."""
    match kind:
        case "text":
            w.use("literal:text")
            return text_literal(_text(w))
        case "boolean":
            w.use("literal:boolean")
            return w.tape.pick(["true", "false"])
        case "date" | "timestamp":
            return temporal_literal(w, kind)
    assert kind in NUMBERS, kind
    w.use("literal:number")
    return w.tape.pick(values.NUMBERS)


def temporal_literal(w: Writer, kind: str) -> str:
    """A written date or time, or the one of as_of."""
    now = "today" if kind == "date" else "as_of"
    if w.choose("literal", [now, kind]) == now:
        return now
    return f"{kind} '{w.tape.pick(w.spans.dates if kind == 'date' else w.spans.timestamps)}'"


def _text(w: Writer) -> str:
    return w.tape.pick(values.TEXTS if w.tape.chance(50) else values.TEXTS[: values.COMMON])


def text_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def compared(w: Writer, names: Names, text: str, kind: str) -> str:
    """A condition on an expression: compared with something, or known."""
    if kind == "boolean":
        return text
    if w.tape.chance(12):
        w.use("operator:is_null")
        return f"{text} is not null"
    other = leaf(w, names, kind) if w.tape.chance(25) else literal(w, kind)
    return f"{text} {w.choose('operator', ['>=', '<', '>', '<=', '!=', '='])} {other}"


def predicate(w: Writer, names: Names, depth: int, construct: str = "") -> str:
    """A predicate, with a construct of this module in it where one is given."""
    for producer in PRODUCERS:
        if producer.construct == construct and producer.possible(names):
            kind = w.tape.pick(producer.results)
            return compared(w, names, write(w, names, producer, kind, depth), kind)
    found = [name for name in names.all if construct in name.constructs]
    if found:
        return on_name(w, names, w.tape.pick(found))
    for kind in ANY:
        if construct in _literals(kind):
            return compared(w, names, leaf(w, names, kind), kind)
    if depth <= 0 or w.tape.chance(40):
        return on_name(w, names, _some_name(w, list(names.all)))
    return value(w, names, "boolean", depth)


def on_name(w: Writer, names: Names, name: Name) -> str:
    """A condition on what a name means."""
    if not name.kind.startswith("list of "):
        return compared(w, names, w.refer(name), "number" if name.kind in NUMBERS else name.kind)
    rule = w.tape.pick([p for p in PRODUCERS if p.construct.startswith("function:array_")])
    only = Names((name, *(other for other in names.all if not other.kind.startswith("list of "))))
    kind = rule.results[0]
    return compared(w, names, write(w, only, rule, kind, 1), kind)


# producers


def _call(name: str, *kinds: str) -> Build:
    """A function of arguments of these types; `same` is the type of the result."""

    def build(w: Writer, names: Names, kind: str, depth: int) -> str:
        return f"{name}({', '.join(value(w, names, kind if k == 'same' else k, depth) for k in kinds)})"

    return build


def _sides(operator: str, *kinds: str) -> Build:
    def build(w: Writer, names: Names, kind: str, depth: int) -> str:
        of = w.tape.pick(kinds)
        return f"({value(w, names, of, depth)} {operator} {value(w, names, of, depth)})"

    return build


def _plus_minus(operator: str) -> Build:
    """Numbers; a date or time and an interval; the difference of dates."""

    def build(w: Writer, names: Names, kind: str, depth: int) -> str:
        if kind in ("date", "timestamp"):
            w.use("literal:interval")
            unit = w.tape.pick(DATE_UNITS if kind == "date" else TRUNC_UNITS)
            return f"({value(w, names, kind, min(depth, 1))} {operator} interval '{w.tape.between(1, 40)} {unit}')"
        if operator == "-" and w.tape.chance(25):
            return f"({value(w, names, 'date', depth)} - {value(w, names, 'date', depth)})"
        return f"({value(w, names, 'number', depth)} {operator} {value(w, names, 'number', depth)})"

    return build


def _times(w: Writer, names: Names, kind: str, depth: int) -> str:
    """A product is exact and soon too wide, so one side is a literal or an integer."""
    small = names.of("integer")
    other = w.refer(w.tape.pick(small)) if small and w.tape.chance(30) else literal(w, "number")
    return f"({leaf(w, names, 'number')} * {other})"


def _negate(w: Writer, names: Names, kind: str, depth: int) -> str:
    return f"(- {leaf(w, names, 'number')})"


def _round(w: Writer, names: Names, kind: str, depth: int) -> str:
    inner = value(w, names, "number", depth)
    return f"round({inner}, {w.tape.below(10)})" if w.tape.chance(60) else f"round({inner})"


def _nullif(w: Writer, names: Names, kind: str, depth: int) -> str:
    return f"nullif({value(w, names, kind, depth)}, {leaf(w, names, kind)})"


def _case(w: Writer, names: Names, kind: str, depth: int) -> str:
    last = ""
    if w.optional("literal:null", 20):
        last = " else null"
    elif w.tape.chance(60):
        last = f" else {value(w, names, kind, depth)}"
    return f"case when {value(w, names, 'boolean', depth)} then {value(w, names, kind, depth)}{last} end"


def _in(w: Writer, names: Names, kind: str, depth: int) -> str:
    of = w.tape.pick(SINGLE)
    items = [leaf(w, names, of), literal(w, of)]
    if w.optional("literal:null", 10):
        items.append("null")
    return f"({value(w, names, of, depth)} {w.tape.pick(['in', 'not in'])} ({', '.join(items)}))"


def _between(w: Writer, names: Names, kind: str, depth: int) -> str:
    of = w.tape.pick(SINGLE)
    low, high = value(w, names, of, 0), value(w, names, of, 0)
    return f"({value(w, names, of, depth)} {w.tape.pick(['between', 'not between'])} {low} and {high})"


def _like(operator: str) -> Build:
    def build(w: Writer, names: Names, kind: str, depth: int) -> str:
        word = w.tape.pick([operator, f"not {operator}"])
        return f"({value(w, names, 'text', depth)} {word} {text_literal(w.tape.pick(values.LIKES))})"

    return build


def _is(what: str) -> Build:
    def build(w: Writer, names: Names, kind: str, depth: int) -> str:
        of = w.tape.pick(ANY) if what == "null" else "boolean"
        return f"({value(w, names, of, depth)} is {w.tape.pick(['', 'not '])}{what})"

    return build


def _not(w: Writer, names: Names, kind: str, depth: int) -> str:
    return f"(not {value(w, names, 'boolean', depth)})"


def _matches(w: Writer, names: Names, kind: str, depth: int) -> str:
    return f"matches({value(w, names, 'text', depth)}, {text_literal(w.tape.pick(values.PATTERNS))})"


def _without_case(name: str) -> Build:
    def build(w: Writer, names: Names, kind: str, depth: int) -> str:
        others = w.tape.some(values.TEXTS, 1, 1 if name == "equals_ci" else 3)
        return f"{name}({value(w, names, 'text', depth)}, {', '.join(map(text_literal, others))})"

    return build


def _of_list(name: str) -> Build:
    def build(w: Writer, names: Names, kind: str, depth: int) -> str:
        wanted = [n for n in names.lists if w.wanted(n.constructs)]
        chosen = w.tape.pick(wanted or names.lists)
        of = chosen.kind.removeprefix("list of ")
        if name == "array_length":
            return f"array_length({w.refer(chosen)})"
        if name == "array_contains":
            return f"array_contains({w.refer(chosen)}, {leaf(w, names, of)})"
        items = []
        for _ in range(w.tape.between(1, 3)):
            items.append(_fixed(w, of))
        return f"{name}({w.refer(chosen)}, {', '.join(items)})"

    return build


def _fixed(w: Writer, kind: str) -> str:
    """A literal that does not follow as_of."""
    if kind == "date":
        w.use("literal:date")
        return f"date '{w.tape.pick(values.DATES)}'"
    if kind == "timestamp":
        w.use("literal:timestamp")
        return f"timestamp '{w.tape.pick(values.TIMESTAMPS)}'"
    return literal(w, kind)


def _date_trunc(w: Writer, names: Names, kind: str, depth: int) -> str:
    unit = w.tape.pick(DATE_UNITS if kind == "date" else TRUNC_UNITS)
    return f"date_trunc('{unit}', {value(w, names, kind, depth)})"


def _extract(w: Writer, names: Names, kind: str, depth: int) -> str:
    of = w.tape.pick(["date", "timestamp"])
    part = w.tape.pick(DATE_PARTS if of == "date" else PARTS)
    return f"extract({part} from {value(w, names, of, depth)})"


def _date_diff(w: Writer, names: Names, kind: str, depth: int) -> str:
    of = w.tape.pick(["date", "timestamp"])
    unit = w.tape.pick(DATE_UNITS if of == "date" else TRUNC_UNITS)
    return f"date_diff({unit}, {value(w, names, of, depth)}, {value(w, names, of, depth)})"


def _cast(target: str, *sources: str) -> Build:
    def build(w: Writer, names: Names, kind: str, depth: int) -> str:
        source = w.tape.pick(sources)
        if source in ("integer", "decimal"):
            found = names.of(source)
            operand = w.refer(w.tape.pick(found)) if found else literal(w, source)
        else:
            operand = value(w, names, source, depth)
        written = w.tape.pick(["decimal", "decimal(12,3)", "decimal(20,9)"]) if target == "decimal" else target
        return f"cast({operand} as {written})"

    return build


def _some_list(names: Names) -> bool:
    return bool(names.lists)


TRUTH = ("boolean",)
PRODUCERS = (
    *(Producer(f"operator:{o}", TRUTH, _sides(o, *ANY)) for o in ("=", "!=")),
    *(Producer(f"operator:{o}", TRUTH, _sides(o, *SINGLE)) for o in (">=", "<", ">", "<=")),
    Producer("operator:and", TRUTH, _sides("and", "boolean")),
    Producer("operator:or", TRUTH, _sides("or", "boolean")),
    Producer("operator:not", TRUTH, _not),
    Producer("operator:in", TRUTH, _in),
    Producer("operator:between", TRUTH, _between),
    *(Producer(f"operator:{o}", TRUTH, _like(o)) for o in ("like", "ilike")),
    *(Producer(f"operator:is_{what}", TRUTH, _is(what)) for what in ("null", "true", "false")),
    *(Producer(f"operator:{o}", ("number", "date", "timestamp"), _plus_minus(o)) for o in "+-"),
    Producer("literal:interval", ("date", "timestamp"), _plus_minus("+")),
    Producer("operator:*", ("number",), _times),
    *(Producer(f"operator:{o}", ("number",), _sides(o, "number")) for o in "/%"),
    Producer("operator:negate", ("number",), _negate),
    Producer("operator:case", ANY, _case),
    Producer("literal:null", ANY, _case),
    *(Producer(f"function:{f}", ("number",), _call(f, "number")) for f in ("abs", "floor", "ceil", "sign")),
    Producer("function:round", ("number",), _round),
    *(Producer(f"function:{f}", SINGLE, _call(f, "same", "same")) for f in ("least", "greatest")),
    Producer("function:coalesce", ANY, _call("coalesce", "same", "same")),
    Producer("function:nullif", SINGLE, _nullif),
    Producer("function:age", ("number",), _call("age", "date")),
    Producer("function:date_diff", ("number",), _date_diff),
    Producer("function:extract", ("number",), _extract),
    Producer("function:date_trunc", ("date", "timestamp"), _date_trunc),
    Producer("function:length", ("number",), _call("length", "text")),
    *(Producer(f"function:{f}", ("text",), _call(f, "text")) for f in ("lower", "upper", "trim")),
    Producer("function:concat", ("text",), _call("concat", "text", "text")),
    *(Producer(f"function:{f}", TRUTH, _call(f, "text", "text")) for f in ("starts_with", "ends_with", "contains")),
    Producer("function:matches", TRUTH, _matches),
    *(Producer(f"function:{f}", TRUTH, _without_case(f)) for f in ("equals_ci", "in_ci")),
    *(
        Producer(f"function:{f}", TRUTH, _of_list(f), _some_list)
        for f in ("array_contains", "array_any", "array_all")
    ),
    Producer("function:array_length", ("number",), _of_list("array_length"), _some_list),
    Producer("cast:text", ("text",), _cast("text", "integer", "decimal", "boolean", "date")),
    Producer("cast:integer", ("number",), _cast("integer", "text", "number", "boolean")),
    *(Producer(f"cast:{c}", ("number",), _cast(c, "text", "number")) for c in ("decimal", "float")),
    Producer("cast:boolean", TRUTH, _cast("boolean", "text")),
    Producer("cast:date", ("date",), _cast("date", "text", "timestamp")),
    Producer("cast:timestamp", ("timestamp",), _cast("timestamp", "text", "date")),
)  # fmt: skip
BY_RESULT: dict[str, list[Producer]] = {kind: [p for p in PRODUCERS if kind in p.results] for kind in ANY}
