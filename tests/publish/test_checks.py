"""What measured values mean."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from sqlglot import exp

from orchestration.compiler.compiled import CheckLimit, CheckQuery
from orchestration.diagnostics import UserError
from orchestration.publish import audit
from orchestration.publish.checks import judge, refuse_failed
from tests.publish.company import SEGMENTS, Company, at, size_check


def check(**limits: CheckLimit) -> CheckQuery:
    return CheckQuery(
        "size", "Members", "segment", exp.select("1"), {n.replace("__", "."): v for n, v in limits.items()}
    )


AT_LEAST_ONE = CheckLimit(minimum=Decimal(1))
AT_MOST_HALF = CheckLimit(maximum=Decimal("0.5"), severity="warn")


@pytest.mark.parametrize(
    ("value", "limit", "passed"),
    [
        (1, AT_LEAST_ONE, True),
        (0, AT_LEAST_ONE, False),
        (Decimal("0.5"), AT_MOST_HALF, True),
        (0.5000001, AT_MOST_HALF, False),
        (None, AT_MOST_HALF, False),
        (math.nan, AT_MOST_HALF, False),
        (math.inf, AT_LEAST_ONE, False),
        (None, CheckLimit(), True),
        (10**30, CheckLimit(minimum=Decimal(10**30), maximum=Decimal(10**30)), True),
    ],
)
def test_a_value_against_its_limit(value: object, limit: CheckLimit, passed: bool) -> None:
    (result,) = judge(check(power_users=limit), [("power_users", value, None)])
    assert result.passed is passed
    assert result.blocks is (not passed and limit.severity == "error")


def test_a_subject_without_a_row_has_zero() -> None:
    (result,) = judge(check(power_users=AT_LEAST_ONE), [])
    assert (result.value, result.passed, result.expected) == (Decimal(0), False, "at least 1")


def test_tiers_belong_to_their_segment_and_others_to_none() -> None:
    tier, extra = judge(check(arr_tier__smb=AT_LEAST_ONE), [("arr_tier.smb", 2, "two"), ("found", 1, None)])
    assert (tier.segment, tier.subject, tier.detail) == ("arr_tier", "arr_tier.smb", "two")
    assert (extra.subject, extra.passed, extra.expected) == ("found", True, "anything")


def test_every_failure_is_named() -> None:
    results = judge(
        check(a=AT_LEAST_ONE, b=AT_LEAST_ONE, c=AT_MOST_HALF), [("b", None, "no rows at all"), ("c", 1, None)]
    )
    with pytest.raises(UserError) as refused:
        refuse_failed(results)
    assert [d.message for d in refused.value.diagnostics] == [
        "`size` of segment `a` is 0, expected at least 1",
        "`size` of segment `b` is unknown, expected at least 1: no rows at all",
    ]


def test_checks_read_models_and_sources_where_they_are(company: Company) -> None:
    base = size_check("power_users", "user_segments", 5)
    query = base.query.copy()
    for table in query.find_all(exp.Table):
        table.replace(exp.table_("source:crm.people", quoted=True))
    checks = [CheckQuery("rows", "Rows", "stream", query, {"people": CheckLimit()})]
    company.specs(*SEGMENTS, checks=checks)
    company.prepare_and_build(at(1), {"power_users": ["u1"]})
    catalog = company.target.files.alias if company.target.files else None
    place = exp.table_("user_segments", db="segments_build", catalog=catalog, quoted=True)
    results = audit(company.target, company.compiled, at(1), {"source:crm.people": place})
    assert {r.subject: r.value for r in results} == {"people": Decimal(0), "power_users": Decimal(1)}
    with pytest.raises(KeyError):
        audit(company.target, company.compiled, at(1))
