"""The checks that decide whether a generation may be published: measured together, judged one by one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias, cast

from sqlglot import exp

from orchestration.compiler.compiled import BUILD_SCHEMA, RUN_SCHEMA, CheckLimit, CheckQuery, Compiled
from orchestration.compiler.render import direct
from orchestration.diagnostics import Diagnostic, UserError
from orchestration.warehouse import Connection

Tables: TypeAlias = Callable[[str], exp.Table]  # a relation's logical name → where it is

NO_LIMIT = CheckLimit(severity="warn")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one subject: what was measured, what it had to be, and whether it was.

    `segment` is the segment that the result is about, None for those of entities and streams.
    """

    check: str
    subject_kind: Literal["segment", "entity", "stream", "source"]
    subject: str
    segment: str | None
    value: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    severity: Literal["error", "warn"]
    passed: bool
    detail: str

    @property
    def blocks(self) -> bool:
        """Whether nothing may be published because of it."""
        return not self.passed and self.severity == "error"

    @property
    def expected(self) -> str:
        """The limits in words."""
        match self.minimum, self.maximum:
            case None, None:
                return "anything"
            case minimum, None:
                return f"at least {minimum}"
            case None, maximum:
                return f"at most {maximum}"
            case minimum, maximum:
                return f"{minimum}" if minimum == maximum else f"from {minimum} to {maximum}"
        raise AssertionError


def measure(connection: Connection, compiled: Compiled, tables: Tables) -> tuple[CheckResult, ...]:
    """Run every check and judge it; in the order of the checks, then of the subjects."""
    results: list[CheckResult] = []
    for check in compiled.checks:
        rows = connection.rows(direct(check.query, connection.dialect, tables))
        results += judge(check, rows)
    return tuple(results)


def judge(check: CheckQuery, rows: Sequence[tuple[object, ...]]) -> list[CheckResult]:
    """What the rows `(subject, value, detail)` of a check mean. A subject without a row has the value 0.

    A value that could not be measured (null, or not a number) fails where there is a limit.
    """
    measured = {cast(str, subject): (_number(value), cast("str | None", detail)) for subject, value, detail in rows}
    subjects = [*check.limits, *sorted(measured.keys() - check.limits.keys())]
    results = []
    for subject in subjects:
        limit = check.limits.get(subject, NO_LIMIT)
        value, detail = measured.get(subject, (Decimal(0), None))
        results.append(
            CheckResult(
                check=check.check,
                subject_kind=check.subject_kind,
                subject=subject,
                segment=subject.split(".", 1)[0] if check.subject_kind == "segment" else None,
                value=value,
                minimum=limit.minimum,
                maximum=limit.maximum,
                severity=limit.severity,
                passed=_within(value, limit),
                detail=detail or ("" if value is not None else "there is no value to judge"),
            )
        )
    return results


def _number(value: object) -> Decimal | None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None


def _within(value: Decimal | None, limit: CheckLimit) -> bool:
    if value is None:
        return limit.minimum is None and limit.maximum is None
    return (limit.minimum is None or value >= limit.minimum) and (limit.maximum is None or value <= limit.maximum)


def refuse_failed(results: Sequence[CheckResult]) -> None:
    """Raise what keeps a generation from being published: check, subject, value and limit of every blocking failure."""
    failed = [result for result in results if result.blocks]
    if failed:
        raise UserError(*map(_failure, failed))


def _failure(result: CheckResult) -> Diagnostic:
    value = "unknown" if result.value is None else plain(result.value)
    return Diagnostic(
        "check-failed",
        f"`{result.check}` of {result.subject_kind} `{result.subject}` is {value}, expected {result.expected}"
        + (f": {result.detail}" if result.detail else ""),
        hint="nothing was published; readers still see the generation before",
    )


def plain(value: Decimal) -> str:
    """A number without exponent and without zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def located(build_catalog: str | None, main_catalog: str | None, others: Tables) -> Tables:
    """Where each relation of a check is: those of the build and the run by their schemas, `others` for the rest."""

    def table(logical: str) -> exp.Table:
        kind, _, name = logical.partition(":")
        match kind:
            case "build":
                return exp.table_(name, db=BUILD_SCHEMA, catalog=build_catalog, quoted=True)
            case "run":
                return exp.table_(name, db=RUN_SCHEMA, catalog=main_catalog, quoted=True)
            case _:
                return others(logical)

    return table


def demand_instant(connection: Connection, compiled: Compiled, as_of: dt.datetime) -> None:
    """Refuse to judge what was built for another instant or from other specs."""
    if "instant" not in connection.tables(RUN_SCHEMA):
        raise UserError.of("no-instant", "no instant was written for this run", "`segments build` does all steps")
    ((found, built),) = connection.rows("select as_of, compiled_hash from segments_run.instant") or [(None, None)]
    if (found, built) != (as_of, compiled.hash):
        raise UserError.of(
            "stale-instant",
            f"the tables were prepared for {found} and specs {built}, not for {as_of} and {compiled.hash}",
            "run `segments build` again; two runs at once share one warehouse",
        )
