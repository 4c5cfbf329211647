"""`generate` writes the sample's raw tables as CSV files, `load` puts them into a warehouse.

The same seed and size give the same bytes on any machine. The sample has its own today, `SAMPLE_AS_OF`, recorded in
`sample.sample_run`; nothing in it was observed later, and what lies after it (renewals, planned meetings) is planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from orchestration.sample.billing import activity_rows, invoice_rows, opportunity_rows, subscription_rows
from orchestration.sample.companies import make_companies
from orchestration.sample.contacts import consent_rows, contact_rows, user_rows
from orchestration.sample.crm import account_rows, firmographic_rows, organization_rows, owner_rows, technographic_rows
from orchestration.sample.days import SAMPLE_AS_OF
from orchestration.sample.feedback import response_rows, ticket_rows
from orchestration.sample.people import make_people
from orchestration.sample.rows import Row, write_csv
from orchestration.sample.tables import TABLES, RawTable
from orchestration.sample.truth import truth_rows
from orchestration.sample.usage import event_rows

DEFAULT_SEED = 7
SIZES = {"small": 0.1, "default": 1.0, "large": 10.0}
ACCOUNTS, USERS = 300, 3_000  # at size 1; events follow from the users, about 200,000


class LoadsCsv(Protocol):
    """What `load` needs of a warehouse connection."""

    def load_csv(self, schema: str, table: str, columns: Sequence[tuple[str, str]], path: Path) -> None:
        """Creates the schema if needed, replaces the table, loads the file; an unquoted nothing is null."""


def generate(directory: Path, *, size: float = 1.0, seed: int = DEFAULT_SEED) -> tuple[RawTable, ...]:
    """Writes one CSV file per raw table into `directory`; `size` multiplies accounts and users."""
    directory.mkdir(parents=True, exist_ok=True)
    rows = _rows(size, seed)
    for table in TABLES:
        write_csv(table, rows[table.full_name], directory)
    return TABLES


def load(connection: LoadsCsv, directory: Path) -> None:
    """Replaces the sample's raw tables by the files of `directory`; the mark that it is the sample comes last."""
    for table in sorted(TABLES, key=lambda table: table.schema == "sample"):
        connection.load_csv(table.schema, table.name, table.columns, directory / table.file_name)


def _rows(size: float, seed: int) -> dict[str, Iterable[Row]]:
    companies = make_companies(seed, max(20, round(ACCOUNTS * size)))
    people = make_people(seed, companies, max(100, round(USERS * size)))
    return {
        "crm.organizations": organization_rows(seed, companies),
        "crm.owners": owner_rows(),
        "crm.accounts": account_rows(seed, companies),
        "crm.firmographics": firmographic_rows(seed, companies),
        "crm.technographics": technographic_rows(seed, companies),
        "crm.contacts": contact_rows(seed, companies, people),
        "crm.consents": consent_rows(seed, people),
        "crm.opportunities": opportunity_rows(seed, companies),
        "crm.activities": activity_rows(seed, companies),
        "product.users": user_rows(seed, people),
        "product.events": event_rows(seed, people),
        "billing.subscriptions": subscription_rows(companies),
        "billing.invoices": invoice_rows(seed, companies),
        "support.tickets": ticket_rows(seed, people),
        "surveys.responses": response_rows(seed, people),
        "sample.sample_run": [(seed, float(size), SAMPLE_AS_OF)],
        "sample.ground_truth": truth_rows(companies, people),
    }
