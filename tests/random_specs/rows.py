"""Random rows: few keys, so that rows meet; times on the very edges of the windows that the specs ask about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from tests.random_specs import values
from tests.random_specs.layout import EntityTable, StreamTable, key_of
from tests.random_specs.writer import Writer
from tests.random_specs.yaml_writer import Yaml, plain
from tests.reference.wall_time import WEEKDAYS, Calendar, read_length

Row: TypeAlias = dict[str, Yaml]
NOW = (
    "2026-03-01T00:00:00",
    "2026-03-31T12:34:56",
    "2024-02-29T00:00:00",
    "2025-10-26T01:30:00",
    "2026-03-29T22:00:00",
    "2026-01-31T05:00:00",
)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Pacific/Apia",
)
SIZES = {"org": (4, 5, 3), "account": (6, 7, 5), "user": (12, 14, 10)}
ROWS = (60, 80, 40)
SMALL = (0, 1, 2)
MOMENT = dt.timedelta(microseconds=1)


class Times:
    """Random times: on the edges of windows, a moment before and after them, around as_of, and anywhere."""

    def __init__(self, w: Writer, as_of: dt.datetime, zone: str, first_day: str) -> None:
        self.tape, self.as_of = w.tape, as_of
        calendar = Calendar(ZoneInfo(zone), WEEKDAYS.index(first_day))
        edges = {as_of}
        spans = w.spans
        lengths = [*spans.growing, *(length for lengths in spans.lengths.values() for length in lengths)]
        for written in dict.fromkeys(lengths):
            edges |= {_instant(calendar.shift(as_of, read_length(written), sign)) for sign in (1, -1, -1)}
        for number, unit in (written.split() for written in spans.several):
            edges |= {
                _instant(calendar.shift(as_of, read_length(f"{n} {unit}"), -1)) for n in range(1, int(number) + 1)
            }
        for unit in dict.fromkeys([*spans.periods, "day"]):
            start = calendar.start(as_of, unit)
            edges |= {_instant(start), _instant(calendar.shift(start, read_length(f"1 {unit}"), -1))}
        edges |= {calendar.read(written) for written in (*spans.points, *spans.dates, *spans.timestamps)}
        between = [a + (b - a) / 2 for a, b in pairwise(sorted(edge for edge in edges if edge <= as_of)[-12:])]
        edges |= set(between)
        self.edges = sorted(edges)
        self.days = sorted({calendar.day(edge) for edge in edges})

    def timestamp(self) -> Yaml:
        tape = self.tape
        if tape.chance(50):
            return _written(tape.pick(self.edges) + tape.pick([dt.timedelta(), dt.timedelta(), MOMENT, -MOMENT]))
        back = dt.timedelta(minutes=tape.below(60 * 24 * tape.pick([3, 30, 120, 700])) - tape.pick([0, 0, 3000]))
        return _written(self.as_of - back)

    def date(self) -> Yaml:
        tape = self.tape
        if tape.chance(50):
            return plain(tape.pick(self.days) + dt.timedelta(days=tape.pick([0, 0, 1, -1])))
        if tape.chance(20):
            return plain(tape.pick(values.DATES))
        return plain(
            self.as_of.date() - dt.timedelta(days=tape.below(tape.pick([10, 60, 800, 15000])) - tape.pick([0, 20]))
        )


def _instant(moment: dt.date) -> dt.datetime:
    assert isinstance(moment, dt.datetime)
    return moment


def _written(time: dt.datetime) -> Yaml:
    text = time.isoformat(timespec="microseconds" if time.microsecond else "seconds")
    return plain(text)


def random_rows(w: Writer, times: Times) -> dict[str, list[Row]]:
    """The rows of every table."""
    found: dict[str, list[Row]] = {}
    for name, entity in w.layout.entities.items():
        found[name] = [_entity_row(w, times, entity, number) for number in range(_size(w, SIZES[name]))]
    for name, stream in w.layout.streams.items():
        rows = [_stream_row(w, times, stream) for _ in range(_size(w, ROWS))]
        found[name] = _repeated(w, rows, stream)
    return found


def _size(w: Writer, sizes: tuple[int, ...]) -> int:
    return w.tape.pick(SMALL if w.tape.chance(4) else sizes)


def _cells(w: Writer, times: Times, columns: Mapping[str, str], null: int) -> Row:
    return {c: _cell(w, times, kind) for c, kind in columns.items() if not w.tape.chance(null)}


def _cell(w: Writer, times: Times, kind: str) -> Yaml:
    tape = w.tape
    makers: dict[str, Callable[[], Yaml]] = {
        "text": lambda: tape.pick(values.TEXTS if tape.chance(35) else values.TEXTS[: values.COMMON]),
        "date": times.date,
        "timestamp": times.timestamp,
    }
    if kind in makers:
        return makers[kind]()
    if kind.startswith("list of "):
        of = kind.removeprefix("list of ")
        return [None if tape.chance(10) else _cell(w, times, of) for _ in range(tape.pick([1, 2, 3, 0]))]
    cells = values.CELLS[kind]
    return plain(tape.pick(cells if tape.chance(50) else cells[: max(2, len(cells) // 2)]))


def _parents(w: Writer, parents: Mapping[str, str], columns: Mapping[str, str]) -> Row:
    """Keys of what a row belongs to: one more than there are, and sometimes none."""
    found: Row = {}
    for parent, column in parents.items():
        if not w.tape.chance(8):
            number = w.tape.below({"org": 4, "account": 6, "user": 11}[parent])
            found[column] = _key(parent, number, columns[column])
    return found


def _key(entity: str, number: int, kind: str) -> Yaml:
    key = key_of(entity, number, kind)
    return plain(key) if kind == "integer" else key


def _entity_row(w: Writer, times: Times, entity: EntityTable, number: int) -> Row:
    structure = {entity.key, *entity.parents.values(), *entity.exists.values(), "is_test"}
    row: Row = {entity.key: _key(entity.name, number, entity.columns[entity.key])}
    row |= _parents(w, entity.parents, entity.columns)
    for side, column in entity.exists.items():
        if w.tape.chance(40 if side == "from" else 20):
            row[column] = times.timestamp() if entity.columns[column] == "timestamp" else times.date()
    if "is_test" in entity.columns:
        row |= w.tape.pick([{"is_test": False}] * 8 + [{"is_test": True}, {}])
    return row | _cells(w, times, {c: k for c, k in entity.columns.items() if c not in structure}, 15)


def _stream_row(w: Writer, times: Times, stream: StreamTable) -> Row:
    structure = {stream.id, stream.event, stream.at, *stream.parents.values()}
    row: Row = _parents(w, stream.parents, stream.columns)
    if not w.tape.chance(4):
        row[stream.at] = times.timestamp() if stream.columns[stream.at] == "timestamp" else times.date()
    if stream.id and w.tape.chance(40):
        row[stream.id] = f"e{w.tape.below(30)}"
    if stream.event and not w.tape.chance(4):
        row[stream.event] = "another" if w.tape.chance(4) else w.tape.pick(list(stream.events.values()))
    return row | _cells(w, times, {c: k for c, k in stream.columns.items() if c not in structure}, 12)


def _repeated(w: Writer, rows: list[Row], stream: StreamTable) -> list[Row]:
    """Rows with some of them twice: the whole row, or one at the same time as another."""
    found = list(rows)
    for row in rows:
        if w.tape.chance(6):
            found.append(dict(row))
        elif w.tape.chance(8) and stream.at in row:
            other = w.tape.pick(rows)
            found.append({**other, stream.at: row[stream.at]})
    return found
