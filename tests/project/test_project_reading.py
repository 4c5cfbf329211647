"""Finding a project and reading its files."""

import os
from pathlib import Path

import pytest

from orchestration.diagnostics import Report, UserError
from orchestration.project import Project, find_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "segment_specs" / "geo").mkdir(parents=True)
    (tmp_path / "dbt_project" / "models").mkdir(parents=True)
    (tmp_path / "dbt_project" / "dbt_project.yml").write_text("name: acme\n")
    return find_project(tmp_path)


def specs(project: Project) -> tuple[dict[str, str], list[str]]:
    report = Report()
    return project.spec_sources(report), [d.code for d in report.diagnostics]


def test_a_project_is_found_upwards(project: Project) -> None:
    assert find_project(start=project.root / "segment_specs" / "geo") == project
    assert find_project(start=project.root) == project


def test_no_project_is_said(tmp_path: Path) -> None:
    arguments: list[tuple[Path | None, Path | None]] = [
        (None, tmp_path),
        (tmp_path, None),
        (tmp_path / "nothing", None),
    ]
    for project_dir, start in arguments:
        with pytest.raises(UserError) as caught:
            find_project(project_dir, start)
        assert caught.value.diagnostics[0].code == "no-project"
        assert "--project-dir" in caught.value.diagnostics[0].hint


def test_specs_are_read_in_order_by_their_shown_path(project: Project) -> None:
    for name in ("z.yml", "geo/b.yaml", "a.YML", ".hidden.yml", ".#lock.yml", "notes.md"):
        (project.specs_dir / name).write_text(f"# {name}")
    (project.specs_dir / ".git").mkdir()
    (project.specs_dir / ".git" / "x.yml").write_text("")
    texts, codes = specs(project)
    assert list(texts) == ["segment_specs/a.YML", "segment_specs/geo/b.yaml", "segment_specs/z.yml"]
    assert texts["segment_specs/geo/b.yaml"] == "# geo/b.yaml"
    assert codes == []


def test_what_cannot_be_read_is_reported_with_the_rest_read(project: Project, tmp_path: Path) -> None:
    folder = project.specs_dir
    (folder / "good.yml").write_bytes("\ufeffa: ä".encode())
    (folder / "latin.yml").write_bytes(b"a: 1\nb: M\xfcller")
    (folder / "large.yml").write_bytes(b"#" * 1_000_001)
    (folder / "loop.yml").symlink_to("loop.yml")
    (folder / "gone.yml").symlink_to("nowhere.yml")
    (folder / "linked.yml").symlink_to("good.yml")
    (folder / "out.yml").symlink_to("/etc/hostname")
    (folder / "round").symlink_to(folder)
    (folder / "folder.yml").mkdir()
    os.mkfifo(folder / "pipe.yml")
    report = Report()
    texts = project.spec_sources(report)
    assert texts == {"segment_specs/good.yml": "a: ä", "segment_specs/linked.yml": "a: ä"}
    assert sorted((d.code, d.message.split()[0]) for d in report.diagnostics) == [
        ("file-too-large", "segment_specs/large.yml"),
        ("link-outside", "segment_specs/out.yml"),
        ("linked-folder", "segment_specs/round"),
        ("not-utf-8", "segment_specs/latin.yml"),
        ("unreadable-file", "segment_specs/gone.yml"),
        ("unreadable-file", "segment_specs/loop.yml"),
        ("unreadable-file", "segment_specs/pipe.yml"),
    ]
    (latin,) = (d for d in report.diagnostics if d.code == "not-utf-8")
    assert str(latin.span) == "segment_specs/latin.yml:2:5"


def test_dbts_yaml_is_read_where_dbt_reads_it_and_not_the_compiled(project: Project) -> None:
    dbt = project.dbt_dir
    (dbt / "dbt_project.yml").write_text("name: acme\nmodel-paths: [models, more]\nseed-paths: [data]\n")
    for name in (
        "models/marts.yml",
        "models/segments/segments.yml",
        "more/x.yml",
        "data/s.yml",
        "seeds/no.yml",
        "top.yml",
    ):
        (dbt / name).parent.mkdir(exist_ok=True)
        (dbt / name).write_text("models: []")
    report = Report()
    assert list(project.dbt_yaml(report)) == [
        "dbt_project/data/s.yml",
        "dbt_project/models/marts.yml",
        "dbt_project/more/x.yml",
    ]
    assert project.compiled_dir == dbt / "models" / "segments"
    assert report.diagnostics == []


def test_a_project_without_dbt(project: Project) -> None:
    (project.dbt_dir / "dbt_project.yml").unlink()
    report = Report()
    catalog, texts = project.catalog(report)
    assert (dict(catalog.relations), texts, project.has_dbt, report.diagnostics) == ({}, {}, False, [])


def test_the_lock_is_read(project: Project) -> None:
    assert project.lock(Report()) is None
    project.lock_path.write_text("relations: {a: {b: text}}")
    assert project.lock(Report()) == ("dbt_project/columns.lock.yml", "relations: {a: {b: text}}")
    catalog, texts = project.catalog(Report())
    assert list(catalog.relations) == ["a"]
    assert list(texts) == ["dbt_project/columns.lock.yml"]


def test_model_paths_that_leave_the_project_are_refused(project: Project) -> None:
    (project.dbt_dir / "dbt_project.yml").write_text("model-paths: [../elsewhere]")
    with pytest.raises(UserError, match="leaves the dbt project"):
        project.dbt_yaml(Report())


def test_exposures_of_several_files_are_one(project: Project) -> None:
    assert project.exposures(Report()) is None
    folder = project.dbt_dir / "exposures"
    folder.mkdir()
    one = "version: 2\nexposures:\n  - name: a # as written\n"
    (folder / "a.yml").write_text(one)
    assert project.exposures(Report()) == one
    (folder / "b.yml").write_text("exposures: [{name: b, description: '{{ x }}'}]")
    (folder / "c.yml").write_text("exposures: [")
    report = Report()
    assert project.exposures(report) == "version: 2\nexposures:\n- name: a\n- name: b\n  description: '{{ x }}'\n"
    assert [d.code for d in report.diagnostics] == ["dbt-yaml"]
