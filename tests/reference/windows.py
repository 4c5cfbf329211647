"""`within:` as a stretch of time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tests.reference import predicate_syntax as syntax
from tests.reference.predicate_values import value_of
from tests.reference.wall_time import CLOCK, DAYS, MONTHS, Length, read_length
from tests.reference.world import RowScope, World
from tests.reference.yaml_text import Node, Scalar, SpecError, flag, mapping, text


@dataclass(frozen=True, slots=True)
class Window:
    """`[start, end)`, of instants or (for dates) of days; None does not bound."""

    start: dt.date | None = None
    end: dt.date | None = None

    def holds(self, moment: dt.date) -> bool:
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)

    def holds_until(self, instant: dt.datetime) -> bool:
        """Whether an instant lies in `(start, end]`, as windows over membership have it."""
        return (self.start is None or self.start < instant) and (self.end is None or instant <= self.end)


def read_window(node: Node | None, scope: RowScope, *, by_days: bool = False) -> Window | None:
    """The window of a condition or trait for the entity at hand; None (unknown) where its anchor is not known.

    `by_days`: over dates, with today for as_of.
    """
    world = scope.world
    now = world.today if by_days else world.as_of
    if node is None or node == "ever":
        return Window(None, now)
    if isinstance(node, Scalar):
        return Window(world.calendar.shift(now, read_length(node), -1), now)
    form = mapping(node, "within")
    match sorted(form):
        case ["last"]:
            return Window(world.calendar.shift(now, _length(form, "last"), -1), now)
        case ["ending", "last"]:
            return _ending(world, now, _length(form, "last"), _ago(form))
        case ["from", "to"]:
            return Window(_point(world, form["from"], by_days), _point(world, form["to"], by_days))
        case ["since"]:
            return Window(_point(world, form["since"], by_days), now)
        case ["this"]:
            return Window(world.calendar.start(now, text(form["this"], "this")), now)
        case ["previous"]:
            unit = text(form["previous"], "previous")
            this = world.calendar.start(now, unit)
            return Window(world.calendar.shift(this, Length(1, unit), -1), this)
        case ["next"]:
            return Window(now, world.calendar.shift(now, _length(form, "next")))
        case ["after", "first"] | ["after", "complete", "first"]:
            return _after(scope, form, now)
    raise SpecError(f"`{', '.join(form)}` do not make a window")


def _length(form: dict[str, Node], key: str) -> Length:
    return read_length(text(form[key], key))


def _ago(form: dict[str, Node]) -> Length:
    written = text(form["ending"], "ending")
    if not written.endswith(" ago"):
        raise SpecError(f"`{written}` does not end in `ago`")
    return read_length(written.removesuffix(" ago"))


def _ending(world: World, now: dt.date, last: Length, ago: Length) -> Window:
    """Steps of one unit are taken at once, else the larger unit first, so that such windows tile."""
    steps = sorted((last, ago), key=lambda step: _FAMILIES.index(step.step[1]))
    if steps[0].step[1] == steps[1].step[1]:
        amount = steps[0].step[0] + steps[1].step[0]
        steps = [Length(amount, steps[0].step[1])]
    start = now
    for step in steps:
        start = world.calendar.shift(start, step, -1)
    return Window(start, world.calendar.shift(now, ago, -1))


_FAMILIES = tuple(next(iter(family)) for family in (MONTHS, DAYS, CLOCK))


def _point(world: World, node: Node, by_days: bool) -> dt.date:
    written = text(node, "a date")
    return world.calendar.read_day(written) if by_days else world.calendar.read(written)


def _after(scope: RowScope, form: dict[str, Node], now: dt.date) -> Window | None:
    anchor = value_of(syntax.parse(text(form["after"], "after")), scope)
    if anchor is None:
        return None
    if not isinstance(anchor, dt.date):
        raise SpecError("`after` takes a date or a timestamp")
    calendar = scope.world.calendar
    start = calendar.as_instant(anchor) if isinstance(now, dt.datetime) else calendar.as_day(anchor)
    end = calendar.shift(start, _length(form, "first"))
    if flag(form, "complete") and end > now:
        return None
    return Window(start, min(end, now))
