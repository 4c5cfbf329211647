"""Outcomes as text for a person and as JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from orchestration.diagnostics import printable
from orchestration.testing.outcome import Key, Membership, Outcome


def render_outcomes(outcomes: Sequence[Outcome]) -> str:
    """The tests that failed, each with a table of who was expected and who came, and a line that counts."""
    failed = [outcome for outcome in outcomes if not outcome.passed]
    blocks = [_failure(outcome) for outcome in failed]
    tests = f"{len(outcomes):,} test" + ("" if len(outcomes) == 1 else "s")
    verdict = f"{len(failed):,} of {tests} failed" if failed else f"{tests} passed" if outcomes else "no tests"
    return "\n\n".join([*blocks, verdict])


def _failure(outcome: Outcome) -> str:
    head = f"failed: {printable(outcome.test)}\n  --> {outcome.file}:{outcome.line}"
    about = f"  segment `{outcome.segment}` at {outcome.as_of.isoformat(sep=' ')} UTC"
    return "\n".join([head, about, *(f"    {line}" for line in _table(outcome))])


def _table(outcome: Outcome) -> list[str]:
    """A line for each member that was expected or came in vain: `member  expected  came`."""
    rows = [("member", "expected", "came")]
    for key in dict.fromkeys(m.key for m in (*outcome.missing, *outcome.unexpected)):
        rows.append((printable(str(key)), _words(outcome.missing, key), _words(outcome.unexpected, key)))
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _words(memberships: Iterable[Membership], key: Key) -> str:
    """Where a member is among these: `-` (not at all), `yes`, a tier, since when."""
    found = [m for m in memberships if m.key == key]
    if not found:
        return "-"
    parts = [(m.tier or "", f"since {m.entered_at.isoformat(sep=' ')}" if m.entered_at else "") for m in found]
    return ", ".join(dict.fromkeys(" ".join(filter(None, part)) or "yes" for part in parts))


def render_outcomes_json(outcomes: Sequence[Outcome]) -> str:
    """A JSON list: file, line, test, segment, as_of, passed, and who is missing and unexpected (key, tier, entered_at)."""
    return json.dumps([_json(outcome) for outcome in outcomes], indent=2, ensure_ascii=False)


def _json(outcome: Outcome) -> dict[str, Any]:
    return {
        "file": outcome.file,
        "line": outcome.line,
        "test": outcome.test,
        "segment": outcome.segment,
        "as_of": outcome.as_of.isoformat() + "Z",
        "passed": outcome.passed,
        "missing": [_member_json(m) for m in outcome.missing],
        "unexpected": [_member_json(m) for m in outcome.unexpected],
    }


def _member_json(membership: Membership) -> dict[str, Any]:
    entered_at = membership.entered_at
    return {
        "key": membership.key,
        "tier": membership.tier,
        "entered_at": entered_at.isoformat() + "Z" if entered_at else None,
    }
