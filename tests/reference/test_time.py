"""The evaluator on time: calendar steps, clock changes, windows, dates by days, anniversaries. Worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.reference.acme import AS_OF, BERLIN, trait, usage, users, value, who
from tests.reference.evaluation import Instant
from tests.reference.wall_time import Calendar, next_return, read_length

IN_BERLIN = Calendar(ZoneInfo("Europe/Berlin"), 0)


def test_as_of_is_wall_time_in_the_project_s_zone_and_fixtures_are_utc() -> None:
    rows = usage("before", "2026-02-28T22:59:59") + usage("at", "2026-02-28T23:00")
    given = {"user": users("before", "at"), "usage": rows}
    assert who("- did: usage", given, "2026-03-01", more=BERLIN) == {"before"}
    assert who("- did: usage", given, "2026-03-01T00:00Z", more=BERLIN) == {"before", "at"}
    assert who("- did: usage", given, datetime(2026, 2, 28, 23), more=BERLIN) == {"before"}


@pytest.mark.parametrize(
    ("moment", "length", "expected"),
    [
        # 29 March 2026, 2:00 becomes 3:00; 25 October 2026, 3:00 becomes 2:00
        ("2026-03-28 12:00", "1 day", "2026-03-29 10:00"),  # wall time; UTC after the arrow of time
        ("2026-03-28 12:00", "24 hours", "2026-03-29 11:00"),
        ("2026-03-28 02:30", "1 day", "2026-03-29 01:30"),  # a missing wall time is shifted by the gap: 3:30
        ("2026-10-24 02:30", "1 day", "2026-10-25 00:30"),  # an ambiguous one is the earlier instant
        ("2026-01-31 00:00", "1 month", "2026-02-27 23:00"),
        ("2024-02-29 00:00", "1 year", "2025-02-27 23:00"),
    ],
)
def test_steps(moment: str, length: str, expected: str) -> None:
    assert IN_BERLIN.later(IN_BERLIN.read(moment), read_length(length)) == datetime.fromisoformat(expected)


def test_one_month_before_31_march_is_the_last_of_february() -> None:
    instant = IN_BERLIN.read("2026-03-31 12:00")
    assert IN_BERLIN.shift(instant, read_length("1 month"), -1) == datetime(2026, 2, 28, 11)


def test_the_hour_of_an_ambiguous_time_is_the_earlier_one() -> None:
    assert value("date_trunc('hour', seen_at)", more=BERLIN, seen_at="2026-10-25T01:30") == datetime(2026, 10, 25, 0)


def test_weeks_start_as_the_project_says() -> None:
    sunday = "project: {week_starts_on: sunday}"
    assert value("date_trunc('week', date '2026-02-28')", more=sunday) == date(2026, 2, 22)
    assert value("date_trunc('week', date '2026-03-01')", more=sunday) == date(2026, 3, 1)
    assert value("date_diff('week', date '2026-02-28', date '2026-03-01')", more=sunday) == 1


def within(window: str, *times: str, as_of: Instant = AS_OF, more: str = "") -> list[str]:
    """Which of these times (UTC) lie in a window."""
    rows = [r for time in times for r in usage(time, time)]
    found = who(f"- {{did: usage, within: {window}}}", {"user": users(*times), "usage": rows}, as_of, more=more)
    return sorted(found)


LAST_SECOND, FIRST = "2026-01-31T23:59:59", "2026-02-01T00:00"


@pytest.mark.parametrize("window", ["28 days", "4 weeks", "1 month", "{last: 1 month}", "672 hours", "40320 minutes"])
def test_windows_are_half_open(window: str) -> None:
    assert within(window, LAST_SECOND, FIRST) == [FIRST]
    assert within(window, "2026-02-28T23:59:59", "2026-03-01") == ["2026-02-28T23:59:59"]


def test_28_days_over_a_clock_change_are_days_of_the_calendar() -> None:
    # as_of 30 March, 0:00 in Berlin is 29 March, 22:00 UTC; 28 days before is 2 March, 0:00, 1 March, 23:00
    # UTC, 671 hours; 672 hours before is 22:00 UTC
    times = ("2026-03-01T21:59", "2026-03-01T22:00", "2026-03-01T22:59", "2026-03-01T23:00")
    assert within("28 days", *times, as_of="2026-03-30", more=BERLIN) == ["2026-03-01T23:00"]
    assert within("672 hours", *times, as_of="2026-03-30", more=BERLIN) == list(times[1:])


def test_windows_that_end_before_tile() -> None:
    days = [f"2026-{month:02}-{day:02}" for month, day in ((1, 30), (1, 31), (2, 27), (2, 28), (3, 30))]
    assert within("1 month", *days, as_of="2026-03-31") == ["2026-02-28", "2026-03-30"]
    before = "{last: 1 month, ending: 1 month ago}"
    assert within(before, *days, as_of="2026-03-31") == ["2026-01-31", "2026-02-27"]


def test_of_different_units_the_larger_is_stepped_first() -> None:
    # 31 March - 1 month is 28 February, less 1 day is the 27th; a day first would give 30 March and 28 February
    days = ("2026-02-26", "2026-02-27", "2026-02-28")
    assert within("{last: 1 day, ending: 1 month ago}", *days, as_of="2026-03-31") == ["2026-02-27"]
    assert within("{last: 1 month, ending: 1 day ago}", *days, as_of="2026-03-31") == ["2026-02-27", "2026-02-28"]


def test_windows_between_dates_are_wall_time() -> None:
    times = ("2026-01-31T22:59", "2026-01-31T23:00", "2026-02-01T22:59", "2026-02-01T23:00")
    window = "{from: 2026-02-01, to: 2026-02-02}"
    assert within(window, *times, more=BERLIN) == ["2026-01-31T23:00", "2026-02-01T22:59"]
    assert within("{since: 2026-02-01}", *times, more=BERLIN) == list(times[1:])
    assert within("ever", *times) == list(times)
    assert within("{from: 2026-02-01 12:00, to: 2026-02-02}", *times) == ["2026-02-01T22:59", "2026-02-01T23:00"]


def test_calendar_periods() -> None:
    days = ("2025-12-31", "2026-01-31", "2026-02-15", "2026-02-22", "2026-02-23", "2026-02-28")
    assert within("{this: week}", *days) == ["2026-02-23", "2026-02-28"]
    assert within("{previous: week}", *days) == ["2026-02-22"]
    assert within("{this: month}", *days) == []
    assert within("{previous: month}", *days) == ["2026-02-15", "2026-02-22", "2026-02-23", "2026-02-28"]
    assert within("{previous: quarter}", *days) == ["2025-12-31"]
    assert within("{this: year}", *days) == list(days[1:])
    assert within("{previous: day}", *days) == ["2026-02-28"]


def test_a_window_after_a_date_of_the_entity() -> None:
    keys = {"early": "2026-02-01", "late": "2026-02-01", "soon": "2026-02-26", "unknown": None}
    times = {"early": "2026-02-07T23:59", "late": "2026-02-08", "soon": "2026-02-27", "unknown": "2026-02-01"}
    given = {
        "user": [{"user_id": key, "seen_at": seen} for key, seen in keys.items()],
        "usage": [row for key, time in times.items() for row in usage(key, time)],
    }
    window = "{first: 7 days, after: seen_at}"
    complete = "{first: 7 days, after: seen_at, complete: true}"
    assert who(f"- {{did: usage, within: {window}}}", given) == {"early", "soon"}
    assert who(f"- {{did_not: usage, within: {window}}}", given) == {"late"}
    assert who(f"- not: {{did: usage, within: {window}}}", given) == {"late"}
    assert who(f"- {{did: usage, within: {complete}}}", given) == {"early"}
    assert who(f"- {{did_not: usage, within: {complete}}}", given) == {"late"}
    counted = trait(f"from: usage, aggregate: count, within: {window}", given)
    assert counted == {"early": 1, "late": 0, "soon": 1, "unknown": None}


def test_a_stream_at_dates_happens_at_local_midnight() -> None:
    given = {"user": users("u"), "orders": [{"user_id": "u", "day": "2026-02-28"}]}
    assert who("- {did: orders, within: 24 hours}", given, more=BERLIN) == {"u"}
    assert who("- {did: orders, within: 23 hours}", given, more=BERLIN) == set()
    assert who("- {did: orders}", given, "2026-02-28", more=BERLIN) == set()


def dated(window: str, *days: str, as_of: Instant = AS_OF, more: str = "", form: str = "date") -> list[str]:
    """For which of these days a condition on a date holds."""
    given = {"user": [{"user_id": day, "born_on": day} for day in days]}
    return sorted(who(f"- {{{form}: born_on, within: {window}}}", given, as_of, more=more))


@pytest.mark.parametrize("as_of", ["2026-03-01", "2026-03-01 00:01", "2026-03-01 23:59"])
def test_a_date_goes_by_days_at_any_hour(as_of: str) -> None:
    days = ("2026-02-22", "2026-02-28", "2026-03-01", "2026-03-07", "2026-03-08")
    assert dated("{next: 7 days}", *days, as_of=as_of, more=BERLIN) == ["2026-03-01", "2026-03-07"]
    assert dated("7 days", *days, as_of=as_of, more=BERLIN) == ["2026-02-22", "2026-02-28"]


def test_a_date_in_other_windows() -> None:
    days = ("2026-01-31", "2026-02-01", "2026-02-02", "2027-01-01")
    assert dated("{from: 2026-02-01, to: 2026-02-02}", *days, more=BERLIN) == ["2026-02-01"]
    assert dated("{from: 2026-02-01 00:01, to: 2026-02-03}", *days, more=BERLIN) == ["2026-02-02"]
    assert dated("{previous: month}", *days) == ["2026-02-01", "2026-02-02"]
    assert dated("{since: 2026-02-02}", *days) == ["2026-02-02"]
    assert dated("ever", *days) == ["2026-01-31", "2026-02-01", "2026-02-02"]


def test_a_timestamp_goes_by_instants_and_null_is_unknown() -> None:
    given = {
        "user": [
            {"user_id": "before", "seen_at": "2026-02-28T23:00"},
            {"user_id": "at", "seen_at": "2026-03-01"},
            {"user_id": "after", "seen_at": "2026-03-02"},
            {"user_id": "unknown"},
        ]
    }
    assert who("- {date: seen_at, within: {next: 1 day}}", given) == {"at"}
    assert who("- none: [{date: seen_at, within: {next: 1 day}}]", given) == {"before", "after"}


def test_anniversaries() -> None:
    days = ("2000-02-28", "2000-03-01", "2020-03-07", "2020-03-08", "2026-03-05")
    assert dated("{next: 7 days}", *days, form="anniversary") == ["2000-03-01", "2020-03-07", "2026-03-05"]
    assert dated("{next: 1 day}", "2024-02-29", as_of="2026-02-28", form="anniversary") == ["2024-02-29"]
    assert dated("{next: 1 day}", "2024-02-29", as_of="2028-02-28", form="anniversary") == []
    assert dated("{next: 1 day}", "2024-02-29", as_of="2028-02-29", form="anniversary") == ["2024-02-29"]
    assert dated("{next: 2 days}", "1999-01-01", as_of="2025-12-31", form="anniversary") == ["1999-01-01"]


def test_the_next_return_is_not_before_today() -> None:
    assert next_return(date(2020, 3, 1), date(2026, 3, 1)) == date(2026, 3, 1)
    assert next_return(date(2020, 2, 28), date(2026, 3, 1)) == date(2027, 2, 28)
    assert next_return(date(2020, 2, 29), date(2023, 12, 31)) == date(2024, 2, 29)
    assert next_return(date(2027, 5, 1), date(2026, 3, 1)) == date(2027, 5, 1)
