"""Instants on a project's grid, as `--as-of` and the clock give them."""

from datetime import datetime

import pytest

from orchestration.commands.instants import floored, following, read_as_of, shown
from orchestration.diagnostics import UserError
from orchestration.language.zone import Zone

UTC, BERLIN, KOLKATA = Zone.named("UTC"), Zone.named("Europe/Berlin"), Zone.named("Asia/Kolkata")


@pytest.mark.parametrize(
    ("text", "zone", "grid", "expected"),
    [
        ("2026-03-01", UTC, "day", datetime(2026, 3, 1)),
        ("2026-03-01", BERLIN, "day", datetime(2026, 2, 28, 23)),
        ("2026-03-01T00:00", BERLIN, "day", datetime(2026, 2, 28, 23)),
        ("2026-02-28T23:00Z", BERLIN, "day", datetime(2026, 2, 28, 23)),
        ("2026-03-01 06:00:00", UTC, "hour", datetime(2026, 3, 1, 6)),
        ("2026-03-01T06:00", KOLKATA, "hour", datetime(2026, 3, 1, 0, 30)),
        ("2026-03-01T08:00+02:00", UTC, "hour", datetime(2026, 3, 1, 6)),
        ("2026-10-25T02:00", BERLIN, "hour", datetime(2026, 10, 25, 0)),  # ambiguous: the earlier
        ("2026-10-25T02:00+01:00", BERLIN, "hour", datetime(2026, 10, 25, 1)),
    ],
)
def test_an_instant_of_the_grid_is_read(text: str, zone: Zone, grid: str, expected: datetime) -> None:
    assert read_as_of(text, zone, grid) == expected


@pytest.mark.parametrize(
    ("text", "zone", "grid", "hint"),
    [
        ("2026-03-01T12:00", UTC, "day", "the nearest are 2026-03-01 and 2026-03-02"),
        ("2026-03-01T00:00Z", BERLIN, "day", "the nearest are 2026-03-01 and 2026-03-02"),
        ("2026-03-01T06:10", UTC, "hour", "the nearest are 2026-03-01T06:00 and 2026-03-01T07:00"),
        ("2026-10-25T02:30", BERLIN, "hour", "the nearest are 2026-10-25T02:00 and 2026-10-25T01:00Z"),
    ],
)
def test_off_the_grid_the_two_nearest_are_named(text: str, zone: Zone, grid: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        read_as_of(text, zone, grid)
    assert (caught.value.diagnostics[0].code, caught.value.diagnostics[0].hint) == ("as-of-off-grid", hint)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "2026-02-30", "20260301", "2026-W10", "2026-03-01T25:00", "1"]
)
def test_what_is_no_instant_is_said(text: str) -> None:
    with pytest.raises(UserError) as caught:
        read_as_of(text, UTC, "day")
    assert caught.value.diagnostics[0].code == "bad-as-of"


@pytest.mark.parametrize("text", ["0001-01-01", "1960-01-01", "9999-12-31", "2051-01-01"])
def test_years_without_a_zone_are_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        read_as_of(text, BERLIN, "day")
    [told] = caught.value.diagnostics
    assert (told.code, told.hint) == ("as-of-out-of-range", "from 1970-01-02 until before 2050-12-31")


@pytest.mark.parametrize("zone", [UTC, BERLIN, KOLKATA, Zone.named("Australia/Lord_Howe"), Zone.named("Africa/Cairo")])
@pytest.mark.parametrize("grid", ["day", "hour"])
def test_floors_are_on_the_grid_and_what_is_shown_reads_back(zone: Zone, grid: str) -> None:
    for month in range(1, 13):
        for day in (1, 5, 24, 25, 29):
            if (month, day) == (2, 29):
                continue
            for hour in range(0, 24, 5):
                utc = datetime(2026, month, day, hour, 17, 3, 9)
                low = floored(utc, zone, grid)
                high = following(low, zone, grid)
                assert low <= utc < high
                assert floored(low, zone, grid) == low
                assert read_as_of(shown(low, zone, grid), zone, grid) == low
