"""Conditions put together so that some of the entities meet the whole and some do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tests.random_specs.evaluation import Truths
from tests.random_specs.tape import Tape
from tests.random_specs.yaml_writer import Yaml
from tests.reference.values import all_of, any_of, negation

TRIES = 12
Combine: TypeAlias = Callable[[Sequence["Piece"]], "Piece"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A condition, its truth for each of the entities, and the constructs that putting it together used."""

    node: Yaml
    truths: Truths
    used: frozenset[str] = frozenset()

    @property
    def divides(self) -> bool:
        """Whether it is true of some and not of all."""
        return len({truth is True for truth in self.truths}) == 2


def _columns(pieces: Sequence[Piece]) -> list[tuple[bool | None, ...]]:
    return list(zip(*(p.truths for p in pieces), strict=True))


def _used(pieces: Sequence[Piece], *constructs: str) -> frozenset[str]:
    return frozenset(constructs).union(*(p.used for p in pieces))


def _all(keyword: str) -> Combine:
    def combine(pieces: Sequence[Piece]) -> Piece:
        nodes = [p.node for p in pieces]
        node: Yaml = nodes if keyword == "list" else {keyword: nodes}
        return Piece(node, [all_of(c) for c in _columns(pieces)], _used(pieces, f"condition:{keyword}"))

    return combine


def _any(pieces: Sequence[Piece]) -> Piece:
    return Piece(
        {"any": [p.node for p in pieces]}, [any_of(c) for c in _columns(pieces)], _used(pieces, "condition:any")
    )


def _none(pieces: Sequence[Piece]) -> Piece:
    truths = [negation(any_of(c)) for c in _columns(pieces)]
    return Piece({"none": [p.node for p in pieces]}, truths, _used(pieces, "condition:none"))


def opposite(piece: Piece) -> Piece:
    return Piece({"not": piece.node}, [negation(t) for t in piece.truths], piece.used | {"condition:not"})


COMBINE: Mapping[str, Combine] = {"any": _any, "list": _all("list"), "all": _all("all"), "none": _none}


def together(tape: Tape, pieces: Sequence[Piece], wants: frozenset[str] = frozenset()) -> Piece:
    """The pieces as one condition, which divides the entities if one of a few ways to do it does."""
    found = _tried(tape, pieces, wants)
    for _ in range(TRIES):
        if found.divides:
            break
        found = _tried(tape, pieces, frozenset())
    return found


def _tried(tape: Tape, pieces: Sequence[Piece], wants: frozenset[str]) -> Piece:
    """The pieces put together in one way."""
    if len(pieces) == 1:
        return opposite(pieces[0]) if tape.chance(20) else pieces[0]
    middle = tape.between(1, len(pieces) - 1)
    parts = (
        pieces
        if len(pieces) == 2 or tape.chance(20)
        else [_tried(tape, p, wants) for p in (pieces[:middle], pieces[middle:])]
    )
    wanted = [k for k in COMBINE if f"condition:{k}" in wants]
    return COMBINE[wanted[0] if wanted else tape.pick(["any", "list", "any", "all", "none"])](parts)
