"""The rows that checks give: `(subject, value, detail)`."""

from __future__ import annotations

from sqlglot import exp

from orchestration.compiler.query import named


def row(subject: str, value: exp.Expr, detail: exp.Expr | None = None) -> list[exp.Expr]:
    """The columns of a check's row."""
    text = (
        exp.cast(detail, exp.DataType.Type.TEXT) if detail is not None else exp.cast(exp.null(), exp.DataType.Type.TEXT)
    )
    return [named(exp.Literal.string(subject), "subject"), named(value, "value"), named(text, "detail")]


def union(selects: list[exp.Select]) -> exp.Query:
    """All rows of the selects."""
    whole: exp.Query = selects[0]
    for select in selects[1:]:
        whole = exp.Union(this=whole, expression=select, distinct=False)
    return whole
