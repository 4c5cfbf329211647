"""`stopped`: someone who did something does it no more.

`stopped: usage.session_started` with `for: 30 days` and `after_active_within: 90 days` is true where a matching row lies in
`[as_of − 90 days, as_of − 30 days)` and none in `[as_of − 30 days, as_of)`. A `for` that is not shorter is an error.
"""

from __future__ import annotations

from orchestration.language import steps
from orchestration.language.conditions.condition_kind import PREDICATE, ConditionKind, shape
from orchestration.language.conditions.did import STREAM, VIA, at_least_one, none_at_all, read_rows
from orchestration.language.expression import Call, Edge, Window
from orchestration.language.model import Condition, Words
from orchestration.language.reader import Reader
from orchestration.language.scope import Scope
from orchestration.language.windows import LENGTH, read_length


def _stopped(reader: Reader, scope: Scope) -> Condition | None:
    rows = read_rows(reader, "stopped", scope)
    quiet, active = read_length(reader, "for"), read_length(reader, "after_active_within")
    if rows is None or quiet is None or active is None:
        return None
    if not steps.is_shorter(quiet, active):
        reader.error(
            "bad-window",
            f"`for` of {steps.in_words(*quiet)} is not shorter than `after_active_within` of {steps.in_words(*active)}",
            reader.span("for"),
            "someone has to be active before they stop",
        )
        return None
    since, until = (Edge(steps=((-amount, unit),)) for amount, unit in (active, quiet))
    condition = Call(
        "and",
        (at_least_one(rows.over(Window(since, until)).count()), none_at_all(rows.over(Window(until)).count())),
    )
    words = rows.said(f"in the last {steps.stretch(*active)}, but not in the last {steps.stretch(*quiet)}")
    return Condition(condition, Words(words))


KINDS = (
    ConditionKind(
        "stopped",
        shape(
            "something that happened happens no more",
            {"stopped": STREAM, "where": PREDICATE, "via": VIA, "for": LENGTH, "after_active_within": LENGTH},
            "stopped",
            "for",
            "after_active_within",
        ),
        _stopped,
    ),
)
