"""Which instant a command works at. Here, and nowhere below, a clock is read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from orchestration.commands.instants import floored, read_as_of, shown
from orchestration.commands.loading import is_sample
from orchestration.commands.sample_command import sample_as_of
from orchestration.language.zone import Zone

if TYPE_CHECKING:
    from orchestration.commands.loading import Specs
    from orchestration.compiler.compiled import Compiled
    from orchestration.warehouse import Target

Origin: TypeAlias = Literal["option", "sample", "tick", "clock"]


@dataclass(frozen=True, slots=True)
class AsOf:
    """An instant of the project's grid (naive UTC), and where it comes from."""

    instant: dt.datetime
    origin: Origin
    local: str  # as it is written after --as-of

    @property
    def in_words(self) -> str:
        match self.origin:
            case "option":
                return f"as of {self.local}"
            case "sample":
                return f"as of {self.local}, the sample's own today"
            case "tick":
                return f"as of {self.local}, by the schedule"
            case "clock":
                return f"as of {self.local}, by the clock"


def given_as_of(text: str | None, compiled: Compiled) -> AsOf | None:
    """What `--as-of` says; None without it, UserError off the grid."""
    if text is None:
        return None
    zone = Zone.named(compiled.timezone)
    instant = read_as_of(text, zone, compiled.grid)
    return AsOf(instant, "option", shown(instant, zone, compiled.grid))


def usual_as_of(specs: Specs, compiled: Compiled, target: Target, tick: dt.datetime | None = None) -> AsOf:
    """The sample's today where the sources are the sample; else a schedule's tick, else now. All floored to the grid."""
    today = sample_as_of(target) if is_sample(specs.texts) else None
    if today is not None:
        return _on_grid(today, "sample", compiled)
    if tick is not None:
        return _on_grid(tick, "tick", compiled)
    return _on_grid(dt.datetime.now(dt.UTC).replace(tzinfo=None), "clock", compiled)


def _on_grid(utc: dt.datetime, origin: Origin, compiled: Compiled) -> AsOf:
    zone = Zone.named(compiled.timezone)
    instant = floored(utc, zone, compiled.grid)
    return AsOf(instant, origin, shown(instant, zone, compiled.grid))
