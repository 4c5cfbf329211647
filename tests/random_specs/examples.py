"""Runs examples: Hypothesis draws tapes, each is a project that is judged; a disagreement is made smaller and raised as a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from orchestration.warehouse import Connection
from tests.random_specs.coverage import TITLE, WANTED, Coverage
from tests.random_specs.judge import Disagreement, Verdict, judge
from tests.random_specs.literate import case_of
from tests.random_specs.project import RandomProject, random_project
from tests.random_specs.reduce import reduced
from tests.random_specs.tape import LENGTH, Tape

# The least of the projects, and what else Hypothesis would say of tapes, are no news here; a tape is a project of a hundred rows.
QUIET = (HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large)
REFUSED_SHARE = 0.05


def each_tape(number: int, start: int) -> Callable[[Callable[[bytes], None]], Callable[[], None]]:
    """Runs a test on so many tapes, the same ones each time."""

    def decorate(test: Callable[[bytes], None]) -> Callable[[], None]:
        tapes = st.binary(min_size=LENGTH, max_size=LENGTH)
        quiet = settings(
            max_examples=number,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=QUIET,
            report_multiple_bugs=False,
            print_blob=False,
        )
        found: Callable[[], None] = seed(start)(quiet(given(tapes)(test)))
        return found

    return decorate


@dataclass(frozen=True, slots=True)
class Size:
    """How many examples, the segments asked for in each, and the constructs asked for in a segment."""

    examples: int
    segments: int = 2
    constructs: int = 3


@dataclass(slots=True)
class Session:
    """The examples of one test item. What a tape was is remembered: Hypothesis shows a failing one again."""

    connection: Connection
    coverage: Coverage
    size: Size
    readable: bool = True
    projects: dict[bytes, RandomProject] = field(default_factory=dict)
    failures: dict[bytes, str] = field(default_factory=dict)
    refused: int = 0

    def run(self, start: int) -> None:
        """Judges the examples; raises with a case where there is a disagreement."""

        @each_tape(self.size.examples, start)
        def example(data: bytes) -> None:
            if data not in self.failures:
                self.failures[data] = self.judged(data)
            if self.failures[data]:
                pytest.fail(self.failures[data], pytrace=False)

        example()
        assert self.refused <= REFUSED_SHARE * self.coverage.segments, f"{self.refused} definitions were refused"

    def judged(self, data: bytes) -> str:
        """The case that shows a disagreement, if there is one."""
        tape = Tape(data)
        targets = self.coverage.targets(tape, self.size.segments, self.size.constructs)
        verdict = judge(random_project(tape, targets), self.connection, readable=self.readable)
        self.note(verdict)
        for disagreement in verdict.disagreements[:1]:
            return self.case(verdict, disagreement)
        return ""

    def note(self, verdict: Verdict) -> None:
        """Counts what was judged."""
        self.refused += verdict.refused
        self.coverage.projects += 1
        for segment in verdict.project.segments:
            members, people = verdict.sizes[segment.name]
            self.coverage.add(verdict.project.constructs_of(segment), 0 < members < people)

    def case(self, verdict: Verdict, disagreement: Disagreement) -> str:
        project, shown = reduced(verdict.project, self.connection, disagreement)
        return "A case for tests/language, as the evaluator judges it:\n\n" + case_of(project, shown)


def run_examples(
    connection: Connection,
    part: tuple[int, int],
    size: Size,
    start: int,
    record: Callable[[str, object], None],
    *,
    readable: bool,
    complete: bool,
) -> None:
    """One part of the examples; what it covered is recorded. With `complete` each of its pairs must have occurred."""
    session = Session(connection, Coverage(*part), size, readable)
    session.run(start)
    record(TITLE, session.coverage.as_json())
    if complete:
        short = session.coverage.short_of(WANTED)
        assert not short, f"{len(short)} pairs occurred too seldom:\n" + "\n".join(short[:40])
