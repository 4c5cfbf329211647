"""What the checks of size, share and change measure, on small tables of their own."""

from decimal import Decimal

import duckdb
import pytest
from sqlglot import exp

from orchestration.compiler.compiled import Compiled
from orchestration.compiler.render import direct
from tests.compiler.test_compile import compiled

SPEC = """
entities:
  - {name: user, key: user_id, columns: {user_id: text, plan: text}}
segments:
  - {name: pro, entity: user, where: plan = 'pro', checks: {size: {min: 1, max: 2}, change: {max: 0.3}}}
  - name: level
    entity: user
    tiers: [{name: high, where: plan = 'pro'}, {name: low, where: plan = 'free'}]
    checks: {size: {share_max: 0.5}, change: {max: 0.3}}
"""


def tables(logical: str) -> exp.Table:
    kind, _, name = logical.partition(":")
    return exp.table_(name, db={"build": "segments_build", "run": "segments_run"}[kind], quoted=True)


@pytest.fixture(scope="module")
def made() -> Compiled:
    return compiled(SPEC)


@pytest.mark.parametrize(
    ("now", "before", "share", "change"),
    [(4, 2, "0.4", "1"), (3, 4, "0.3", "0.25"), (2, 0, "0.2", "0"), (0, 3, "0", "1")],
)
def test_what_is_measured(made: Compiled, now: int, before: int, share: str, change: str) -> None:
    expected = {"size": Decimal(now), "share": Decimal(share), "change": Decimal(change)}
    with duckdb.connect() as connection:
        for place, members, everybody in (
            ("segments_build.user_segments", now, 10),
            ("segments_run.user_state", before, before),
        ):
            connection.execute(f"create schema {place.partition('.')[0]}")
            connection.execute(
                f"create table {place} as select 'u' || i as user_id, "
                f"case when i < {members} then timestamp '2026-01-01' end as pro, "
                f"case when i < {members} then 'high' end as level from range({everybody}) t(i)"
            )
        for check in made.checks:
            if check.check in expected:
                rows = connection.execute(direct(check.query, "duckdb", tables)).fetchall()
                measured = {subject: Decimal(value) for subject, value, _ in rows}
                assert measured == dict.fromkeys(("pro", "level"), expected[check.check]), check.check


def test_only_declared_limits_bind(made: Compiled) -> None:
    limits = {check.check: check.limits for check in made.checks}
    assert (limits["size"]["pro"].minimum, limits["size"]["pro"].maximum) == (Decimal(1), Decimal(2))
    assert limits["size"]["level"].maximum is None
    assert limits["share"]["level"].maximum == Decimal("0.5")
    assert set(limits["change"]) == {"pro", "level"}
