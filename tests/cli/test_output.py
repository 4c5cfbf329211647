"""Plain output: aligned, uncut, safe."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from orchestration.commands.output import percent, print_json, print_table, step


def test_tables_are_aligned_and_names_are_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a_very_long_segment_name_of_fifty_characters_______"
    print_table(["segment", "size"], [[name, 12], ["b", None]], right=("size",))
    assert capsys.readouterr().out.splitlines() == [f"{'segment'.ljust(len(name))}  size", f"{name}    12", "b"]


def test_control_characters_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["a"], [["x\x1b[31m\ny"]])
    assert capsys.readouterr().out.splitlines() == ["a", "x\\x1b[31m\\ny"]


def test_json_has_times_and_decimals(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([datetime(2026, 3, 1), date(2026, 3, 1), Decimal("1.50"), Decimal(2), b"\x01", None])
    assert capsys.readouterr().out.split() == (
        ["[", '"2026-03-01T00:00:00Z",', '"2026-03-01",', "1.5,", "2,", '"01",', "null", "]"]
    )


def test_json_has_null_for_what_it_cannot_write(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([float("nan"), {"a": (float("-inf"), 0.5)}, Decimal("NaN"), {date(2026, 3, 1): 1}])
    assert json.loads(capsys.readouterr().out) == [None, {"a": [None, 0.5]}, None, {"2026-03-01": 1}]


def test_an_empty_table_is_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["a", "b"], [])
    assert capsys.readouterr().out == "a  b\n"


def test_shares() -> None:
    assert (percent(0.1234), percent(Decimal(1)), percent(None)) == ("12.3 %", "100.0 %", "")


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with step("work") as running:
        running.at("a", 1, 2)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
