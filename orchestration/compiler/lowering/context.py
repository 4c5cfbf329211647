"""What lowering needs to know besides the expression: the dialect, the zone, the week, and where leaves come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from orchestration.compiler.lowering.trees import SUPPORTED
from orchestration.language.expression import Call, Field, InstantRef, MeasureRef, MemberRef, TraitRef
from orchestration.language.zone import Zone

Leaf: TypeAlias = Field | TraitRef | MemberRef | InstantRef | MeasureRef


@dataclass(frozen=True, slots=True)
class Lowering:
    """The surroundings of an expression.

    `leaf` gives the tree, in most cases a column, that holds a leaf's value; `today` is asked of it as `TODAY`.
    Columns it names hold canonical values of the leaf's type: read by `read_column`, or computed from such.
    """

    dialect: str
    zone: Zone
    leaf: Callable[[Leaf], exp.Expr]
    week_starts_on: str = "monday"

    def __post_init__(self) -> None:
        if self.dialect not in SUPPORTED:
            raise ValueError(f"no lowering for {self.dialect} yet; there is one for {', '.join(SUPPORTED)}")


Handler: TypeAlias = Callable[[Call, tuple[exp.Expr, ...], Lowering], exp.Expr]
