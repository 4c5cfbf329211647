"""The raw tables of the sample, as data: what `generate` writes and `load` reads.

Column types are SQL names that DuckDB and Postgres both know. A list is text joined by `|`, as many exports have it;
staging splits it.
"""

from __future__ import annotations

from dataclasses import dataclass

COLUMN_TYPES = ("text", "bigint", "numeric(18,2)", "double precision", "boolean", "date", "timestamp")


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table of a source system: its schema, its name, its columns with their SQL types."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def file_name(self) -> str:
        return f"{self.full_name}.csv"


def _table(full_name: str, columns: str) -> RawTable:
    """`columns` as in SQL: `name type, name type`, where a type's own comma has no space after it."""
    schema, name = full_name.split(".")
    pairs = (column.strip().split(" ", 1) for column in columns.split(", "))
    return RawTable(schema, name, tuple((column, kind) for column, kind in pairs))


TABLES: tuple[RawTable, ...] = (
    _table(
        "crm.organizations",
        "organization_id text, organization_name text, kind text, country text, loaded_at timestamp",
    ),
    _table("crm.owners", "owner_id text, email text, team text, region text, loaded_at timestamp"),
    _table(
        "crm.accounts",
        "account_id text, account_name text, organization_id text, owner_id text, website text, country text, "
        "city text, lifecycle_stage text, renewal_date date, tags text, is_test boolean, created_at timestamp, "
        "updated_at timestamp, deleted_at timestamp, loaded_at timestamp",
    ),
    _table(
        "crm.firmographics",
        "account_id text, industry text, business_model text, employee_count bigint, annual_revenue numeric(18,2), "
        "founded_on date, loaded_at timestamp",
    ),
    _table("crm.technographics", "account_id text, tools text, detected_at timestamp, loaded_at timestamp"),
    _table(
        "crm.contacts",
        "contact_id text, user_id text, account_id text, email text, job_title text, department text, seniority text, "
        "education text, birth_date date, country text, city text, tags text, groups text, updated_at timestamp, "
        "loaded_at timestamp",
    ),
    _table(
        "crm.consents",
        "consent_id text, user_id text, purpose text, is_granted boolean, recorded_at timestamp, loaded_at timestamp",
    ),
    _table(
        "crm.opportunities",
        "opportunity_id text, account_id text, owner_id text, kind text, stage text, amount numeric(18,2), "
        "created_at timestamp, close_date date, loaded_at timestamp",
    ),
    _table(
        "crm.activities",
        "activity_id text, account_id text, owner_id text, kind text, starts_at timestamp, is_cancelled boolean, "
        "loaded_at timestamp",
    ),
    _table(
        "product.users",
        "user_id text, account_id text, email text, user_type text, locale text, signup_source text, "
        "created_at timestamp, signed_up_at timestamp, deleted_at timestamp, loaded_at timestamp",
    ),
    _table(
        "product.events",
        "event_id text, user_id text, event_name text, occurred_at timestamp, feature text, format text, device text, "
        "workspace_id text, duration_seconds double precision, rows_exported bigint, loaded_at timestamp",
    ),
    _table(
        "billing.subscriptions",
        "subscription_id text, account_id text, product text, plan text, billing_period text, seats bigint, "
        "arr numeric(18,2), started_on date, ended_on date, cancelled_at timestamp, loaded_at timestamp",
    ),
    _table(
        "billing.invoices",
        "invoice_id text, account_id text, subscription_id text, kind text, amount numeric(18,2), issued_on date, "
        "due_on date, paid_on date, status text, loaded_at timestamp",
    ),
    _table(
        "support.tickets",
        "ticket_id text, account_id text, user_id text, priority text, status text, topic text, channel text, "
        "csat bigint, created_at timestamp, first_response_at timestamp, closed_at timestamp, loaded_at timestamp",
    ),
    _table(
        "surveys.responses",
        "response_id text, user_id text, survey text, submitted_at timestamp, nps bigint, primary_use_case text, "
        "attitudes text, interests text, loaded_at timestamp",
    ),
    _table("sample.sample_run", "seed bigint, size double precision, sample_as_of timestamp"),
    _table("sample.ground_truth", "entity text, entity_id text, label text"),
)
