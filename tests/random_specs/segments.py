"""Random segments that hold wanted constructs: a condition for each, put together so that some are members and some are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from orchestration.language.declarations.segments import SCHEMA
from tests.random_specs import conditions, expressions, traits
from tests.random_specs.assembly import Piece, together
from tests.random_specs.conditions import RARELY, SOMETIMES
from tests.random_specs.evaluation import Evaluation
from tests.random_specs.layout import key_of
from tests.random_specs.vocabulary import options
from tests.random_specs.writer import Definition, Writer
from tests.random_specs.yaml_writer import Yaml, plain

WITH_WINDOWS = ("did", "did_not", "first_did")
TIERS = ("high", "middle", "low")
OF_TIERS = ("segment:tiers", "segment:otherwise", "segment:tiers.where")
OF_WHOLE = (*OF_TIERS, "segment:members", "segment:where", "segment:split", "segment:base")
MOST, TRIES = 6, 3
SHARES = ((80, 20), (50,), (50, 50), (10, 20, 30), ("33.3", "33.3", "33.4"), (100,))
SALTS = ("test", "2026-03", "ß")
AVAILABLE = options(SCHEMA)


def new_segment(w: Writer, evaluation: Evaluation, targets: Sequence[str]) -> Definition:
    """Adds a segment with all of the constructs in it, as far as they can be."""
    w.wants = set(targets)
    entity = _entity(w, targets)
    name = w.new_name("s")
    with w.definition(Definition("segments", name, entity, {})) as found:
        w.use(*w.layout.entities[entity].constructs)
        body = Draft(w, evaluation, entity).body(targets)
        found.node = {"name": name, "entity": entity, **body}
        found.tiers = tiers_of(found.node)
    w.wants = set()
    return found


def homes(w: Writer, construct: str) -> list[str]:
    """The entities on which a construct can stand."""
    everyone = list(w.layout.entities)
    group, _, name = construct.partition(":")
    if name.startswith("has") or construct == "trait:children":
        return [e for e in everyone if w.layout.descendants(e)]
    if construct in ("reads:parent", "reads:parent trait", "reads:parent segment"):
        return [e for e in everyone if w.layout.ancestors(e)]
    if construct in ("reads:grandparent", "reads:steps"):
        return ["user"]
    if group == "entity":
        return [e for e in everyone if construct in w.layout.entities[e].constructs]
    if name.endswith("via"):
        return ["org", "account"]
    if group == "column" and name not in ("text", "date", "list", "integer"):
        return ["user", "account"]
    return everyone


def _entity(w: Writer, targets: Sequence[str]) -> str:
    """An entity on which all of them can stand; else one of the first's."""
    common = [e for e in ("user", "account", "org") if all(e in homes(w, t) for t in targets)]
    found = common or homes(w, targets[0])
    return found[0] if w.tape.chance(50) else w.tape.pick(found)


@dataclass(slots=True)
class Draft:
    """A segment while it is written. `own` are the traits that it holds."""

    w: Writer
    evaluation: Evaluation
    entity: str
    own: list[Yaml] = field(default_factory=list)

    def body(self, targets: Sequence[str]) -> dict[str, Yaml]:
        """What the segment says."""
        w, entity = self.w, self.entity
        pieces = []
        if w.optional("segment:traits", RARELY):
            self.own.append(traits.own_trait(w, entity))
            pieces.append(self.piece(lambda: expressions.on_name(w, w.names(entity), w.own[0])))
        for target in targets:
            if target in w.wants and target not in OF_WHOLE:
                pieces.append(self.piece(partial(_piece, w, entity, target)))
        if "segment:members" in w.wants:
            pieces.append(self.piece(lambda: conditions.member(w, "in", entity, _by_hand(w, entity))))
        split = "segment:split" in w.wants and not w.wanted(OF_TIERS)
        tiered = not split and (w.wanted(OF_TIERS) is not None or w.tape.chance(RARELY))
        while len(pieces) < 2 + tiered or not any(p.divides for p in pieces):
            pieces.append(self.piece(lambda: conditions.condition(w, entity, 1)))
            if len(pieces) > MOST:
                break
        if "segment:where" in w.wants and tiered:
            pieces.append(self.piece(lambda: conditions.member(w, "in", entity, conditions.simple_segment(w, entity))))
        if "segment:split" in w.wants and not split:
            pieces.append(self.piece(lambda: conditions.member(w, "in", entity, _split_segment(w, entity))))
        found: dict[str, Yaml] = {"traits": self.own} if self.own else {}
        if "base" in AVAILABLE and w.optional("segment:base", RARELY):
            found |= self.base()
        if tiered:
            return found | self.tiers(pieces)
        return found | self.where(pieces) | (_split(w) if split else {})

    def base(self) -> dict[str, Yaml]:
        """A segment outside which nobody is a member."""
        w, entity = self.w, self.entity
        keyword = "in"
        found = self.piece(lambda: conditions.member(w, keyword, entity, conditions.simple_segment(w, entity)))
        assert isinstance(found.node, dict)
        return {"base": found.node[keyword]}

    def piece(self, write: Callable[[], Yaml]) -> Piece:
        """A condition, written anew a few times while it does not divide the entities."""
        w = self.w
        wants = frozenset(w.wants)
        outer = frozenset(w.used), frozenset(w.reads)
        for number in range(TRIES):
            w.used, w.reads, w.wants = set(outer[0]), set(outer[1]), set(wants)
            node = write()
            self.evaluation.add(w.definitions)
            found = Piece(node, self.evaluation.truths(self.entity, node, self.own))
            if found.divides or number + 1 == TRIES:
                break
        return found

    def where(self, pieces: list[Piece]) -> dict[str, Yaml]:
        self.w.use("segment:where")
        return {"where": self.together(pieces).node}

    def together(self, pieces: Sequence[Piece]) -> Piece:
        found = together(self.w.tape, pieces, frozenset(self.w.wants))
        self.w.use(*found.used)
        return found

    def tiers(self, pieces: list[Piece]) -> dict[str, Yaml]:
        """Tiers of the pieces; one that divides is the base where there is one."""
        w = self.w
        w.use("segment:tiers")
        otherwise = w.optional("segment:otherwise", SOMETIMES)
        found: dict[str, Yaml] = {}
        if len(pieces) > 2 and (w.optional("segment:tiers.where", RARELY) or (otherwise and w.tape.chance(70))):
            w.use("segment:tiers.where")
            base = next((p for p in pieces if p.divides), pieces[0])
            pieces = [p for p in pieces if p is not base]
            found["where"] = base.node
        split = w.tape.between(2, min(len(TIERS), len(pieces)))
        groups = [self.together(pieces[number::split]) for number in range(split)]
        found["tiers"] = [{"name": name, "where": group.node} for name, group in zip(TIERS, groups, strict=False)]
        return found | ({"otherwise": "rest"} if otherwise else {})


def _split(w: Writer) -> dict[str, Yaml]:
    """Random assignment to one, two or three arms."""
    w.use("segment:split")
    shares = w.tape.pick(SHARES)
    arms = [{"name": f"arm_{number}", "share": plain(share)} for number, share in enumerate(shares)]
    return {"split": {"salt": w.tape.pick(SALTS), "arms": arms}}


def _split_segment(w: Writer, entity: str) -> Definition:
    """A split of everyone, or of who meets a predicate."""
    name = w.new_name("s")
    with w.definition(Definition("segments", name, entity, {})) as found:
        w.use(*w.layout.entities[entity].constructs)
        body = _split(w)
        if w.tape.chance(SOMETIMES):
            w.use("segment:where")
            body["where"] = conditions.predicate(w, entity)
        found.node = {"name": name, "entity": entity, **body}
        found.tiers = tiers_of(found.node)
    return found


def tiers_of(node: Mapping[str, Yaml]) -> tuple[str, ...]:
    """The names of a segment's tiers or arms, the rest last."""
    split = node.get("split")
    listed = split["arms"] if isinstance(split, Mapping) else node.get("tiers", [])
    assert isinstance(listed, list)
    return (*(str(tier["name"]) for tier in listed), *([str(node["otherwise"])] if "otherwise" in node else []))


def _by_hand(w: Writer, entity: str) -> Definition:
    """A list of keys kept by hand."""
    name = w.new_name("s")
    layout = w.layout.entities[entity]
    with w.definition(Definition("segments", name, entity, {})) as found:
        w.use("segment:members", *layout.constructs)
        keys = dict.fromkeys(
            key_of(entity, w.tape.below(7), layout.columns[layout.key]) for _ in range(w.tape.between(1, 4))
        )
        found.node = {"name": name, "entity": entity, "members": list(keys)}
    return found


def _piece(w: Writer, entity: str, target: str) -> Yaml:
    """A condition on the entity that uses a construct; over a segment of another entity where it cannot stand here."""
    at = homes(w, target)
    if entity in at or not at:
        return realise(w, entity, target)
    above = [e for e in at if e in w.layout.ancestors(entity)]
    below = [e for e in at if e in w.layout.descendants(entity)]
    if above:
        helper = conditions.simple_segment(w, above[0], lambda: realise(w, above[0], target))
        return conditions.member(w, "in", entity, helper)
    w.use("condition:has", "condition:has.where")
    return {
        "has": below[0],
        **conditions.via(w, "condition:has.via", below[0], entity),
        "where": realise(w, below[0], target),
    }


def realise(w: Writer, entity: str, construct: str) -> Yaml:
    """A condition on the entity that uses a construct."""
    w.wants.add(construct)
    group, _, name = construct.partition(":")
    match group:
        case "condition":
            return _form(w, entity, name)
        case "window" | "unit":
            if name == "next" and not any(s.future for s in w.layout.streams.values()):
                return conditions.form(w, entity, 1, "date")
            keyword = w.tape.pick(["date", *WITH_WINDOWS])
            w.wants.update(key for key in [f"condition:{keyword}.within"] if keyword != "date")
            w.wants.add("window:length" if group == "unit" else construct)
            return conditions.form(w, entity, 1, keyword)
        case "bounds" | "stream":
            w.wants.add("condition:did.times")
            return conditions.form(w, entity, 1, "did")
        case "aggregate" | "trait":
            if name.startswith("list"):
                return expressions.on_name(w, w.names(entity), traits.new_trait(w, entity, construct))
            return _on_trait(w, entity, construct)
        case "reads":
            return _reading(w, entity, name)
    return conditions.predicate(w, entity, construct)


def _form(w: Writer, entity: str, name: str) -> Yaml:
    keyword = name.partition(".")[0]
    if keyword == "predicate":
        return conditions.predicate(w, entity)
    if keyword == "list":
        w.use("condition:list")
        return [conditions.condition(w, entity, 1), conditions.predicate(w, entity)]
    return conditions.form(w, entity, 2, keyword)


def _on_trait(w: Writer, entity: str, construct: str) -> str:
    trait = traits.new_trait(w, entity, construct)
    w.use("condition:predicate")
    return expressions.on_name(w, w.names(entity), trait)


def _reading(w: Writer, entity: str, what: str) -> Yaml:
    names = w.names(entity)
    match what:
        case "trait":
            return _on_trait(w, entity, "")
        case "parent trait":
            above = w.layout.ancestors(entity)[0]
            trait = traits.new_trait(w, above)
            w.use("condition:predicate", "reads:parent trait")
            named = next(n for n in w.names(entity).all if n.text == f"{above}.{trait.text}")
            return expressions.on_name(w, names, named)
        case "predicate":
            w.use("condition:predicate")
            return w.refer(traits.new_predicate(w, entity))
        case "tier" | "segment" | "parent segment":
            above = w.layout.ancestors(entity)[0] if what == "parent segment" else entity
            if what == "tier":
                helper = _tiered(w, above)
                return conditions.member(w, "in", entity, helper, w.tape.pick(helper.tiers))
            return conditions.member(w, w.tape.pick(["in", "not_in"]), entity, conditions.simple_segment(w, above))
    return conditions.predicate(w, entity, f"reads:{what}")


def _tiered(w: Writer, entity: str) -> Definition:
    """A segment of two tiers, perhaps with a rest."""
    name = w.new_name("s")
    with w.definition(Definition("segments", name, entity, {})) as found:
        w.use("segment:tiers", *w.layout.entities[entity].constructs)
        tiers = [{"name": tier, "where": conditions.condition(w, entity, 1)} for tier in TIERS[:2]]
        found.node = {"name": name, "entity": entity, "tiers": tiers}
        if w.optional("segment:otherwise", RARELY):
            found.node["otherwise"] = "rest"
        found.tiers = tiers_of(found.node)
    return found
