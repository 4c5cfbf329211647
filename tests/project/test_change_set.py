"""Compiled files against what is on disk."""

from pathlib import Path

import pytest

from orchestration.diagnostics import UserError
from orchestration.project import ChangeSet, change_set, write_text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "dbt_project" / "models" / "segments"


def apply(folder: Path, files: dict[str, str]) -> ChangeSet:
    changes = change_set(folder, files, within=folder.parents[1])
    changes.apply()
    return changes


def contents(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): p.read_text()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name[0] != "."
    }


def test_only_what_changed_is_written_and_what_is_gone_is_removed(folder: Path) -> None:
    first = apply(folder, {"user/a.sql": "a", "b.sql": "b", "c.yml": "ü"})
    assert (first.written, first.removed, first.unchanged) == (("b.sql", "c.yml", "user/a.sql"), (), ())
    before = (folder / "b.sql").stat().st_mtime_ns
    second = apply(folder, {"b.sql": "b", "c.yml": "new"})
    assert (second.written, second.removed, second.unchanged) == (("c.yml",), ("user/a.sql",), ("b.sql",))
    assert contents(folder) == {"b.sql": "b", "c.yml": "new"}
    assert (folder / "b.sql").stat().st_mtime_ns == before
    assert not (folder / "user").exists()
    third = apply(folder, {"b.sql": "b", "c.yml": "new"})
    assert third.is_empty


def test_a_plan_writes_nothing(folder: Path) -> None:
    change_set(folder, {"a.sql": "a"}, within=folder.parents[1])
    assert not folder.exists()


@pytest.mark.parametrize("name", ["mine.sql", "mine.yml", "deep/mine.sql", "a.sql"])
def test_a_file_of_someone_else_stops_the_change_untouched(folder: Path, name: str) -> None:
    apply(folder, {"b.sql": "b"})
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("mine")
    with pytest.raises(UserError, match="has not written") as caught:
        apply(folder, {"a.sql": "a"})
    assert name in caught.value.diagnostics[0].message
    assert contents(folder) == {"b.sql": "b", name: "mine"}


def test_a_note_that_dbt_does_not_read_is_left_alone(folder: Path) -> None:
    apply(folder, {"b.sql": "b"})
    (folder / "notes.txt").write_text("mine")
    apply(folder, {})
    assert contents(folder) == {"notes.txt": "mine"}


def test_a_broken_run_is_finished_by_the_next(folder: Path) -> None:
    apply(folder, {"a.sql": "a", "b.sql": "b"})
    (folder / "a.sql").write_text("half")
    (folder / "b.sql").unlink()
    (folder / ".segments-new.1.c.sql").write_text("left over")
    assert apply(folder, {"a.sql": "a", "b.sql": "b"}).written == ("a.sql", "b.sql")


def test_without_a_record_the_same_texts_are_taken_over(folder: Path) -> None:
    apply(folder, {"a.sql": "a"})
    (folder / ".compiled.json").write_text("no json")
    assert apply(folder, {"a.sql": "a"}).unchanged == ("a.sql",)
    assert apply(folder, {}).removed == ("a.sql",)


@pytest.mark.parametrize(
    "name", ["../x.sql", "/etc/x.sql", "a/../../x.sql", "", "a\\b.sql", "a\n.sql", ".compiled.json"]
)
def test_no_path_leaves_the_folder(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a path below"):
        apply(folder, {name: "x"})


def test_a_record_that_lies_removes_nothing_outside(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.sql").write_text("kept")
    folder.mkdir(parents=True)
    (folder / ".compiled.json").write_text('{"compiled": ["../../../kept.sql", 3, null]}')
    assert apply(folder, {}).removed == ()
    assert (tmp_path / "kept.sql").read_text() == "kept"


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.sql").write_text("kept")
    apply(folder, {"user/a.sql": "a"})
    (folder / "user" / "a.sql").unlink()
    (folder / "user").rmdir()
    (folder / "user").symlink_to(outside)
    with pytest.raises(UserError, match="has not written"):
        apply(folder, {"user/a.sql": "a"})
    assert (outside / "a.sql").read_text() == "kept"


def test_a_linked_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder.parent.mkdir(parents=True)
    folder.symlink_to(outside)
    with pytest.raises(UserError, match="link out of the project"):
        apply(folder, {"a.sql": "a"})


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_text(tmp_path / "file" / "a.sql", "a")


def test_write_text_says_whether_it_wrote(tmp_path: Path) -> None:
    assert write_text(tmp_path / "a" / "b.yml", "x\r\ny\n")
    assert (tmp_path / "a" / "b.yml").read_bytes() == b"x\r\ny\n"
    assert not write_text(tmp_path / "a" / "b.yml", "x\r\ny\n")
