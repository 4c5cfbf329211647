"""Casts, on both engines, against the grammar in `orchestration.language.casting`, read naively."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
import re
from decimal import Decimal as Number
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orchestration.catalog.types import BOOLEAN, DATE, FLOAT, INTEGER, NULL, TEXT, TIMESTAMP, Decimal, ListOf, Type
from orchestration.language.casting import castable
from orchestration.language.expression import Expression
from orchestration.language.zone import Zone
from tests.compiler.lowering.engines import DIALECTS, Engines, call, column, constant

MAX, MIN = 2**63 - 1, -(2**63)
NARROW, USUAL, WIDE, ROUND, FRACTION = Decimal(4, 1), Decimal(18, 4), Decimal(28, 9), Decimal(19, 0), Decimal(2, 2)
DECIMALS = (NARROW, USUAL, WIDE, ROUND, FRACTION)
NUMBERS = (
    "0", "-0", "1", "+1", " 12 ", "  -7", "007", "1.5", "-1.5", "2.5", "0.05", "-0.05", "0.00005", "-0.00005", "999.94",
    "999.95", "-999.95", "5.", ".5", "+.5", "-.5", "0.994", "0.995", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "9223372036854775807.9999999994", "9223372036854775807.5",
    "99999999999999999999", "0" * 60 + "1", "0." + "1" * 60, "1" * 40, "1e3", "1E3", "1.5e-3", "-2e+2", "1e400",
    "-1e400",
    "1e-400", "1e308", "1.8e308", "4e-324", "1e", "e1", "1e1.5", "1 000", "1,5", "1_000", "0x10", "--1", "+-1", "+",
    "-", ".",
    "", " ", "\t1", "1\n", "\u00a01", "١", "１", "nan", "NaN", "inf", "-Infinity", "infinity", "1f", "1d", "1L",
    "12345678901234567",
    "0.1", "123456789.123456789", "true", "'1'",
)  # fmt: skip
BOOLEANS = (
    "true",
    "TRUE",
    " True ",
    "tRuE",
    "false",
    "FALSE",
    "t",
    "f",
    "1",
    "0",
    "yes",
    "no",
    "on",
    "off",
    "",
    "truefalse",
    "true\n",
    "ﬀalse",
)
DATES = (
    "2026-03-01", " 2026-03-01 ", "2024-02-29", "2023-02-29", "2026-02-30", "2026-04-31", "2026-13-01", "2026-00-10",
    "2026-01-00",
    "0001-01-01", "0000-01-01", "9999-12-31", "10000-01-01", "2026-3-1", "20260301", "01.03.2026", "03/01/2026",
    "2026/03/01",
    "2026-03-01 BC", "-2026-03-01", "today", "now", "epoch", "infinity", "2026-03-01x", "2026-060", "2026-W10-1", "",
    "1900-02-29",
    "2000-02-29", "2026-03-01T", "２026-03-01", "2026-03-01Z",
)  # fmt: skip
TIMES = (
    "2026-03-01 10:11:12", "2026-03-01T10:11:12", " 2026-03-01 10:11 ", "2026-03-01T10:11:12Z", "2026-03-01 10:11Z",
    "2026-03-01 10",
    "2026-03-01 10:11:12.5", "2026-03-01 10:11:12.123456", "2026-03-01 10:11:12.1234569",
    "2026-03-01T10:11:12.123456789Z", "2026-03-01 24:00",
    "2026-03-01 23:59:59.9999999", "2026-03-01 10:60", "2026-03-01 10:11:60", "2026-03-01 10:11:12.",
    "2026-03-01  10:11", "2026-03-01 1:11",
    "2026-03-01 10:11:12+01", "2026-03-01 10:11:12+01:00", "2026-03-01 10:11:12 UTC", "2026-03-29 02:30",
    "2026-10-25 02:30", "2026-02-30 10:00",
    "2026-03-01t10:11", "2026-03-01 10:11z", "2026-03-01 10:11:12 Z", "2026-03-01 10:11 PM", "2026-03-01 10:11ZZ",
    "0001-01-01 12:00",
)  # fmt: skip


def limited(value: Fraction | None) -> Fraction | None:
    return value if value is not None and MIN <= math.trunc(value) <= MAX else None


def fitted(value: Fraction | None, kind: Type) -> Fraction | None:
    if value is None:
        return None
    scale = kind.scale if isinstance(kind, Decimal) else 0
    whole = math.floor(abs(value) * 10**scale + Fraction(1, 2))
    found = limited(Fraction(whole if value >= 0 else -whole, 10**scale))
    if isinstance(kind, Decimal) and found is not None and abs(found) >= 10 ** (kind.precision - kind.scale):
        return None
    return found


def read(text: str, kind: Type, zone: str) -> Any:
    trimmed = text.strip(" ")
    if kind is INTEGER:
        return limited(Fraction(trimmed)) if re.fullmatch(r"[+-]?[0-9]+", trimmed) else None
    if isinstance(kind, Decimal):
        return fitted(Fraction(trimmed), kind) if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", trimmed) else None
    if kind is FLOAT:
        found = float(trimmed) if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", trimmed) else None
        return None if found is None or math.isinf(found) else found
    if kind is BOOLEAN:
        return {"true": True, "false": False}.get(trimmed.lower())
    pattern = r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z?))?"
    match = re.fullmatch(pattern, trimmed)
    if match is None or (kind is DATE and match[2]):
        return None
    written = f"{match[1]} {match[2] or '00:00'}:{match[3] or '00'}.{(match[4] or '0')[:6].ljust(6, '0')}"
    try:
        wall = dt.datetime.fromisoformat(written)
    except ValueError:
        return None
    if kind is DATE:
        return wall.date()
    return wall if match[5] or wall.year < 1970 else to_utc(wall, zone)


def to_utc(wall: dt.datetime, zone: str) -> dt.datetime:
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC).replace(tzinfo=None)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_text_to_every_type(engines: Engines, dialect: str, zone: str) -> None:
    texts = [*dict.fromkeys((*NUMBERS, *BOOLEANS, *DATES, *TIMES))]
    if zone != "UTC":
        texts.remove("0001-01-01 12:00")
        texts.remove("0001-01-01")
    engines.fill(dialect, {"x": TEXT}, [{"x": x} for x in (*texts, None)])
    kinds: list[Type] = [INTEGER, *DECIMALS, FLOAT, BOOLEAN, DATE, TIMESTAMP]
    trees: list[Expression] = [call("cast", column("x", TEXT), type=kind) for kind in kinds]
    found = engines.values(dialect, trees, zone=Zone.named(zone))
    for text, values in zip(texts, found, strict=False):
        for kind, value in zip(kinds, values, strict=True):
            wanted = read(text, kind, zone)
            assert value == wanted, (text, kind)
            assert (
                wanted is None or type(wanted) is not float or math.copysign(1, value) == math.copysign(1, wanted + 0)
            )
    assert set(found[-1]) == {None}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_literal_text(engines: Engines, dialect: str) -> None:
    engines.fill(dialect, {"n": INTEGER}, [{"n": 1}])
    texts = ("5", "99999999999999999999", "x", "2026-02-30", "2026-02-28", "1e400", "true")
    kinds: list[Type] = [INTEGER, USUAL, FLOAT, BOOLEAN, DATE, TIMESTAMP]
    asked = list(itertools.product(texts, kinds))
    found = engines.values(dialect, [call("cast", t, type=k) for t, k in asked])
    lowered = engines.values(dialect, [call("cast", call("lower", t, type=TEXT), type=k) for t, k in asked])
    assert list(found[0]) == [read(t, k, "UTC") for t, k in asked]
    assert lowered == found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_numbers_to_numbers_and_text(engines: Engines, dialect: str) -> None:
    generator = random.Random(5)
    kinds: dict[str, Type] = {"i": INTEGER, "n": NARROW, "u": USUAL, "w": WIDE, "r": ROUND, "f": FRACTION}
    rows: list[dict[str, Any]] = []
    for position in range(60):
        row: dict[str, Any] = {}
        for name, kind in kinds.items():
            scale = kind.scale if isinstance(kind, Decimal) else 0
            precision = kind.precision if isinstance(kind, Decimal) else 19
            most = min(10**precision - 1, MAX * 10**scale)
            edges = [
                0,
                most,
                -most,
                5,
                -5,
                15 * 10**scale // 10,
                -25 * 10**scale // 10,
                9994,
                9995,
                -9995,
                95,
                most - 5,
            ]
            number = edges[position] if position < len(edges) else generator.randint(-most, most)
            row[name] = Fraction(max(-most, min(most, number)), 10**scale)
        rows.append(row)
    stored = [{n: int(v) if kinds[n] is INTEGER else decimal(v) for n, v in row.items()} for row in rows]
    engines.fill(dialect, kinds, stored)
    targets: list[Type] = [INTEGER, *DECIMALS]
    asked = list(itertools.product(kinds, targets))
    numbers = [call("cast", column(name, kinds[name]), type=target) for name, target in asked]
    texts = [call("cast", column(name, kind), type=TEXT) for name, kind in kinds.items()]
    for row, values in zip(rows, engines.values(dialect, [*numbers, *texts]), strict=True):
        for (name, target), value in zip(asked, values, strict=False):
            wanted = fitted(row[name], target)
            assert (value is None) == (wanted is None), (name, target, row[name], value)
            assert value is None or Fraction(value) == wanted, (name, target, row[name], value)
        written = [plain(row[n], k.scale if isinstance(k, Decimal) else 0) for n, k in kinds.items()]
        assert list(values[len(asked) :]) == written


def decimal(value: Fraction) -> Number:
    return Number(f"{int(value * 10**9)}E-9")


def plain(value: Fraction, scale: int) -> str:
    whole = abs(int(value * 10**scale))
    sign = "-" if value < 0 else ""
    return f"{sign}{whole // 10**scale}" + (f".{whole % 10**scale:0{scale}}" if scale else "")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_rest(engines: Engines, dialect: str) -> None:
    zone = Zone.named("America/New_York")
    day, time = dt.date(2026, 3, 8), dt.datetime(2026, 3, 9, 3, 59)
    row = {"b": True, "d": day, "t": time, "x": 2.5, "y": -1e12, "z": 1e18}
    kinds: dict[str, Type] = {"b": BOOLEAN, "d": DATE, "t": TIMESTAMP, "x": FLOAT, "y": FLOAT, "z": FLOAT}
    engines.fill(dialect, kinds, [row, {"b": False}, {}])
    cases: list[tuple[str, Type, Any]] = [
        ("b", INTEGER, 1), ("b", TEXT, "true"), ("d", TEXT, "2026-03-08"), ("d", TIMESTAMP, dt.datetime(2026, 3, 8, 5)),
        ("t", DATE, dt.date(2026, 3, 8)), ("x", INTEGER, 3), ("x", USUAL, Number("2.5")), ("x", NARROW, Number("2.5")),
        ("y", INTEGER, -(10**12)), ("y", NARROW, None), ("z", INTEGER, None), ("x", FLOAT, 2.5), ("d", DATE, day),
    ]  # fmt: skip
    found = engines.values(dialect, [call("cast", column(n, kinds[n]), type=k) for n, k, _ in cases], zone=zone)
    assert list(found[0]) == [wanted for _, _, wanted in cases]
    assert found[1][:2] == (0, "false")
    assert set(found[2]) == {None}
    nothing = engines.values(dialect, [call("cast", constant(None, NULL), type=k) for _, k, _ in cases])
    assert set(nothing[0]) == {None}


def test_which_casts_there_are() -> None:
    kinds: list[Type] = [TEXT, INTEGER, USUAL, FLOAT, BOOLEAN, DATE, TIMESTAMP, ListOf(TEXT)]
    refused = {(str(a), str(b)) for a in kinds for b in kinds if castable(a, b) is not None}
    assert castable(NULL, DATE) is None
    assert castable(ListOf(TEXT), ListOf(TEXT)) is None
    allowed = {(str(a), str(b)) for a in kinds for b in kinds} - refused
    numbers = ("integer", "decimal(18,4)", "float")
    assert allowed == {
        *((str(k), str(k)) for k in kinds),
        *(("text", str(k)) for k in kinds[:-1]),
        *itertools.product(numbers, numbers),
        *((k, "text") for k in ("integer", "decimal(18,4)", "boolean", "date")),
        ("boolean", "integer"),
        ("date", "timestamp"),
        ("timestamp", "date"),
    }
