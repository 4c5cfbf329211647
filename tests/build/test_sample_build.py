"""The main job on the sample, from nothing to published tables, on DuckDB and on Postgres."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from tests.build.project import SampleProject, by_segment
from tests.conftest import Postgres
from tests.sample.expected import expected_members
from tests.sample.truth import measure

FIRST, SECOND = "2026-06-23", "2026-06-30"
KINDS = (
    "demographic", "geographic", "firmographic", "technographic", "behavioural", "psychographic", "value", "needs",
    "lifecycle", "occasion", "cultural", "customer", "access",
)  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SampleProject:
    """A project built twice, at a week's distance."""
    project = SampleProject.copied_to(tmp_path_factory.mktemp("sample"))
    project.good("build", "--as-of", FIRST)
    return project


@pytest.fixture(scope="module")
def before(project: SampleProject) -> dict[tuple[str, str | None, str], datetime]:
    """Who was a member at the first instant, since when."""
    return stays(project)


@pytest.fixture(scope="module")
def built(project: SampleProject, before: object) -> SampleProject:
    project.good("build")
    return project


def stays(project: SampleProject) -> dict[tuple[str, str | None, str], datetime]:
    rows = project.published("select segment, tier, entity_id, entered_at from segments.segment_membership")
    return {(segment, tier, key): entered_at for segment, tier, key, entered_at in rows}


@pytest.fixture(scope="module")
def expected(built: SampleProject) -> dict[str, set[str]]:
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        return expected_members(lambda query: connection.execute(query).fetchall())


def test_the_members_are_those_that_hand_written_sql_finds(built: SampleProject, expected: dict[str, set[str]]) -> None:
    members = built.members()
    assert {name: members.get(name, set()) for name in expected} == expected
    assert set(members) == set(expected)


def test_the_sql_that_is_shown_gives_the_members(built: SampleProject, expected: dict[str, set[str]]) -> None:
    shown = built.published("select segment, tiers <> '', sql from segments.segment_catalog")
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        connection.execute("set search_path = 'marts'")
        rows = [
            (segment, row[1] if tiered else None, row[0])
            for segment, tiered, sql in shown
            for row in connection.execute(sql).fetchall()
        ]
    assert by_segment(rows) == expected


def test_segments_find_whom_the_generator_made_so(
    built: SampleProject, record_property: Callable[[str, object], None]
) -> None:
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        measured = list(measure(built.members(), lambda query: connection.execute(query).fetchall()))
    record_property("found of those meant", "\n".join(map(str, measured)))
    assert [str(found) for found in measured if not found.good] == []


def test_there_are_segments_of_every_kind(built: SampleProject) -> None:
    rows = built.published("select segment, basis, owner, goal, action, description from segments.segment_catalog")
    assert len(rows) >= 28
    assert [row[0] for row in rows if not all(row[1:])] == []
    folders = {path.stem: path.parent.name for path in (built.root / "segment_specs").rglob("*.yml")}
    kinds = {kind: [(row[0], row[1]) for row in rows if folders[row[0]] == kind] for kind in KINDS}
    assert all(kinds.values())
    for kind in set(KINDS) - {"access", "occasion"}:  # which read what a user may do, and dates of any kind
        assert any(kind in basis for _, basis in kinds[kind]), kind


def test_who_stays_keeps_entered_at_and_who_is_new_has_as_of(
    built: SampleProject, before: dict[tuple[str, str | None, str], datetime]
) -> None:
    first, second = datetime.fromisoformat(FIRST), datetime.fromisoformat(SECOND)
    assert set(before.values()) == {first}
    after = stays(built)
    assert set(after) & set(before)
    assert set(after) - set(before)
    assert after == {member: first if member in before else second for member in after}
    entered = built.published(
        "select sum(entered), sum(\"left\") from segments.segment_daily where as_of = '2026-06-30' and tier is null"
    )
    whole = {(segment, key) for segment, _, key in after}, {(segment, key) for segment, _, key in before}
    assert entered == [(len(whole[0] - whole[1]), len(whole[1] - whole[0]))]


def test_the_same_instant_again_gives_the_same_tables(built: SampleProject) -> None:
    tables = (
        "segment_membership",
        "segment_daily",
        "segment_changes",
        "user_traits",
        "account_segments",
        "segment_catalog",
    )
    kept = "* exclude (publish_id, recorded_by)", "* exclude (publish_id)"
    queries = [
        f"select {kept[0] if table in ('segment_changes', 'segment_daily') else kept[1]} from segments.{table} order by all"
        for table in tables
    ]
    columns = {t: {c for (c,) in built.published(f"select column_name from (describe segments.{t})")} for t in tables}
    queries = [
        q.replace(", recorded_by", "") if "recorded_by" not in columns[t] else q
        for q, t in zip(queries, tables, strict=True)
    ]
    first = [built.published(query) for query in queries]
    built.good("build", "--as-of", SECOND)
    assert [built.published(query) for query in queries] == first


def test_every_served_table_is_of_one_generation(built: SampleProject) -> None:
    [(generation,)] = built.published("select publish_id from segments.segment_generation")
    tables = [
        t
        for (t,) in built.published("select table_name from information_schema.tables where table_schema = 'segments'")
    ]
    assert len(tables) > 30
    for table in tables:
        found = built.published(f'select distinct publish_id from segments."{table}"')
        assert found in ([(generation,)], []), table


def test_the_commands_read_what_is_published(built: SampleProject) -> None:
    sizes = {row["segment"]: row["size"] for row in built.data("list")}
    counted = dict(
        built.published("select segment, count(distinct entity_id) from segments.segment_membership group by 1")
    )
    assert {name: sizes[name] for name in counted} == counted
    shown = built.good("show", "engagement")
    for words in ("growth@acme.test", "sessions_28d", "dim_users", "select", "power"):
        assert words.lower() in shown.lower()
    rows = built.data("query", "select count(*) as members from segment_membership where segment = 'engagement'")
    assert rows == [{"members": counted["engagement"]}] or counted["engagement"] in str(rows)
    assert len(built.data("publish", "--list")) >= 2


def test_compiling_twice_writes_nothing(built: SampleProject) -> None:
    models = built.root / "dbt_project" / "models" / "segments"
    before = {path.name: path.read_bytes() for path in models.iterdir()}
    times = {path.name: path.stat().st_mtime_ns for path in models.iterdir()}
    built.good("compile")
    assert {path.name: path.read_bytes() for path in models.iterdir()} == before
    assert {path.name: path.stat().st_mtime_ns for path in models.iterdir()} == times


def test_sample_segments_pass_their_own_bounds_and_are_neither_empty_nor_everybody(built: SampleProject) -> None:
    rows = built.published("select segment, tier, share from segments.segment_daily where as_of = '2026-06-30'")
    assert len({segment for segment, _, _ in rows}) >= 10
    tiered = {segment for segment, tier, _ in rows if tier}
    for segment, tier, share in rows:
        if tier or segment not in tiered:
            assert 0.005 <= share <= 0.6, (segment, tier, share)


@pytest.fixture
def refusing(built: SampleProject) -> Iterator[SampleProject]:
    """The built project; afterwards the published tables must be what they were."""
    generation = built.published("select * from segments.segment_generation")
    members = built.members()
    yield built
    assert built.published("select * from segments.segment_generation") == generation
    assert built.members() == members


def test_an_empty_source_stops_the_publish(refusing: SampleProject) -> None:
    refusing.change("create table product.kept as from product.users", "delete from product.users")
    try:
        messages = refusing.refused("build", "--as-of", "2026-07-01")
    finally:
        refusing.change("insert into product.users from product.kept", "drop table product.kept")
    assert "product.users" in messages or "user" in messages
    assert "nothing was published" in messages.lower()


def test_a_source_that_lost_a_column_stops_the_publish(refusing: SampleProject) -> None:
    refusing.change("alter table billing.subscriptions rename column seats to chairs")
    try:
        messages = refusing.refused("build", "--as-of", "2026-07-01")
    finally:
        refusing.change("alter table billing.subscriptions rename column chairs to seats")
    assert "seats" in messages
    assert "lacks a column" in messages
    assert "subscriptions" in messages


def test_a_locked_warehouse_is_said(refusing: SampleProject) -> None:
    code = f"import duckdb, sys; c = duckdb.connect({str(refusing.warehouse)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "open\n"
        messages = refusing.refused("build")
        other.stdin.close()
    assert "acme.duckdb" in messages
    assert str(other.pid) in messages or "lock" in messages


def test_mistakes_in_specs_stop_before_anything_is_written(refusing: SampleProject) -> None:
    spec = refusing.root / "segment_specs" / "wrong.yml"
    spec.write_text("segments:\n  - {name: wrong, entity: user, where: contry = 'DE'}\n", "utf-8")
    models = refusing.root / "dbt_project" / "models" / "segments"
    before = sorted(path.name for path in models.iterdir())
    try:
        messages = refusing.refused("build")
    finally:
        spec.unlink()
    assert "segment_specs/wrong.yml:2:40" in messages
    assert "`country`" in messages
    assert sorted(path.name for path in models.iterdir()) == before


HOSTILE = (
    "{{ env_var('HOME') }}",
    'it\'s "quoted" */ -- ; drop table x',
    "line\nbreak {% raw %} {# note #}",
    "ünïcödé 💥 " + "x" * 10_000,
)


def test_hostile_texts_reach_the_catalogue_as_written(built: SampleProject) -> None:
    spec = built.root / "segment_specs" / "hostile.yml"
    segments = []
    for number, text in enumerate(HOSTILE):
        literal = text.replace("'", "''")[:500]
        segments.append(
            {
                "name": f"hostile_{number}",
                "entity": "user",
                "label": text[:200],
                "description": text,
                "goal": text,
                "where": f"locale = '{literal}' or user_id is not null",
            }
        )
    spec.write_text(json.dumps({"segments": segments}, ensure_ascii=False), "utf-8")
    try:
        built.good("build", "--as-of", SECOND)
        found = built.published(
            "select description, goal from segments.segment_catalog where segment like 'hostile%' order by segment"
        )
        assert found == [(text, text) for text in HOSTILE]
        sizes = built.published(
            "select count(*) from segments.segment_membership where segment like 'hostile%' group by segment"
        )
        everybody = built.published("select count(*) from segments.user_segments")
        assert sizes == everybody * len(HOSTILE)
    finally:
        spec.unlink()
        built.good("build", "--as-of", SECOND)


def test_postgres_has_the_same_members(
    built: SampleProject, expected: dict[str, set[str]], empty_postgres: Postgres, tmp_path: Path
) -> None:
    project = SampleProject.copied_to(tmp_path, **empty_postgres.environment)
    project.good("build", "--target", "postgres", "--as-of", FIRST)
    project.good("build", "--target", "postgres", "--as-of", SECOND)
    with empty_postgres.connect() as connection:
        rows = connection.execute("select segment, tier, entity_id from segments.segment_membership").fetchall()
        since = connection.execute(
            "select segment, tier, entity_id, entered_at from segments.segment_membership"
        ).fetchall()
    assert by_segment([tuple(row) for row in rows]) == expected
    assert {tuple(row[:3]): row[3] for row in since} == stays(built)
