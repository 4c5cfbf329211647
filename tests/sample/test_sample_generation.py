"""The generated company: the same bytes for the same seed, the promised size, the truth and the dirt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.sample import DEFAULT_SEED, SAMPLE_AS_OF, SIZES, TABLES, RawTable, generate, load
from orchestration.sample.tables import COLUMN_TYPES
from tests.conftest import Postgres

REPOSITORY = Path(__file__).parents[2]
# of all files at size small and the default seed; a change of the generator changes it, a machine must not
SMALL_DIGEST = "d303e83d7212132e0875157fc93a386e23d1a0b495f2852d436336f1e4e70399"


class Loader:
    """A DuckDB in memory that takes CSV files as a warehouse does."""

    def __init__(self) -> None:
        self.database = duckdb.connect()
        self.loaded: list[str] = []

    def load_csv(self, schema: str, table: str, columns: Sequence[tuple[str, str]], path: Path) -> None:
        self.loaded.append(f"{schema}.{table}")
        self.database.execute(f"create schema if not exists {schema}")
        self.database.execute(f"create table {schema}.{table} ({', '.join(f'{n} {kind}' for n, kind in columns)})")
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        options = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = ''"
        self.database.execute(
            f"insert into {schema}.{table} select * from read_csv('{path}', columns = {{{types}}}, {options})"
        )

    def number(self, query: str) -> int:
        row = self.database.execute(query).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("small")
    generate(directory, size=SIZES["small"])
    return directory


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """The company at its default size, loaded."""
    directory = tmp_path_factory.mktemp("default")
    generate(directory)
    loader = Loader()
    load(loader, directory)
    yield loader
    loader.database.close()


def digest(directory: Path) -> str:
    result = hashlib.sha256()
    for table in TABLES:
        result.update(table.file_name.encode() + (directory / table.file_name).read_bytes())
    return result.hexdigest()


def test_the_same_seed_and_size_give_the_same_bytes_anywhere(small: Path, tmp_path: Path) -> None:
    assert generate(tmp_path, size=SIZES["small"]) == TABLES
    assert digest(tmp_path) == digest(small) == SMALL_DIGEST


def test_another_seed_gives_another_company(small: Path, tmp_path: Path) -> None:
    generate(tmp_path, size=SIZES["small"], seed=DEFAULT_SEED + 1)
    assert digest(tmp_path) != digest(small)


def test_files_are_plain_csv(small: Path) -> None:
    for table in TABLES:
        data = (small / table.file_name).read_bytes()
        assert b"\r" not in data, table.full_name
        assert data.endswith(b"\n"), table.full_name
        assert data.splitlines()[0].decode() == ",".join(name for name, _ in table.columns)


def test_the_default_size(company: Loader) -> None:
    assert company.number("select count(distinct account_id) from crm.accounts") == 300
    assert company.number("select count(*) from product.users") == 3_000
    assert 180_000 <= company.number("select count(*) from product.events") <= 240_000


def test_the_mark_of_the_sample_is_loaded_last(company: Loader) -> None:
    assert sorted(company.loaded) == sorted(table.full_name for table in TABLES)
    assert company.loaded[-2:] == ["sample.sample_run", "sample.ground_truth"]
    run = company.database.execute("select seed, size, sample_as_of from sample.sample_run").fetchall()
    assert run == [(DEFAULT_SEED, 1.0, SAMPLE_AS_OF)]


@pytest.mark.parametrize(("entity", "table"), [("account", "crm.accounts"), ("user", "product.users")])
def test_the_truth_is_known_of_everybody(company: Loader, entity: str, table: str) -> None:
    unknown = (
        f"select count(*) from {table} where {entity}_id not in "
        f"(select entity_id from sample.ground_truth where entity = '{entity}')"
    )
    assert company.number(unknown) == 0


@pytest.mark.parametrize(
    ("entity", "label"),
    [
        ("account", label)
        for label in ["at_risk", "churned", "expanding", "onboarding", "seasonal", "steady", "won_back"]
    ]
    + [
        ("user", label)
        for label in ["at_risk", "casual", "churned", "dormant", "onboarding", "power", "won_back", "internal"]
    ],
)
def test_every_archetype_occurs(company: Loader, entity: str, label: str) -> None:
    found = company.number(f"select count(*) from sample.ground_truth where entity = '{entity}' and label = '{label}'")
    assert found >= (10 if entity == "account" else 25)


DIRT = {
    "events sent twice": "select count(*) - count(distinct event_id) from product.events",
    "events loaded late": "select count(*) from product.events where loaded_at > occurred_at + interval 1 day",
    "events without a time": "select count(*) from product.events where occurred_at is null",
    "events of the future": "select count(*) from product.events where occurred_at > loaded_at",
    "events without a user": "select count(*) from product.events where user_id is null",
    "events of unknown users": (
        "select count(*) from product.events where user_id not in (select user_id from product.users)"
    ),
    "events in an old spelling": "select count(*) from product.events where event_name like '% %'",
    "users without an account": "select count(*) from product.users where account_id is null",
    "users of unknown accounts": (
        "select count(*) from product.users where account_id not in (select account_id from crm.accounts)"
    ),
    "users who never signed up": "select count(*) from product.users where signed_up_at is null",
    "deleted users": "select count(*) from product.users where deleted_at is not null",
    "own staff": "select count(*) from product.users where lower(email) like '%@acme.test'",
    "test accounts": "select count(*) from crm.accounts where account_name like 'TEST %' or is_test",
    "test accounts without the flag": (
        "select count(*) from crm.accounts where account_name like 'TEST %' and is_test is not true"
    ),
    "accounts exported twice": "select count(*) - count(distinct account_id) from crm.accounts",
    "invoices exported twice": "select count(*) - count(distinct invoice_id) from billing.invoices",
    "contacts entered twice": "select count(user_id) - count(distinct user_id) from crm.contacts",
    "contacts who are no users": "select count(*) from crm.contacts where user_id is null",
    "countries in other spellings": "select count(*) from crm.accounts where not country similar to '[A-Z]{2}'",
    "locales in other spellings": "select count(*) from product.users where locale not like '%-%'",
    "unknown employee counts": "select count(*) from crm.firmographics where employee_count is null",
    "negative employee counts": "select count(*) from crm.firmographics where employee_count < 0",
    "firmographics of unknown accounts": (
        "select count(*) from crm.firmographics where account_id not in (select account_id from crm.accounts)"
    ),
    "tools in capitals": "select count(*) from crm.technographics where tools <> lower(tools)",
    "scores off the scale": "select count(*) from surveys.responses where nps > 10",
    "withdrawn consents": "select count(*) - count(distinct (user_id, purpose)) from crm.consents",
    "negative invoices": "select count(*) from billing.invoices where amount < 0",
    "planned meetings": "select count(*) from crm.activities where starts_at > timestamp '2026-06-30'",
}


@pytest.mark.parametrize("kind", DIRT)
def test_dirt_occurs(company: Loader, kind: str) -> None:
    assert company.number(DIRT[kind]) > 0


@pytest.mark.parametrize(
    "table", [table for table in TABLES if "loaded_at" in dict(table.columns)], ids=lambda t: t.full_name
)
def test_nothing_is_loaded_after_the_samples_today(company: Loader, table: RawTable) -> None:
    late = f"select count(*) from {table.full_name} where loaded_at is null or loaded_at >= timestamp '{SAMPLE_AS_OF}'"
    assert company.number(late) == 0


def test_column_types_are_those_of_both_engines(empty_postgres: Postgres) -> None:
    assert {kind for table in TABLES for _, kind in table.columns} <= set(COLUMN_TYPES)
    for table in TABLES:
        columns = ", ".join(f"{name} {kind}" for name, kind in table.columns)
        empty_postgres.execute(
            f"create schema if not exists {table.schema}", f"create table {table.full_name} ({columns})"
        )


def test_dbts_sources_describe_the_raw_tables() -> None:
    described: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((REPOSITORY / "dbt_project/models/sources").glob("*.yml")):
        for source in yaml.safe_load(path.read_text("utf-8"))["sources"]:
            for table in source["tables"]:
                columns = [(column["name"], column["data_type"]) for column in table["columns"]]
                described[f"{source['name']}.{table['name']}"] = columns
    assert described == {table.full_name: list(table.columns) for table in TABLES if table.schema != "sample"}
