"""`sequence`: things that happened in an order, with others that did not happen in between.

There are rows, one for each `did` step, at strictly increasing times (equal times are not ordered), all in the window `within`
of the form. `within` of a step is the length in which its row follows the row of the `did` step before; `span` is the length
from the first row to the last. `same` names columns that are equal to, and not null in, the first step's row. A `did_not` step
says that no such row lies strictly between its neighbours; as the first step, none in the window before; as the last, none
after until as_of, or for the length of its own `within`, which must have passed. The form asks whether such rows exist,
whichever they are, and is two-valued.
"""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, replace

from orchestration.catalog.types import INTEGER
from orchestration.language import steps
from orchestration.language.conditions.condition_kind import PREDICATE, WINDOW, ConditionKind, shape
from orchestration.language.conditions.did import STREAM, VIA, Rows, at_least_one, read_rows
from orchestration.language.expression import (
    EVER,
    FIRST_STEP,
    Expression,
    Field,
    Measure,
    MeasureRef,
    SequenceSource,
    SequenceStep,
)
from orchestration.language.model import Condition, Words
from orchestration.language.predicates import compare
from orchestration.language.reader import Reader, Schema
from orchestration.language.scope import Problem, Scope
from orchestration.language.windows import LENGTH, TimeSpan, read_length, read_window
from orchestration.spec.nodes import Node, Scalar, describe

MOST = 10
_STEP: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "did": STREAM,
        "did_not": STREAM,
        "where": PREDICATE,
        "within": LENGTH,
        "via": VIA,
        "same": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    },
}


@dataclass(frozen=True, slots=True)
class _Step:
    """A step as it is written."""

    reader: Reader
    positive: bool
    rows: Rows
    within: tuple[int, str] | None


def _sequence(reader: Reader, scope: Scope) -> Condition | None:
    nodes = reader.items("sequence")
    found = [_read_step(node, scope) for node in nodes]
    window = read_window(reader.get("within"), scope)
    span = read_length(reader, "span")
    written = [step for step in found if step is not None]
    if not nodes or len(written) != len(nodes) or window is None or reader.broken:
        return None
    if not _is_placed(reader, written, window):
        return None
    first = next(step for step in written if step.positive)
    resolved = [_resolved(step, first) for step in written]
    done = [step for step in resolved if step is not None]
    if len(done) != len(resolved):
        return None
    matches = MeasureRef(Measure(SequenceSource(tuple(done), span), "count", None, None, window.window, INTEGER))
    return Condition(window.known(at_least_one(matches)), _words(written, span, window))


def _read_step(node: Node, scope: Scope) -> _Step | None:
    reader = Reader.of(node, _STEP, scope.report, "a step of a sequence")
    if reader is None:
        return None
    if reader.has("did") == reader.has("did_not"):
        if reader.broken:
            return None
        reader.error("missing-key", "a step needs one of `did` and `did_not`", node.span, "- did: usage.signed_up")
        return None
    positive = reader.has("did")
    rows = read_rows(reader, "did" if positive else "did_not", scope, windowed=False)
    within = read_length(reader, "within")
    if rows is None or reader.broken:
        return None
    return _Step(reader, positive, rows, within)


def _is_placed(reader: Reader, written: SequenceOf[_Step], window: TimeSpan) -> bool:
    """Whether each step may say what it says where it stands; else reported."""
    positions = [number for number, step in enumerate(written) if step.positive]
    if not positions:
        reader.error(
            "bad-value", "a sequence without a `did` step", reader.span("sequence"), "write `did_not` as a condition"
        )
        return False
    if len(written) > MOST:
        reader.error("bad-value", f"a sequence of {len(written)} steps", written[MOST].reader.node.span, f"{MOST} at most")
    if window.ahead:
        reader.error(
            "bad-window", "a sequence ahead of as_of", reader.span("within"), "it looks back at what happened"
        )
    for number, step in enumerate(written):
        if step.within is not None and number <= positions[0]:
            _misplaced(step, "within", "nothing comes before the first `did` step", "put it into a later step")
        elif step.within is not None and not step.positive and number < positions[-1]:
            _misplaced(step, "within", "a `did_not` lasts from one neighbour to the other", "give it to the next step")
        if step.reader.has("same") and number == positions[0]:
            _misplaced(step, "same", "the first `did` step is what others are compared with", "put it into the others")
        reader.broken |= step.reader.broken
    return not reader.broken


def _misplaced(step: _Step, key: str, why: str, hint: str) -> None:
    step.reader.error("bad-value", f"`{key}` of this step: {why}", step.reader.span(key), hint)


def _resolved(step: _Step, first: _Step) -> SequenceStep | None:
    same = [_same(node, step, first) for node in step.reader.items("same")]
    found = tuple(s for s in same if s is not None)
    if len(found) != len(same) or step.reader.broken:
        return None
    return SequenceStep(step.rows.source, step.rows.where, step.positive, step.within, found)


def _same(node: Node, step: _Step, first: _Step) -> Expression | None:
    """A column of the step's row equal to that of the first step's."""
    if not isinstance(node, Scalar) or node.is_null:
        step.reader.error("bad-value", f"{describe(node)} in `same`", node.span, "name columns of the stream")
        return None
    try:
        own, before = (s.rows.row.named((node.text,)).expression for s in (step, first))
        assert isinstance(own, Field)
        assert isinstance(before, Field)
        return compare("eq", own, replace(before, path=FIRST_STEP))
    except Problem as problem:
        step.reader.problem(problem, node.span)
        return None


def _words(written: SequenceOf[_Step], span: tuple[int, str] | None, window: TimeSpan) -> Words:
    parts = []
    for number, step in enumerate(written):
        last = all(not s.positive for s in written[number:])
        how = "since" if last else ""
        if step.within is not None:
            length = steps.in_words(*step.within)
            how = f"less than {length} later" if step.positive else f"for {length}"
        text = ("" if step.positive else "no ") + step.rows.said(how)
        if names := [n.text for n in step.reader.items("same") if isinstance(n, Scalar)]:
            text += f", with the same {' and '.join(names)} as the first"
        parts.append(Words(text))
    head = "in this order" + (f", in less than {steps.in_words(*span)}" if span else "")
    return Words(head + ("" if window.window == EVER else f", {window.words}") + ":", tuple(parts))


KINDS = (
    ConditionKind(
        "sequence",
        shape(
            "things that happened in an order",
            {
                "sequence": {"type": "array", "items": _STEP, "minItems": 1, "maxItems": MOST},
                "span": LENGTH,
                "within": WINDOW,
            },
            "sequence",
        ),
        _sequence,
    ),
)
