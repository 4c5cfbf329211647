"""Conditions: the truth of a form for one entity. What needs no history and is no behaviour over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from tests.reference import behaviour, membership, sequences
from tests.reference import predicate_syntax as syntax
from tests.reference.bounds import AT_LEAST_ONE, within_bounds
from tests.reference.numerics import quotient
from tests.reference.predicate_values import truth_of, value_of
from tests.reference.project import scalar_list
from tests.reference.rows import Asked, aggregated, matching
from tests.reference.values import Truth, all_of, any_of, negation
from tests.reference.wall_time import next_return
from tests.reference.windows import read_window
from tests.reference.world import World
from tests.reference.yaml_text import Node, Scalar, SpecError, mapping, text

Form: TypeAlias = Callable[[World, str, str, Mapping[str, Node]], Truth]


def truth(world: World, entity: str, key: str, node: Node) -> Truth:
    """Whether a condition holds for an entity: a predicate's text, a list (all of it), or a form."""
    if isinstance(node, Scalar):
        return truth_of(syntax.parse(str(node)), world.scope(entity, key))
    if isinstance(node, list):
        if not node:
            raise SpecError("an empty list of conditions")
        return all_of([truth(world, entity, key, part) for part in node])
    found = [name for name in FORMS if name in node]
    if len(found) != 1:
        raise SpecError(f"`{', '.join(node)}` is not one form of condition")
    return FORMS[found[0]](world, entity, key, node)


def _parts(world: World, entity: str, key: str, node: Node) -> list[Truth]:
    if not isinstance(node, list):
        return [truth(world, entity, key, node)]
    if not node:
        raise SpecError("an empty list of conditions")
    return [truth(world, entity, key, part) for part in node]


def _all(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    return all_of(_parts(world, entity, key, form["all"]))


def _any(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    return any_of(_parts(world, entity, key, form["any"]))


def _none(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    return negation(any_of(_parts(world, entity, key, form["none"])))


def _not(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    return negation(truth(world, entity, key, form["not"]))


MEASURES = {"total": "sum", "average": "avg", "smallest": "min", "largest": "max", "distinct": "count_distinct"}


def _did(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """Counts of rows and of days, and aggregates, each within its bounds. Without a value no bound is met."""
    window = read_window(form.get("within"), world.scope(entity, key))
    if window is None:
        return None
    source = text(form["did"], "did")
    rows = [h for h in matching(world, entity, key, source, form) if window.holds(h.time)]
    held = [within_bounds(len(rows), form.get("times", AT_LEAST_ONE))]
    if "days" in form:
        held.append(within_bounds(aggregated(world, Asked("days", None), source, rows), form["days"]))
    for name, aggregate in MEASURES.items():
        if name in form:
            asked = dict(mapping(form[name], name))
            argument = syntax.parse(text(asked.pop("of", None), "of"))
            held.append(within_bounds(aggregated(world, Asked(aggregate, argument), source, rows), asked))
    return all(held)


def _did_not(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    window = read_window(form.get("within"), world.scope(entity, key))
    if window is None:
        return None
    rows = matching(world, entity, key, text(form["did_not"], "did_not"), form)
    return not any(window.holds(h.time) for h in rows)


def _has(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """How many children, or which share of them, are those of the condition. `share` of no children is unknown."""
    child = text(form["has"], "has")
    children = world.children(child, entity, scalar_list(form.get("via"), "via")).get(key, ())
    where = form.get("where")
    counted = sum(where is None or truth(world, child, c, where) is True for c in children)
    held: list[Truth] = []
    if "share" in form:
        share = quotient(Fraction(counted), Fraction(len(children)))
        held.append(None if share is None else within_bounds(share, form["share"]))
    if "count" in form or "share" not in form:
        held.append(within_bounds(counted, form.get("count", AT_LEAST_ONE)))
    return all_of(held)


def _date(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """A date lies in the window by days, a timestamp by instants."""
    scope = world.scope(entity, key)
    moment = value_of(syntax.parse(text(form["date"], "date")), scope)
    if moment is None:
        return None
    if not isinstance(moment, dt.date):
        raise SpecError("`date` takes a date or a timestamp")
    window = read_window(form.get("within"), scope, by_days=not isinstance(moment, dt.datetime))
    return None if window is None else window.holds(moment)


def _anniversary(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    scope = world.scope(entity, key)
    moment = value_of(syntax.parse(text(form["anniversary"], "anniversary")), scope)
    if moment is None:
        return None
    if not isinstance(moment, dt.date):
        raise SpecError("`anniversary` takes a date or a timestamp")
    window = read_window(form.get("within"), scope, by_days=True)
    return None if window is None else window.holds(next_return(world.calendar.as_day(moment), world.today))


FORMS: Mapping[str, Form] = {
    "all": _all,
    "any": _any,
    "none": _none,
    "not": _not,
    "did": _did,
    "did_not": _did_not,
    "first_did": behaviour.first_did,
    "regularly": behaviour.regularly,
    "stopped": behaviour.stopped,
    "restarted": behaviour.restarted,
    "sequence": sequences.sequence,
    "has": _has,
    "in": membership.is_in,
    "not_in": membership.is_not_in,
    "entered": membership.entered,
    "left": membership.left,
    "was_in": membership.was_in,
    "held": membership.held,
    "date": _date,
    "anniversary": _anniversary,
}
