"""The evaluator on what entities did and when: counts, periods, stops, restarts, sequences. Worked out by hand."""

from __future__ import annotations

import pytest

from tests.reference import SpecError
from tests.reference.acme import AS_OF, usage, users, who
from tests.reference.evaluation import Instant


def did(form: str, *rows: dict[str, object], as_of: Instant = AS_OF) -> bool:
    """Whether a form holds for a user with such rows; `nobody`, who has none, is there too."""
    given = {"user": users("u", "nobody"), "usage": list(rows)}
    return "u" in who(f"- {form}", given, as_of)


def bounded(bounds: str) -> list[str]:
    """Which users did something so often: the key is how often."""
    rows = [row for n in range(4) for row in usage(str(n), *["2026-02-01"] * n)]
    return sorted(who(f"- {{did: usage, {bounds}}}", {"user": users("0", "1", "2", "3"), "usage": rows}))


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ("within: ever", "123"),
        ("times: 2", "23"),
        ("times: {at_least: 2}", "23"),
        ("times: {at_most: 2}", "012"),
        ("times: {more_than: 2}", "3"),
        ("times: {less_than: 1}", "0"),
        ("times: {exactly: 2}", "2"),
        ("times: {between: [0, 1]}", "01"),
        ("times: {at_least: 1, less_than: 3}", "12"),
        ("days: 1", "123"),
        ("days: {at_most: 1}", "123"),
        ("days: {at_most: 1}, times: {at_least: 0}", "0123"),
        ("days: 2", ""),
        ("days: {at_most: 1}, times: 2", "23"),
    ],
)
def test_bounds(bounds: str, expected: str) -> None:
    assert "".join(bounded(bounds)) == expected


def test_totals() -> None:
    rows = usage("u", "2026-02-01", amount=60) + usage("u", "2026-02-02", amount=40) + usage("v", "2026-02-02")
    given = {"user": users("u", "v", "w"), "usage": rows}
    assert who("- {did: usage, total: {of: amount, at_least: 100}}", given) == {"u"}
    assert who("- {did: usage, total: {of: amount, at_most: 99}}", given) == {"v"}
    assert who("- {did: usage, times: {at_least: 0}, total: {of: amount, at_most: 99}}", given) == {"v", "w"}
    assert who("- {did: usage, average: {of: amount, exactly: 50}}", given) == {"u"}
    assert who("- {did: usage, smallest: {of: amount, at_most: 40}}", given) == {"u"}
    assert who("- {did: usage, largest: {of: amount * 2, more_than: 119.99}}", given) == {"u"}
    assert who("- {did: usage, distinct: {of: amount, less_than: 2}}", given) == {"v"}
    assert who("- not: {did: usage, largest: {of: amount, at_most: 99}}", given) == {"v", "w"}


def test_where_must_be_true() -> None:
    rows = [row for key in ("pdf", "csv") for row in usage(key, "2026-02-01", format=key)] + usage("n", "2026-02-01")
    given = {"user": users("pdf", "csv", "n"), "usage": rows}
    assert who("- {did: usage, where: format = 'pdf'}", given) == {"pdf"}
    assert who("- {did: usage, where: format <> 'pdf'}", given) == {"csv"}
    assert who("- {did_not: usage, where: format <> 'pdf'}", given) == {"pdf", "n"}


def test_first_did_looks_at_all_time() -> None:
    form = "{first_did: usage.opened, within: 7 days}"
    assert did(form, *usage("u", "2026-02-25", "2026-02-27"))
    assert not did(form, *usage("u", "2026-02-25", "2025-01-01"))
    assert not did(form)
    assert did(f"{{not: {form}}}")
    rows = [*usage("u", "2026-02-25", format="pdf"), *usage("u", "2025-01-01", format="csv")]
    assert did("{first_did: usage, where: format = 'pdf', within: 7 days}", *rows)


def test_regularly_counts_rolling_periods() -> None:
    form = "{regularly: usage, periods: {at_least: 3, of: 4 weeks}}"
    # the weeks back from 1 March begin on 22, 15, 8 and 1 February
    assert did(form, *usage("u", "2026-02-22", "2026-02-15", "2026-02-01"))
    assert not did(form, *usage("u", "2026-02-22", "2026-02-28", "2026-02-15", "2026-01-31T23:59"))
    assert did("{regularly: usage, periods: {at_most: 0, of: 4 weeks}}", *usage("u", "2026-01-31"))


def test_regularly_counts_whole_calendar_periods() -> None:
    form = "{regularly: usage, periods: {at_least: 2, of: 2 months, calendar: true}}"
    assert did(form, *usage("u", "2026-01-31", "2026-02-01"))
    assert not did(form, *usage("u", "2026-01-31", "2026-03-01"), as_of="2026-03-15")


def test_stopped() -> None:
    form = "{stopped: usage, for: 30 days, after_active_within: 90 days}"
    # silent since 30 January, active since 1 December
    assert did(form, *usage("u", "2026-01-29T23:59"))
    assert did(form, *usage("u", "2025-12-01"))
    assert not did(form, *usage("u", "2025-11-30T23:59"))
    assert not did(form, *usage("u", "2026-01-10", "2026-01-30"))
    assert not did(form)


def test_restarted() -> None:
    form = "{restarted: usage, gap: 30 days, within: 7 days}"
    assert did(form, *usage("u", "2026-01-25", "2026-02-24"))
    assert not did(form, *usage("u", "2026-01-25T00:01", "2026-02-24"))
    assert not did(form, *usage("u", "2026-02-24"))  # a first row ever is no restart
    assert not did(form, *usage("u", "2026-01-01", "2026-02-20", "2026-02-24"))
    assert did(form, *usage("u", "2025-01-01", "2026-02-22", "2026-02-22", "2026-02-23"))


def sequence(steps: str, rows: str, rest: str = "") -> bool:
    """Whether a sequence is found in rows such as `o10 b12`: opened on 10 February, bought on the 12th."""
    names = {"o": "opened", "b": "bought", "a": "asked"}
    found = [
        row
        for entry in rows.split()
        for row in usage("u", f"2026-02-{entry[1:3]}", event=names[entry[0]], format=entry[3:] or None)
    ]
    return did(f"{{sequence: {steps}{rest}}}", *found)


OPENED_BOUGHT = "[{did: usage.opened}, {did: usage.bought}]"


def test_steps_are_at_strictly_increasing_times() -> None:
    assert sequence(OPENED_BOUGHT, "o10 b12")
    assert not sequence(OPENED_BOUGHT, "b10 o12")
    assert not sequence(OPENED_BOUGHT, "o10 b10")
    assert not sequence("[{did: usage.opened}, {did: usage.opened}]", "o10 o10")
    assert sequence("[{did: usage.opened}, {did: usage.opened}]", "o10 o11")


def test_within_and_span_are_exclusive() -> None:
    seven = "[{did: usage.opened}, {did: usage.bought, within: 7 days}]"
    assert sequence(seven, "o10 b16")
    assert not sequence(seven, "o10 b17")
    three = "[{did: usage.opened}, {did: usage.asked, within: 7 days}, {did: usage.bought, within: 7 days}]"
    assert sequence(three, "o01 a07 b10", ", span: 10 days")
    assert not sequence(three, "o01 a07 b11", ", span: 10 days")


def test_a_sequence_exists_even_where_the_earliest_match_fails() -> None:
    seven = "[{did: usage.opened}, {did: usage.bought, within: 7 days}]"
    assert sequence(seven, "o01 o10 b12")
    both = "[{did: usage.opened}, {did: usage.asked, within: 3 days}, {did: usage.bought, within: 3 days}]"
    assert sequence(both, "o01 a02 o10 a11 a12 b14")
    assert not sequence(both, "o01 a02 o10 a11 b14")


def test_all_of_it_lies_in_the_window() -> None:
    assert sequence(OPENED_BOUGHT, "o15 b20", ", within: 14 days")
    assert not sequence(OPENED_BOUGHT, "o14 b20", ", within: 14 days")


def test_nothing_between_two_steps() -> None:
    quiet = "[{did: usage.opened}, {did_not: usage.asked}, {did: usage.bought}]"
    assert sequence(quiet, "o10 b12")
    assert not sequence(quiet, "o10 a11 b12")
    assert sequence(quiet, "o10 a10 b12")  # not strictly between
    assert sequence(quiet, "o10 a12 b12")
    assert sequence(quiet, "o05 a06 o10 b12")


def test_nothing_before_the_first_step() -> None:
    quiet = "[{did_not: usage.asked}, {did: usage.bought}]"
    assert sequence(quiet, "b12")
    assert not sequence(quiet, "a10 b12")
    assert sequence(quiet, "a12 b12")
    assert sequence(quiet, "a10 b16", ", within: 14 days")
    assert sequence(quiet, "b08 a10 b12")


def test_nothing_after_the_last_step() -> None:
    quiet = "[{did: usage.bought}, {did_not: usage.asked}]"
    assert sequence(quiet, "a01 b12 a12")
    assert not sequence(quiet, "b12 a13")
    assert sequence(quiet, "b12 a13 b14")
    week = "[{did: usage.bought}, {did_not: usage.asked, within: 7 days}]"
    assert sequence(week, "b12 a19")
    assert not sequence(week, "b12 a18")
    assert sequence(week, "b22")  # 22 February + 7 days is as_of
    assert not sequence(week, "b23")  # the seven days must have passed


def test_the_same_value_as_the_first_step() -> None:
    same = "[{did: usage.opened}, {did: usage.bought, same: [format]}]"
    assert sequence(same, "o10x b12x")
    assert not sequence(same, "o10x b12y")
    assert not sequence(same, "o10 b12")  # null is not the same
    assert sequence(same, "o09y o10x b12y")
    quiet = "[{did: usage.opened}, {did_not: usage.asked, same: [format]}, {did: usage.bought}]"
    assert sequence(quiet, "o10x a11y b12y")
    assert not sequence(quiet, "o10x a11x b12y")


def test_where_of_a_step() -> None:
    pdf = "[{did: usage.opened, where: format = 'pdf'}, {did: usage.bought}]"
    assert sequence(pdf, "o10pdf b12")
    assert not sequence(pdf, "o10csv b12")


def test_a_sequence_needs_a_step_that_happened() -> None:
    with pytest.raises(SpecError, match="without a positive step"):
        sequence("[{did_not: usage.opened}]", "o10")
