"""A small company that the tests of the evaluator are about, and short ways to ask about it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from tests.reference import evaluate, traits
from tests.reference.evaluation import Instant, Result
from tests.reference.values import Value

COMPANY = """
entities:
  - {name: organisation, key: organisation_id, columns: {organisation_id: text, country: text}}
  - name: account
    key: account_id
    columns: {account_id: integer, organisation_id: text, arr: decimal, industry: text, closed_on: date, ratio: float}
    belongs_to: {organisation: organisation_id}
    exists: {until: closed_on}
  - name: user
    key: user_id
    columns:
      user_id: text
      account_id: integer
      created_at: timestamp
      deleted_at: timestamp
      is_test: boolean
      age: integer
      name: text
      born_on: date
      seen_at: timestamp
      amount: decimal(38,9)
      double: float
      tags: list of text
      flag: boolean
    belongs_to: {account: account_id}
    exists: {from: created_at, until: deleted_at}
    where: is_test is null or not is_test
streams:
  - name: usage
    columns: {event_id: text, user_id: text, event: text, at: timestamp, format: text, amount: decimal, double: float}
    at: at
    id: event_id
    belongs_to: {user: user_id}
    event: event
    events: {opened: opened, exported: 'Report Exported', bought: bought, asked: asked}
  - name: orders
    columns: {user_id: text, account_id: integer, day: date, amount: decimal}
    at: day
    belongs_to: {user: user_id, account: account_id}
  - {name: visits, columns: {user_id: text, at: timestamp}, at: at, belongs_to: {user: user_id}, future: true}
"""
AS_OF = "2026-03-01"
BERLIN = "project: {timezone: Europe/Berlin}"
Rows = Mapping[str, object]


def segments(
    listed: str,
    given: Rows | str,
    as_of: Instant = AS_OF,
    *,
    more: str = "",
    previously: Mapping[str, object] | None = None,
) -> dict[str, Result]:
    """The members of the segments listed; `more` holds a project, traits and predicates."""
    spec = "segments:\n" + textwrap.indent(textwrap.dedent(listed), "  ")
    return evaluate([COMPANY, textwrap.dedent(more) or "{}", spec], given, as_of, previously=previously)


def who(where: str, given: Rows | str, as_of: Instant = AS_OF, *, more: str = "", entity: str = "user") -> Result:
    """The members of the segment with such a `where`."""
    listed = f"- name: asked\n  entity: {entity}\n  where:\n" + textwrap.indent(textwrap.dedent(where).strip(), "    ")
    return segments(listed, given, as_of, more=more)["asked"]


def value(expression: str, as_of: Instant = AS_OF, *, more: str = "", **columns: object) -> Value:
    """The value of an expression for a user with such columns."""
    body = {"traits": [{"name": "asked", "entity": "user", "expression": expression}]}
    found = traits([COMPANY, textwrap.dedent(more) or "{}", body], {"user": [{"user_id": "u", **columns}]}, as_of)
    return found["user"]["u"]["asked"]


def trait(body: str, given: Rows | str, as_of: Instant = AS_OF, *, more: str = "", entity: str = "user") -> Rows:
    """A trait's values by key; `body` is what stands beside its name and entity."""
    listed = f"traits:\n  - {{name: asked, entity: {entity}, {body}}}"
    found = traits([COMPANY, textwrap.dedent(more) or "{}", listed], given, as_of)
    return {key: values["asked"] for key, values in found[entity].items()}


def usage(user: str, *times: str, event: str = "opened", **columns: object) -> list[dict[str, object]]:
    """Rows of `usage` at such times (UTC)."""
    return [{"user_id": user, "event": event, "at": time, **columns} for time in times]


def users(*keys: str) -> list[dict[str, object]]:
    return [{"user_id": key} for key in keys]
