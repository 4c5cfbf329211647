"""The examples of `dbt_project/BI.md`."""

from __future__ import annotations

import re

from tests.build.project import ROOT

PAGE = (ROOT / "dbt_project" / "BI.md").read_text("utf-8")
_ANSWERS = r"^\*\*(?P<question>.+?)\*\*[^\n]*\n(?:[^`\n][^\n]*\n)*\n```sql\n(?P<query>.*?)^```$"
ANSWERS = {match["question"]: match["query"] for match in re.finditer(_ANSWERS, PAGE, re.DOTALL | re.MULTILINE)}


def blocks(kind: str) -> list[str]:
    """The code blocks that are marked with exactly these words."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
