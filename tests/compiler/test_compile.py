"""The compiler as a whole: the same bytes always, texts as data, and SQL that says where it came from."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest
import sqlglot
import yaml
from sqlglot import exp

from orchestration.catalog import read_catalog
from orchestration.compiler.compile import compile_specs
from orchestration.compiler.compiled import Compiled
from orchestration.diagnostics import Report, render_text

ROOT = Path(__file__).parents[2]

SPEC = """
entities:
  - {name: account, key: account_id, columns: {account_id: text, arr: decimal, industry: text}}
  - {name: user, key: user_id, columns: {user_id: text, account_id: text, plan: text}, belongs_to: {account: account_id}}
streams:
  - name: usage
    at: occurred_at
    columns: {user_id: text, event_name: text, occurred_at: timestamp}
    belongs_to: {user: user_id}
    event: event_name
    events: [exported]
traits:
  - {name: exports_28d, entity: user, from: usage.exported, aggregate: count, within: 28 days}
  - {name: exporters, entity: account, from: user, where: exports_28d > 0, aggregate: count}
segments:
  - {name: busy, entity: account, where: [exporters >= 2, arr > 1000]}
  - {name: in_busy, entity: user, where: [{in: busy}, plan = 'pro']}
"""


def compiled(text: str, dialect: str = "duckdb") -> Compiled:
    report = Report()
    found = compile_specs({"spec.yml": text}, read_catalog({}, None, report), dialect, report)
    assert found is not None, render_text(report.diagnostics, {"spec.yml": text})
    return found


DIGEST = """
import hashlib, pathlib, sys
from orchestration.commands.loading import compiled_or_fail, read_specs
made = compiled_or_fail(read_specs(pathlib.Path(sys.argv[1])), None)
print(hashlib.sha256(repr((made.hash, sorted(made.files.items()), [s.sql for s in made.segments])).encode()).hexdigest())
"""


def test_the_same_specs_give_the_same_bytes_in_any_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST, str(ROOT)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("0", "UTC"), ("1", "Asia/Kathmandu"))
    }
    assert len(digests) == 1


def test_files_named_otherwise_and_lines_moved_keep_every_hash() -> None:
    report = Report()
    there = compile_specs({"other/name.yml": "# moved\n\n" + SPEC}, read_catalog({}, None, report), "duckdb", report)
    here = compiled(SPEC)
    assert there is not None
    assert there.hash == here.hash
    assert [s.definition_hash for s in there.segments] == [s.definition_hash for s in here.segments]


def test_a_changed_trait_changes_the_hash_of_what_reads_it_and_of_nothing_else() -> None:
    before = {
        s.name: s.definition_hash
        for s in compiled(SPEC + "  - {name: pro, entity: user, where: plan = 'pro'}\n").segments
    }
    changed = SPEC.replace("28 days", "14 days") + "  - {name: pro, entity: user, where: plan = 'pro'}\n"
    after = {s.name: s.definition_hash for s in compiled(changed).segments}
    assert {name for name in before if before[name] != after[name]} == {"busy", "in_busy"}


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_every_part_says_where_it_came_from_and_lists_its_columns(dialect: str) -> None:
    for model in compiled(SPEC, dialect).models:
        parts = list(model.query.find_all(exp.CTE))
        assert parts
        for part in parts:
            assert part.this.comments, part.alias
        assert not [star for star in model.query.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
        assert [column.name for column in model.columns] == model.query.named_selects


def test_entities_that_read_one_another_are_built_in_an_order_that_works() -> None:
    built: set[str] = set()
    for model in compiled(SPEC).models:
        assert {r.name for r in model.reads if r.kind == "build"} <= built, model.name
        built.add(model.name)
    assert {"user_traits", "account_traits", "account_segments", "user_segments"} <= built


HOSTILE = (
    "{{ env_var('HOME') }}",
    "{% set x = 1 %}{# no comment #}",
    'it\'s "quoted" */ -- ; drop table x',
    "{{{ }}} {%%} #} %}",
    "back\\slash \\' \\\"",
    "a: b # c\n- d\n\ttab",
    "ünï 💥 \u2028 \u0085",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_reach_dbt_as_they_were_written(text: str) -> None:
    literal = text.replace("'", "''")
    specs = {
        "entities": [{"name": "user", "key": "user_id", "columns": {"user_id": "text"}}],
        "segments": [
            {
                "name": "s",
                "entity": "user",
                "label": text,
                "description": text,
                "goal": text,
                "where": f"user_id = '{literal}'",
            }
        ],
    }
    written = json.dumps(specs, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u0085", "\\u0085")
    made = compiled(written)
    environment = jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined)
    names = {"ref": lambda name: f'"{name}"', "source": lambda schema, name: f'"{schema}"."{name}"'}
    properties = yaml.safe_load(made.files["_segments.yml"])
    [node] = [m for m in properties["models"] if m["name"] == "segment__s"]
    assert environment.from_string(node["description"]).render() == text
    assert environment.from_string(node["config"]["meta"]["goal"]).render() == text
    sql = environment.from_string(made.files["user_segments.sql"]).render(**names)
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    assert text in {found.this for found in tree.find_all(exp.Literal) if found.is_string}


def test_a_segment_may_have_the_name_of_a_dbt_model() -> None:
    specs = {
        "entities": [{"name": "user", "key": "user_id", "columns": {"user_id": "text"}}],
        "segments": [{"name": "dim_users", "entity": "user", "where": "user_id = 'u1'"}],
    }
    properties = yaml.safe_load(compiled(json.dumps(specs)).files["_segments.yml"])
    [node] = [m for m in properties["models"] if m["name"] == "segment__dim_users"]
    assert (node["config"]["schema"], node["config"]["alias"]) == ("segments", "dim_users")


def test_words_that_look_like_a_reference_stay_text() -> None:
    specs = {
        "entities": [{"name": "user", "key": "user_id", "columns": {"user_id": "text"}}],
        "segments": [
            {"name": "s", "entity": "user", "where": "user_id in ('relation_0_0_', 'inline:user', 'run:instant')"}
        ],
    }
    sql = compiled(json.dumps(specs)).files["user_segments.sql"]
    assert "'relation_0_0_'" in sql
    assert "'inline:user'" in sql
    assert set(re.findall(r"\{\{.*?\}\}", sql)) == {
        "{{ ref('user') }}",
        "{{ source('segments_run', 'instant') }}",
        "{{ source('segments_run', 'user_state') }}",
    }


def test_a_draft_is_checked_and_not_built() -> None:
    names = [
        s.name for s in compiled(SPEC + "  - {name: later, entity: user, status: draft, where: plan = 'x'}\n").segments
    ]
    assert names == ["busy", "in_busy"]
