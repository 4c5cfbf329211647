"""`restarted`: someone came back after a pause.

`restarted: usage.session_started` with `gap: 30 days` and `within: 7 days` is true where a matching row lies in the window
whose preceding matching row, of all time, lies at least the gap earlier: the gap is stepped forward from the earlier row, by the
calendar for days to years. A first row ever is no restart. It is two-valued.
"""

from __future__ import annotations

from orchestration.catalog.types import INTEGER
from orchestration.language import steps
from orchestration.language.conditions.condition_kind import ConditionKind, shape
from orchestration.language.conditions.did import COMMON, STREAM, at_least_one, read_rows
from orchestration.language.expression import GapSource, Measure, MeasureRef
from orchestration.language.model import Condition, Words
from orchestration.language.reader import Reader
from orchestration.language.scope import Scope
from orchestration.language.windows import LENGTH, read_length


def _restarted(reader: Reader, scope: Scope) -> Condition | None:
    rows, gap = read_rows(reader, "restarted", scope), read_length(reader, "gap")
    if rows is None or gap is None:
        return None
    source = GapSource(rows.source, gap)
    restarts = MeasureRef(Measure(source, "count", None, rows.where, rows.window.window, INTEGER))
    words = rows.said(f"again {rows.window.words}, after {steps.in_words(*gap)} or more without it")
    return Condition(rows.window.known(at_least_one(restarts)), Words(words))


KINDS = (
    ConditionKind(
        "restarted",
        shape("something happens again after a pause", {"restarted": STREAM, **COMMON, "gap": LENGTH}, "restarted", "gap"),
        _restarted,
    ),
)
