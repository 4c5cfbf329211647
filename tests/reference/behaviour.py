"""Conditions on when an entity's rows lie: first, regular, stopped, restarted. True or false; unknown never but for the
window's anchor."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from tests.reference.bounds import within_bounds
from tests.reference.rows import matching
from tests.reference.values import Truth
from tests.reference.wall_time import Length, read_length
from tests.reference.windows import Window, read_window
from tests.reference.world import World
from tests.reference.yaml_text import Node, SpecError, flag, mapping, text


def first_did(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """The first matching row ever lies in the window."""
    window = read_window(form.get("within"), world.scope(entity, key))
    if window is None:
        return None
    rows = matching(world, entity, key, text(form["first_did"], "first_did"), form)
    return bool(rows) and window.holds(min(h.time for h in rows))


def regularly(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """A row in so many of the last periods of one unit: rolling back from as_of, or whole calendar ones."""
    periods = dict(mapping(form["periods"], "periods"))
    length = read_length(text(periods.pop("of", None), "of"))
    whole = flag(periods, "calendar")
    periods.pop("calendar", None)
    calendar = world.calendar
    now = calendar.start(world.as_of, length.unit) if whole else world.as_of
    edges = [calendar.shift(now, Length(k, length.unit), -1) for k in range(length.amount, -1, -1)]
    windows = [Window(start, end) for start, end in pairwise(edges)]
    rows = matching(world, entity, key, text(form["regularly"], "regularly"), form)
    active = sum(any(window.holds(h.time) for h in rows) for window in windows)
    return within_bounds(active, periods)


def stopped(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """Active before, silent since."""
    calendar = world.calendar
    silent_since = calendar.shift(world.as_of, read_length(text(form["for"], "for")), -1)
    active_since = calendar.shift(world.as_of, read_length(text(form["after_active_within"], "a length")), -1)
    if silent_since <= active_since:
        raise SpecError("`for` is not shorter than `after_active_within`")
    rows = matching(world, entity, key, text(form["stopped"], "stopped"), form)
    active, silence = Window(active_since, silent_since), Window(silent_since, world.as_of)
    return any(active.holds(h.time) for h in rows) and not any(silence.holds(h.time) for h in rows)


def restarted(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """A row in the window whose preceding matching row lies at least `gap` earlier."""
    window = read_window(form.get("within"), world.scope(entity, key))
    if window is None:
        return None
    gap = read_length(text(form["gap"], "gap"))
    rows = matching(world, entity, key, text(form["restarted"], "restarted"), form)
    times = sorted({h.time for h in rows})
    return any(
        window.holds(time) and world.calendar.later(before, gap) <= time
        for before, time in pairwise(times)
    )
