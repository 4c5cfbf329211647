"""Random traits and named predicates."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.language.aggregates import AGGREGATES
from orchestration.language.declarations.traits import LOCAL
from tests.random_specs import conditions, expressions, spans
from tests.random_specs.conditions import RARELY, SOMETIMES
from tests.random_specs.vocabulary import properties
from tests.random_specs.writer import NUMBERS, Definition, Name, Names, Writer
from tests.random_specs.yaml_writer import Yaml, plain

OF_NUMBERS = ("sum", "avg", "median", "stddev")
EDGES = (["0", "1", "3"], ["1"], ["-1", "0.5", "100"], ["2", "7"])


def new_trait(w: Writer, entity: str, construct: str = "") -> Name:
    """Adds a trait of the entity, with a construct in it where one is given, and gives its name."""
    if construct:
        w.wants.add(construct)
    name = w.new_name("t")
    with w.definition(Definition("traits", name, entity, {})) as found:
        body, found.kind = _body(w, entity)
        found.node = {"name": name, "entity": entity, **body}
    return Name(name, found.kind, ("reads:trait",), found.id)


def own_trait(w: Writer, entity: str) -> dict[str, Yaml]:
    """A trait of the segment being written, visible in it alone."""
    w.use("segment:traits")
    name = w.new_name("own")
    body, kind = _body(w, entity)
    w.own = (*w.own, Name(name, kind, ("segment:traits",)))
    return {"name": name, **body}


def new_predicate(w: Writer, entity: str) -> Name:
    """Adds a named condition and gives its name."""
    name = w.new_name("p")
    with w.definition(Definition("predicates", name, entity, {})) as found:
        found.node = {"name": name, "entity": entity, "where": conditions.condition(w, entity, 1)}
    return Name(name, "boolean", ("reads:predicate",), found.id)


def _body(w: Writer, entity: str) -> tuple[dict[str, Yaml], str]:
    """What a trait says, and its type."""
    available = properties(LOCAL)
    forms = ["rows", *[key for key in ("expression", "bands", "quantile", "rank", "percentile") if key in available]]
    if w.layout.descendants(entity):
        forms.append("children")
    if w.wanted(f"trait:{key}.per" for key in ("quantile", "rank", "percentile")):
        forms = [key for key in forms if f"trait:{key}.per" in w.wants]
    elif w.wanted(f"aggregate:{a.name}" for a in AGGREGATES) or w.wanted(["trait:where", "trait:within", "trait:via"]):
        forms = ["rows", *(["children"] if "children" in forms and "trait:children" in w.wants else [])]
    form = w.choose("trait", forms)
    match form:
        case "rows":
            return _over_rows(w, entity)
        case "children":
            return _over_children(w, entity)
        case "expression":
            kind = w.tape.pick(["number", "number", "text", "boolean", "date", "timestamp"])
            return {"expression": expressions.value(w, w.names(entity), kind, 2)}, kind
        case "bands":
            return {"bands": {"of": _number(w, entity), "at": [plain(edge) for edge in w.tape.pick(EDGES)]}}, "integer"
    return {form: _of_population(w, entity, form)}, "number" if form == "percentile" else "integer"


def _number(w: Writer, entity: str) -> str:
    return expressions.value(w, w.names(entity), "number", 1)


def _of_population(w: Writer, entity: str, form: str) -> Mapping[str, Yaml]:
    found: dict[str, Yaml] = {"of": _number(w, entity)}
    if form == "quantile":
        found["buckets"] = plain(w.tape.pick([4, 2, 5, 10]))
    if form == "percentile":
        found["at"] = plain(w.tape.pick(["0.5", "0.25", "0", "1", "0.9"]))
    else:
        found |= w.tape.pick([{}, {"order": "asc"}, {"order": "desc"}])
    if w.optional(f"trait:{form}.per", SOMETIMES):
        single = [name for name in w.names(entity).all if name.kind in ("text", "boolean", "integer")]
        found["per"] = w.refer(w.tape.pick(single))
    return found


def _aggregate(w: Writer, names: Names, allowed: list[str]) -> tuple[str, str]:
    """`sum(amount)`, and the type of its value."""
    name = w.choose("aggregate", allowed)
    if name in ("count", "days"):
        return name, "integer"
    if name in OF_NUMBERS:
        argument, kind = _argument(w, names, "number")
        return f"{name}({argument})", kind if name == "sum" and kind == "integer" else "decimal"
    kinds = ["number", *sorted({n.kind for n in names.all if n.kind not in NUMBERS and not n.kind.startswith("list")})]
    argument, kind = _argument(w, names, w.tape.pick(kinds))
    if name == "count_distinct":
        return f"{name}({argument})", "integer"
    if name in ("min", "max"):
        return f"{name}({argument})", kind
    counted = "decimal" if kind == "float" else kind
    return f"{name}({argument})", f"list of {counted}" if name == "list" else counted


def _argument(w: Writer, names: Names, kind: str) -> tuple[str, str]:
    """A name, or sometimes an expression; and its type."""
    if w.tape.chance(RARELY):
        return expressions.value(w, names, kind, 1), kind
    found = names.of(kind)
    wanted = [name for name in found if w.wanted(name.constructs)]
    name = w.tape.pick(wanted or found)
    return w.refer(name), name.kind


def _over_rows(w: Writer, entity: str) -> tuple[dict[str, Yaml], str]:
    name, stream = conditions.source(w)
    found: dict[str, Yaml] = {"from": name}
    found |= conditions.via(w, "trait:via", stream.name, entity)
    names = w.row(stream.name)
    if w.optional("trait:where", SOMETIMES):
        found["where"] = expressions.predicate(w, names, w.tape.between(0, 1))
    found["aggregate"], kind = _aggregate(w, names, [a.name for a in AGGREGATES])
    if w.optional("trait:within", SOMETIMES):
        found["within"] = spans.window(w, entity, ahead=stream.future)
    return found, kind


def _over_children(w: Writer, entity: str) -> tuple[dict[str, Yaml], str]:
    child = w.tape.pick(w.layout.descendants(entity))
    found: dict[str, Yaml] = {"from": child, **conditions.via(w, "trait:via", child, entity)}
    if w.optional("trait:where", SOMETIMES):
        found["where"] = conditions.condition(w, child, 1)
    timeless = [a.name for a in AGGREGATES if not a.by_time and a.name != "days"]
    found["aggregate"], kind = _aggregate(w, w.names(child), timeless)
    return found, kind
