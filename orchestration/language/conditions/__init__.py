"""The forms of conditions: one module each (or each pair), its docstring being its page in the reference."""

from orchestration.language.conditions import dates, did, has, logic, member
from orchestration.language.conditions.condition_kind import ConditionKind

KINDS: tuple[ConditionKind, ...] = (*logic.KINDS, *did.KINDS, *has.KINDS, *member.KINDS, *dates.KINDS)
BY_KEYWORD = {kind.keyword: kind for kind in KINDS}
LATER = ("first_did", "regularly", "stopped", "restarted", "sequence", "entered", "left", "was_in", "held")

__all__ = ["BY_KEYWORD", "KINDS", "LATER", "ConditionKind"]
