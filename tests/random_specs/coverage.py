"""Which pairs of constructs have met in one segment's definition, how often, and how often some but not all were members.

The pair that is covered least is drawn first. Each test item has a share of the pairs that it draws; what it meets of the
others by the way counts too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from tests.random_specs.tape import Tape
from tests.random_specs.vocabulary import IMPOSSIBLE, constructs

WANTED = 10  # so often each pair is to occur with `--long`, and in half of them some but not all are to be members
OTHERS = 10  # so many constructs are looked at for a third place in a definition
TITLE = "random specs: pairs of constructs"


@dataclass(slots=True)
class Coverage:
    """Counts by pair. `part` of `parts` is the share of the pairs that is drawn."""

    part: int = 0
    parts: int = 1
    names: tuple[str, ...] = field(default_factory=constructs)
    met: list[int] = field(default_factory=list)
    divided: list[int] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)
    segments: int = 0
    dividing: int = 0
    projects: int = 0

    def __post_init__(self) -> None:
        size = len(self.names) ** 2
        self.met, self.divided, self.drawn = [0] * size, [0] * size, [0] * size

    def pairs(self) -> Iterator[int]:
        """All possible pairs: the place of each in the counts."""
        number = len(self.names)
        impossible = {frozenset(pair) for pair in IMPOSSIBLE}
        for first, second in combinations(range(number), 2):
            if frozenset((self.names[first], self.names[second])) not in impossible:
                yield first * number + second

    def share(self) -> list[int]:
        """The pairs that this part draws."""
        return [place for place in self.pairs() if place % self.parts == self.part]

    def words(self, place: int) -> tuple[str, str]:
        first, second = divmod(place, len(self.names))
        return self.names[first], self.names[second]

    def _place(self, first: int, second: int) -> int:
        return min(first, second) * len(self.names) + max(first, second)

    def covered(self, place: int) -> int:
        """How often a pair occurred; twice as often as it divided at most."""
        return min(self.met[place], 2 * self.divided[place])

    def targets(self, tape: Tape, number: int, size: int) -> list[list[str]]:
        """Sets of constructs, each for one definition: the pairs covered least, and others that go least with them."""
        share = self.share()
        start = tape.below(len(share))
        order = sorted([*share[start:], *share[:start]], key=lambda p: max(self.covered(p), self.drawn[p] // 3))
        found = []
        for place in order[:number]:
            self.drawn[place] += 1
            chosen = list(divmod(place, len(self.names)))
            while len(chosen) < size:
                others = [tape.below(len(self.names)) for _ in range(OTHERS)]
                chosen.append(
                    min(others, key=lambda o: sum(min(self.covered(self._place(o, c)), WANTED) for c in chosen))
                )
            found.append([self.names[c] for c in dict.fromkeys(chosen)])
        return found

    def add(self, used: Iterable[str], divides: bool) -> None:
        """Counts one definition's pairs."""
        known = {name: number for number, name in enumerate(self.names)}
        self.segments += 1
        self.dividing += divides
        for first, second in combinations(sorted(known[name] for name in used if name in known), 2):
            place = first * len(self.names) + second
            self.met[place] += 1
            self.divided[place] += divides

    def short_of(self, wanted: int) -> list[str]:
        """The pairs of this part that did not occur so often, or did not divide in half of so many."""
        short = [place for place in self.share() if self.covered(place) < wanted]
        return [f"{' with '.join(self.words(p))}: {self.met[p]}, divided {self.divided[p]}" for p in short]

    def as_json(self) -> str:
        """The counts, for another process to add up."""
        counts = [[p, self.met[p], self.divided[p]] for p in self.pairs() if self.met[p]]
        return json.dumps([counts, self.segments, self.dividing, self.projects])


def added_up(texts: Sequence[str]) -> Coverage:
    """The counts of several parts."""
    whole = Coverage()
    for text in texts:
        counts, segments, dividing, projects = json.loads(text)
        whole.segments += segments
        whole.dividing += dividing
        whole.projects += projects
        for place, met, divided in counts:
            whole.met[place] += met
            whole.divided[place] += divided
    return whole


def summary(texts: Sequence[str]) -> list[str]:
    """What is printed at the end of a test run: how the pairs are covered, and which are least."""
    whole = added_up(texts)
    pairs = list(whole.pairs())
    often = sum(whole.met[p] >= WANTED for p in pairs)
    divided = sum(whole.covered(p) >= WANTED for p in pairs)
    halves = sum(whole.met[p] > 0 and 2 * whole.divided[p] >= whole.met[p] for p in pairs)
    met = sum(whole.met[p] > 0 for p in pairs)
    least = sorted(pairs, key=lambda p: (whole.covered(p), whole.met[p]))[:12]
    return [
        f"{whole.projects:,} projects with {whole.segments:,} segments; some but not all are members of {whole.dividing:,}",
        f"{len(whole.names)} constructs, {len(pairs):,} possible pairs ({len(IMPOSSIBLE)} are impossible), {met:,} of them met",
        f"{WANTED} times or more: {often:,}; and at least {WANTED // 2} times with some but not all as members: {divided:,}",
        f"some but not all are members in half of the definitions or more: {halves:,}",
        "covered least:",
        *(f"  {' with '.join(whole.words(p))}: {whole.met[p]}, divided {whole.divided[p]}" for p in least),
    ]
