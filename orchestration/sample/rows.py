"""Values of raw tables as text: one row, one line, the same bytes everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from orchestration.sample.tables import RawTable

Value: TypeAlias = str | int | float | bool | Decimal | date | datetime | tuple[str, ...] | None
Row: TypeAlias = tuple[Value, ...]

_BATCH = 20_000


def money(cents: int) -> Decimal:
    """An exact amount from cents."""
    return Decimal(cents).scaleb(-2)


def cell(value: Value) -> str:
    """Null is nothing at all, a list is joined by `|`, times are `YYYY-MM-DD HH:MM:SS`."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f'"{value.replace(chr(34), chr(34) * 2)}"' if _needs_quotes(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "|".join(value)
    if isinstance(value, float):
        return repr(value)
    return str(value)


def _needs_quotes(text: str) -> bool:
    return text == "" or "," in text or '"' in text or "\n" in text or text[0] == " " or text[-1] == " "


def write_csv(table: RawTable, rows: Iterable[Sequence[Value]], directory: Path) -> None:
    """Writes `<schema>.<table>.csv` with a header, UTF-8 and plain line feeds."""
    with (directory / table.file_name).open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(name for name, _ in table.columns) + "\n")
        lines: list[str] = []
        for row in rows:
            lines.append(",".join(map(cell, row)))
            if len(lines) >= _BATCH:
                file.write("\n".join(lines) + "\n")
                lines.clear()
        if lines:
            file.write("\n".join(lines) + "\n")
