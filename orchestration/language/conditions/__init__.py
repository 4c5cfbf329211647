"""The forms of conditions: one module each (or each pair), its docstring being its page in the reference."""

from orchestration.language.conditions import (
    dates,
    did,
    first_did,
    has,
    logic,
    member,
    regularly,
    restarted,
    sequence,
    stopped,
)
from orchestration.language.conditions.condition_kind import ConditionKind

KINDS: tuple[ConditionKind, ...] = (
    *logic.KINDS,
    *did.KINDS,
    *first_did.KINDS,
    *regularly.KINDS,
    *stopped.KINDS,
    *restarted.KINDS,
    *sequence.KINDS,
    *has.KINDS,
    *member.KINDS,
    *dates.KINDS,
)
BY_KEYWORD = {kind.keyword: kind for kind in KINDS}
LATER = ("entered", "left", "was_in", "held")

__all__ = ["BY_KEYWORD", "KINDS", "LATER", "ConditionKind"]
