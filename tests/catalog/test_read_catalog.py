"""Catalogs read from dbt's YAML and from the lock."""

from orchestration.catalog import (
    Age,
    Catalog,
    Column,
    Freshness,
    read_catalog,
    render_lock,
)
from orchestration.catalog.types import BOOLEAN, INTEGER, TEXT
from orchestration.diagnostics import Report, Span

PATH = "dbt_project/models/marts/marts.yml"

MARTS = """\
version: 2
x-columns:
  - &id {name: user_id, data_type: text, data_tests: [unique, not_null]}
models:
  - name: dim_users
    description: "{{ doc('users') }}"
    columns:
      - *id
      - name: plan
        data_type: varchar
        description: What they pay for
        config: {meta: {basis: value, sensitivity: none}}
        data_tests:
          - accepted_values:
              arguments: {values: [free, pro, 3]}
      - name: country
        data_type: text
        meta: {basis: geographic}
        tests:
          - accepted_values: {values: [DE, 'NO', FR], config: {severity: warn}}
          - not_null: {config: {where: "plan = 'pro'"}}
      - name: blob
        data_type: json
      - name: age
sources:
  - name: crm
    loaded_at_field: loaded_at
    freshness: {warn_after: {count: 12, period: hour}, error_after: {count: 2, period: day}}
    tables:
      - name: accounts
        columns: [{name: account_id, data_type: text, constraints: [{type: not_null}]}]
      - name: tags
        freshness: null
      - name: owners
        config:
          loaded_at_field: changed_at
          freshness: {warn_after: {count: 5, period: minute}}
seeds:
  - name: design_partners
"""


def read(lock: str | None = None, **files: str) -> tuple[Catalog, Report]:
    report = Report()
    texts = files or {PATH: MARTS}
    return read_catalog(texts, ("dbt_project/columns.lock.yml", lock) if lock is not None else None, report), report


def test_columns_of_a_model() -> None:
    catalog, report = read()
    assert report.diagnostics == []
    assert list(catalog.relations) == ["crm.accounts", "crm.owners", "crm.tags", "design_partners", "dim_users"]
    users = catalog.relations["dim_users"]
    assert users.description == "{{ doc('users') }}"
    assert users.span == Span(PATH, 5, 11, 20)
    assert list(users.columns) == ["user_id", "plan", "country", "blob", "age"]
    assert users.columns["user_id"] == Column("user_id", TEXT, "text", not_null=True, span=Span(PATH, 3, 16, 23))
    assert users.columns["plan"] == Column(
        "plan", TEXT, "varchar", "What they pay for", "value", "none", ("free", "pro", "3"), span=Span(PATH, 9, 15, 19)
    )
    country = users.columns["country"]
    assert (country.basis, country.accepted_values, country.not_null) == ("geographic", ("DE", "NO", "FR"), False)
    assert (users.columns["blob"].type, users.columns["blob"].data_type) == (None, "json")
    assert (users.columns["age"].type, users.columns["age"].data_type) == (None, "")
    assert catalog.relations["crm.accounts"].columns["account_id"].not_null


def test_freshness_of_sources() -> None:
    catalog, _ = read()
    day = Freshness("loaded_at", Age(12, "hour"), Age(2, "day"))
    assert catalog.relations["crm.accounts"].freshness == day
    assert catalog.relations["crm.tags"].freshness is None
    assert catalog.relations["crm.owners"].freshness == Freshness("changed_at", Age(5, "minute"), Age(2, "day"))


def test_freshness_that_cannot_be_read_is_said() -> None:
    text = "sources: [{name: crm, freshness: {warn_after: {count: '{{ var(1) }}', period: day}}, tables: [{name: a}]}]"
    catalog, report = read(**{PATH: text})
    assert catalog.relations["crm.a"].freshness is None
    assert [d.code for d in report.diagnostics] == ["freshness-not-read"]


def test_the_lock_fills_what_dbt_leaves_out() -> None:
    lock = render_lock(
        {
            "dim_users": [("AGE", "INTEGER"), ("plan", "INTEGER"), ("is_admin", "BOOLEAN")],
            "crm.contacts": [("contact_id", "VARCHAR")],
        }
    )
    catalog, report = read(lock)
    users = catalog.relations["dim_users"].columns
    assert users["age"].type is INTEGER
    assert users["plan"].type is TEXT
    assert users["is_admin"].type is BOOLEAN
    assert list(users)[-1] == "is_admin"
    contacts = catalog.relations["crm.contacts"]
    assert (contacts.kind, contacts.source, contacts.name) == ("source", "crm", "contacts")
    assert [(d.code, d.message) for d in report.diagnostics] == [
        ("column-types-differ", "`dim_users.plan` is declared as varchar, and INTEGER in the warehouse")
    ]


def test_the_lock_is_deterministic_and_safe() -> None:
    columns = {"b": [("no", "text"), ("z", "decimal(1,2)")], "a.x": [("a: b", "{{ x }}")], "c": []}
    text = render_lock(columns)
    assert text == render_lock(dict(reversed(columns.items())))
    catalog, report = read(text)
    assert report.diagnostics == []
    assert {k: list(v.columns) for k, v in catalog.relations.items() if k in ("a.x", "b", "c")} == {
        "a.x": ["a: b"],
        "b": ["no", "z"],
        "c": [],
    }


def test_a_file_that_is_no_lock() -> None:
    _, report = read("- 1")
    assert [d.code for d in report.diagnostics] == ["columns-lock"]


def test_two_files_that_describe_one_model() -> None:
    one = "models: [{name: dim_users}]"
    _, report = read(**{"a.yml": one, "b.yml": one})
    (found,) = report.diagnostics
    assert (found.code, str(found.span)) == ("duplicate-relation", "b.yml:1:17")
    assert "a.yml:1:17" in found.hint


def test_broken_yaml_is_reported_and_the_other_files_are_read() -> None:
    catalog, report = read(
        **{"a.yml": "models: [\n  {name: x", "b.yml": "models: [{name: y}]", "c.yml": "", "d.yml": "- 1"}
    )
    assert list(catalog.relations) == ["y"]
    (found,) = report.diagnostics
    assert (found.code, found.span and found.span.file) == ("dbt-yaml", "a.yml")


def test_hostile_yaml_is_reported_not_raised() -> None:
    texts = {
        "control.yml": "models: \x00",
        "deep.yml": "[" * 100_000,
        "steps.yml": "- " * 100_000,
        "loop.yml": "models: &a [*a]",
        "merge.yml": "models: [&a {<<: *a, name: loops}]",
        "tag.yml": "models: !!python/object:os.system [x]",
        "two.yml": "a: 1\n---\nb: 2",
    }
    catalog, report = read(**texts)
    assert {d.span.file for d in report.diagnostics if d.span} == {"control.yml", "deep.yml", "steps.yml", "two.yml"}
    assert list(catalog.relations) == ["loops"]


def test_words_of_ours_that_are_misspelt_are_errors() -> None:
    text = "models: [{name: m, columns: [{name: c, meta: {basis: behavioral, sensitivity: [x]}}]}]"
    _, report = read(**{PATH: text})
    assert [(d.code, d.hint) for d in report.diagnostics] == [
        ("unknown-basis", "did you mean `behavioural`?"),
        ("unknown-sensitivity", "known are: `none`, `personal`, `special`"),
    ]


def test_a_value_that_yaml_bends_is_a_warning() -> None:
    text = "models: [{name: m, columns: [{name: c, tests: [{accepted_values: {values: [NO, SE]}}]}]}]"
    catalog, report = read(**{PATH: text})
    assert catalog.relations["m"].columns["c"].accepted_values == ("NO", "SE")
    assert [(d.code, d.hint) for d in report.diagnostics] == [("yaml-boolean", "quote it")]


def test_two_accepted_values_tests_bound_together() -> None:
    tests = "[{accepted_values: {values: [a, b]}}, {name: n, test_name: accepted_values, arguments: {values: [b, c]}}]"
    catalog, _ = read(**{PATH: f"models: [{{name: m, columns: [{{name: c, data_tests: {tests}}}]}}]"})
    assert catalog.relations["m"].columns["c"].accepted_values == ("b",)
