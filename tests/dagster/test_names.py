"""Keys, names, tags and texts in Dagster."""

import pytest

from orchestration.defs.compiled_project import CheckFacts, SubjectKind
from orchestration.defs.names import check_name, checked_table, owners, tags
from orchestration.defs.served import fenced, segment_spec
from tests.dagster.projects import by_hand

HOSTILE = "it's \"quoted\" */ -- {{ env_var('HOME') }}\n```\n<script>alert(1)</script>" + "x" * 9000


@pytest.mark.parametrize(
    ("kind", "subject", "table", "name"),
    [
        ("segment", "engagement", "engagement", "rows_without_key"),
        ("segment", "engagement.power", "engagement", "rows_without_key__power"),
        ("segment", "sessions_28d", "user_segments", "rows_without_key__sessions_28d"),
        ("entity", "user", "user_segments", "rows_without_key"),
        ("stream", "usage", "segment_generation", "rows_without_key__usage"),
        ("stream", "usage.user", "segment_generation", "rows_without_key__usage_user"),
        ("source", "crm.accounts", "segment_generation", "rows_without_key__crm_accounts"),
    ],
)
def test_where_a_check_is_shown(kind: SubjectKind, subject: str, table: str, name: str) -> None:
    project = by_hand({"engagement": {}})
    check = CheckFacts("rows-without-key", "", kind, subject, None, "0", "error")
    assert checked_table(check, project) == table
    assert check_name(check, table) == name


def test_what_cannot_be_a_tag_or_an_owner_is_none() -> None:
    assert tags({"refresh": "daily", "label": "At risk", "goal": HOSTILE, "empty": ""}) == {"refresh": "daily"}
    assert owners(["growth@acme.test", "team:growth", "", "a b@acme.test", HOSTILE]) == ["growth@acme.test", "team:growth"]


def test_texts_of_a_spec_are_shown_and_name_nothing() -> None:
    texts = {"label": HOSTILE, "goal": HOSTILE, "action": HOSTILE, "owner": "téam@acme.test", "purpose": HOSTILE}
    project = by_hand({"engagement": texts})
    spec = segment_spec(project.segments[0], project)
    assert spec.metadata["goal"].value == HOSTILE
    assert HOSTILE in (spec.description or "")
    assert (spec.owners, spec.group_name) == ([], "user")
    assert spec.metadata["owner"].value == "téam@acme.test"  # no owner to Dagster, but said
    assert {key: value for key, value in spec.tags.items() if not key.startswith("dagster/")} == {
        "entity": "user",
        "refresh": "daily",
        "status": "active",
    }


def test_nothing_in_a_text_ends_its_block() -> None:
    assert fenced("a\n```\nb", "sql") == "````sql\na\n```\nb\n````"
    assert fenced("a", "sql") == "```sql\na\n```"
