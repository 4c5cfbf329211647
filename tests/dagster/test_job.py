"""The job for real: from raw tables to published segments, and what stops it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.commands.dagster_command import environment
from orchestration.commands.options import PROJECT_DIR_VARIABLE
from orchestration.definitions import definitions_of, defs
from orchestration.defs.compiled_project import read_compiled
from orchestration.diagnostics import UserError
from orchestration.project import Project
from tests.build.project import ROOT, SampleProject

SAMPLE_AS_OF = "2026-06-30"
HOSTILE = "it's \"quoted\" */ -- {{ env_var('HOME') }}\n{% raw %} ``` <b>bold</b> | 'x' " + "long " * 500


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SampleProject:
    """A compiled project whose warehouse holds raw tables only."""
    project = SampleProject.copied_to(tmp_path_factory.mktemp("dagster"))
    texts = dict.fromkeys(("label", "description", "goal", "action"), HOSTILE)
    segment = {"name": "everybody", "entity": "user", **texts, "where": "user_id is not null or in_ci(locale, 'a')"}
    (project.root / "segment_specs" / "hostile.yml").write_text(json.dumps({"segments": [segment]}), "utf-8")
    project.good("sample", "--size", "small")
    project.good("compile", "--manifest")
    return project


def load(project: SampleProject) -> dg.Definitions:
    return definitions_of(read_compiled(Project(project.root)))


@pytest.fixture(scope="module")
def definitions(project: SampleProject) -> dg.Definitions:
    return load(project)


def run(definitions: dg.Definitions, config: Mapping[str, Any] | None = None) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_job_def("segments")
        return job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)


@pytest.fixture(scope="module")
def first(project: SampleProject, definitions: dg.Definitions) -> dg.ExecuteInProcessResult:
    """The first run, from nothing."""
    assert not project.serving.exists()
    result = run(definitions)
    assert result.success, message(result)
    return result


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """What was said of each served table."""
    said = {}
    for event in result.get_asset_materialization_events():
        key = event.materialization.asset_key
        if key.path[0] == "segments":
            said[key.path[1]] = {name: value.value for name, value in event.materialization.metadata.items()}
    return said


def test_the_job_publishes_what_it_says(project: SampleProject, first: dg.ExecuteInProcessResult) -> None:
    ((publish_id, as_of),) = project.published("select publish_id, cast(as_of as date) from segments.segment_generation")
    assert str(as_of) == SAMPLE_AS_OF
    members = {name: len(keys) for name, keys in project.members().items()}
    assert members["everybody"] > 200
    said = metadata_of(first)
    for name, facts in said.items():
        assert (facts["publish_id"], facts["as_of"]) == (publish_id, f"{SAMPLE_AS_OF}, the sample's own today"), name
    counted = dict(project.published("select segment, count(distinct entity_id) from segments.segment_membership group by 1"))
    assert {name: facts["size"] for name, facts in said.items() if facts.get("size")} == counted
    tiers = {name: size for name, size in members.items() if name.startswith("engagement.")}
    assert {f"engagement.{tier}": said["engagement"][f"{tier}: size"] for tier in ("power", "at_risk", "casual")} == tiers
    assert 0 < said["engagement"]["share"] < 1
    entities = [name for name in said if name.removesuffix("_segments") in ("user", "account", "organization", "subscription")]
    assert said["segment_generation"]["segments"] == len(said) - len(entities) - 1


def test_every_asset_is_made_and_every_check_told(
    project: SampleProject, definitions: dg.Definitions, first: dg.ExecuteInProcessResult
) -> None:
    graph = definitions.resolve_asset_graph()
    made = {event.asset_key for event in first.get_asset_materialization_events()}
    assert made == graph.materializable_asset_keys
    told = first.get_asset_check_evaluations()
    assert {check.asset_check_key for check in told} == graph.asset_check_keys
    failed = {check.check_name: check for check in told if not check.passed}
    assert {check.severity for check in failed.values()} == {dg.AssetCheckSeverity.WARN}
    ((value, example),) = project.published(
        "select value, detail from segments.segment_checks where check_name = 'rows-without-key' and subject = 'usage.user'"
    )
    said = {name: fact.value for name, fact in failed["rows_without_key__usage_user"].metadata.items()}
    assert said == {"value": value, "expected": "at most 0", "detail": example}
    assert value > 0
    assert float(str(failed["dropped_rows"].metadata["dagster_dbt/failed_row_count"].value)) > 100


def test_what_a_stranger_reads_of_a_segment(definitions: dg.Definitions, first: dg.ExecuteInProcessResult) -> None:
    spec = definitions.resolve_asset_graph().get(dg.AssetKey(["segments", "engagement"]))
    assert spec.group_name == "user"
    assert list(spec.owners) == ["growth@acme.test"]
    for words in ("How deeply users work with the product", "**Goal:** Raise the share", "**Action:** Power users get"):
        assert words in (spec.description or "")
    assert {key.to_user_string() for key in spec.parent_keys} == {"segments_build/user_segments"}
    assert {key.to_user_string() for key in spec.child_keys} >= {"readers/customer_health"}
    said = metadata_of(first)["engagement"]
    assert said["SQL"].startswith("```sql\n")
    assert "sessions_28d" in said["SQL"]
    assert "Each user is in the first tier that fits" in said["definition in words"]
    assert metadata_of(first)["everybody"]["goal"] == HOSTILE
    tags = {value for key in definitions.resolve_asset_graph().get_all_asset_keys() for value in spec_tags(definitions, key)}
    assert all(len(tag) <= 63 and "quoted" not in tag for tag in tags)


def spec_tags(definitions: dg.Definitions, key: dg.AssetKey) -> list[str]:
    tags = definitions.resolve_asset_graph().get(key).tags
    return [*tags, *tags.values()]


def test_lineage_from_sources_to_readers(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    selection = dg.AssetSelection.assets(["product", "events"]).downstream().resolve(graph)
    reached = {key.to_user_string() for key in selection}
    assert {"staging/stg_product__events", "marts/fct_usage_events", "segments/engagement", "readers/customer_health"} <= reached
    assert not any(key.path[0] == "segments_run" for key in graph.get_all_asset_keys())
    event = graph.get(dg.AssetKey(["product", "events"]))
    assert (event.is_external, event.group_name) == (True, "sources")


def test_a_part_can_be_built_and_segments_are_published_whole_only(
    project: SampleProject, definitions: dg.Definitions, first: dg.ExecuteInProcessResult
) -> None:
    served = project.published("select publish_id from segments.segment_generation")
    graph = definitions.resolve_asset_graph()
    job = definitions.resolve_implicit_global_asset_job_def()
    segments = [key for key in graph.materializable_asset_keys if key.path[0] == "segments"]
    with dg.DagsterInstance.ephemeral() as instance:
        refused = job.execute_in_process(instance=instance, raise_on_error=False, asset_selection=segments)
        assert "there is nothing to publish: this run has not built the segments' tables" in message(refused)
        built = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["staging", "stg_crm__owners"])])
    assert len(built.get_asset_materialization_events()) == 1
    assert {check.check_name for check in built.get_asset_check_evaluations()} == {
        "not_null_stg_crm__owners_owner_id",
        "unique_stg_crm__owners_owner_id",
    }
    assert project.published("select publish_id from segments.segment_generation") == served


def message(result: dg.ExecuteInProcessResult) -> str:
    """Why the run's step failed."""
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    error = failure.step_failure_data.error
    assert error is not None
    return error.message + (error.cause.message if error.cause else "")


def test_dagster_accepts_the_definitions(tmp_path: Path, project: SampleProject) -> None:
    inherited = {**os.environ, "PYTHONPATH": str(ROOT), "DAGSTER_HOME": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-m", "orchestration.definitions"],
        cwd=project.root,
        env=environment(Project(project.root), None, inherited),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "All code locations passed validation" in result.stdout + result.stderr


def test_a_project_that_was_not_compiled_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROJECT_DIR_VARIABLE, str(SampleProject.copied_to(tmp_path).root))
    with pytest.raises(dg.DagsterInvalidDefinitionError) as caught:
        defs()
    assert str(caught.value).startswith("error[not-compiled]: the specs were not compiled: there is no ")
    assert "`segments compile --manifest` writes them" in str(caught.value)


def test_a_failed_check_keeps_everything_from_being_published(
    project: SampleProject, first: dg.ExecuteInProcessResult, capfd: pytest.CaptureFixture[str]
) -> None:
    tables = [t for (t,) in project.published("select table_name from information_schema.tables where table_schema = 'segments'")]
    queries = [f'select * from segments."{table}" order by all' for table in tables]
    before = [project.published(query) for query in queries]
    spec = project.root / "segment_specs" / "behavioural" / "engagement.yml"
    text = spec.read_text("utf-8")
    absurd = text.replace("checks: {size: {min: 1,", "checks: {size: {min: 100000,")
    try:
        spec.write_text(absurd.replace("goal: Raise", "goal: Lift"), "utf-8")
        with pytest.raises(UserError, match="the specs have changed since they were compiled"):
            load(project)
        project.good("compile")
        with pytest.raises(UserError, match="dbt's manifest is older than the compiled models"):
            load(project)
        spec.write_text(absurd, "utf-8")
        project.good("compile")
        definitions = load(project)  # dbt reads nothing of a check, so its manifest is still right
        capfd.readouterr()
        result = run(definitions, {"ops": {"dbt_build": {"config": {"as_of": "2026-07-01"}}}})
    finally:
        spec.write_text(text, "utf-8")
    assert not result.success
    told = result.get_asset_check_evaluations()
    assert {check.asset_check_key for check in told} == definitions.resolve_asset_graph().asset_check_keys
    (failed,) = [check for check in told if not check.passed and check.severity is dg.AssetCheckSeverity.ERROR]
    assert (failed.asset_key.path, failed.check_name) == (["segments", "engagement"], "size")
    words = f"`size` of segment `engagement` is {failed.metadata['value'].value}, expected at least 100000"
    assert failed.description == words
    assert words in message(result)
    assert metadata_of(result) == {}
    assert [project.published(query) for query in queries] == before
    alert = f"growth@acme.test: run {result.run_id} has failed, which concerns segment engagement.\n{words}"
    assert alert in capfd.readouterr().out
