"""What `segments query` prints."""

from orchestration.commands.query_command import _apart


def test_columns_of_one_name_are_kept_apart() -> None:
    assert _apart(("a", "b", "a", "a_2", "a")) == ["a", "b", "a_3", "a_2", "a_4"]
    assert _apart(()) == []
