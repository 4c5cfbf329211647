"""`sequence`: whether rows exist, one per positive step, that fulfil everything at once. A plain search."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.reference.project import scalar_list
from tests.reference.rows import matching
from tests.reference.values import Truth, equal
from tests.reference.wall_time import Length, read_length
from tests.reference.windows import Window, read_window
from tests.reference.world import Happening, World
from tests.reference.yaml_text import Node, SpecError, items, mapping, optional_text, text


@dataclass(frozen=True, slots=True)
class Step:
    """A step with all its rows, whatever their time."""

    positive: bool
    rows: Sequence[Happening]
    within: Length | None
    same: Sequence[str]


@dataclass(frozen=True, slots=True)
class Search:
    world: World
    window: Window
    steps: Sequence[Step]
    span: Length | None


def sequence(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """Whether such a sequence exists in the window."""
    window = read_window(form.get("within"), world.scope(entity, key))
    if window is None:
        return None
    steps = [_step(world, entity, key, mapping(s, "a step"), form) for s in items(form["sequence"])]
    if not any(step.positive for step in steps):
        raise SpecError("a sequence without a positive step")
    span = optional_text(form, "span")
    return _continues(Search(world, window, steps, None if span is None else read_length(span)), [])


def _step(world: World, entity: str, key: str, body: Mapping[str, Node], form: Mapping[str, Node]) -> Step:
    kind = "did" if "did" in body else "did_not"
    with_path = {**body, "via": body.get("via", form.get("via", []))}
    rows = matching(world, entity, key, text(body.get(kind), kind), with_path)
    within = optional_text(body, "within")
    length = None if within is None else read_length(within)
    return Step(kind == "did", rows, length, scalar_list(body.get("same"), "same"))


def _continues(search: Search, chosen: list[Happening]) -> bool:
    """Whether the rows chosen for the first positive steps can be continued to a whole sequence."""
    positions = [i for i, step in enumerate(search.steps) if step.positive]
    if len(chosen) == len(positions):
        return _nothing_after(search, chosen, positions[-1])
    step = search.steps[positions[len(chosen)]]
    return any(_fits(search, chosen, row, step) and _continues(search, [*chosen, row]) for row in step.rows)


def _fits(search: Search, chosen: list[Happening], row: Happening, step: Step) -> bool:
    """Whether a row can follow those chosen, with nothing forbidden in between."""
    later = search.world.calendar.later
    position = next(i for i, s in enumerate(search.steps) if s is step)
    if not search.window.holds(row.time) or not _same(step, (chosen or [row])[0], row):
        return False
    if not chosen:
        before = [Window(search.window.start, row.time)]
    else:
        previous = chosen[-1].time
        if not previous < row.time:
            return False
        if step.within is not None and not row.time < later(previous, step.within):
            return False
        if search.span is not None and not row.time < later(chosen[0].time, search.span):
            return False
        before = [Window(previous + MOMENT, row.time)]
    return not any(
        between.holds(h.time) and _same(forbidden, (chosen or [row])[0], h)
        for between in before
        for forbidden in _absences(search.steps, position)
        for h in forbidden.rows
    )


MOMENT = dt.timedelta(microseconds=1)  # times go to the microsecond: what is strictly later is at least this much later


def _absences(steps: Sequence[Step], position: int) -> list[Step]:
    """The `did_not` steps directly before a position."""
    found = []
    for step in reversed(steps[:position]):
        if step.positive:
            break
        if step.within is not None:
            raise SpecError("`within` on a did_not step that is not the last")
        found.append(step)
    return found


def _nothing_after(search: Search, chosen: list[Happening], last: int) -> bool:
    """What the `did_not` steps at the end ask: none until as_of, or within a length that must have passed."""
    time = chosen[-1].time
    for step in search.steps[last + 1 :]:
        end = search.world.as_of if step.within is None else search.world.calendar.later(time, step.within)
        after = Window(time + MOMENT, end)
        if end > search.world.as_of or any(after.holds(h.time) and _same(step, chosen[0], h) for h in step.rows):
            return False
    return True


def _same(step: Step, first: Happening, row: Happening) -> bool:
    """Whether the row agrees with the first step's row in the step's `same` columns, none of them null."""
    return all(equal(first.row[column], row.row[column]) is True for column in step.same)
