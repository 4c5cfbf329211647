"""The words of the sample: places, industries, tools, features, and how often each occurs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country: its weight among customers, its cities, its languages, and its working hours in UTC."""

    weight: int
    cities: tuple[str, ...]
    languages: dict[str, int]
    first_hour: int
    spellings: tuple[str, ...]  # as they are found in the CRM


COUNTRIES: dict[str, Country] = {
    "US": Country(29, ("New York", "Austin", "Chicago", "Seattle"), {"en": 94, "es": 6}, 13, ("us", "USA", "Us")),
    "DE": Country(15, ("Berlin", "Munich", "Hamburg", "Cologne"), {"de": 88, "en": 12}, 7, ("de", "Germany", " DE")),
    "GB": Country(10, ("London", "Manchester", "Bristol"), {"en": 100}, 8, ("gb", "UK", "Gb")),
    "FR": Country(9, ("Paris", "Lyon", "Nantes"), {"fr": 90, "en": 10}, 7, ("fr", "France")),
    "NL": Country(6, ("Amsterdam", "Utrecht"), {"nl": 70, "en": 30}, 7, ("nl", "Nl")),
    "CA": Country(6, ("Toronto", "Montreal", "Vancouver"), {"en": 78, "fr": 22}, 13, ("ca",)),
    "ES": Country(5, ("Madrid", "Barcelona"), {"es": 92, "en": 8}, 7, ("es",)),
    "CH": Country(4, ("Zurich", "Geneva", "Basel"), {"de": 62, "fr": 25, "en": 13}, 7, ("ch", "Ch")),
    "SE": Country(4, ("Stockholm", "Malmö"), {"sv": 65, "en": 35}, 7, ("se",)),
    "AT": Country(3, ("Vienna", "Graz"), {"de": 93, "en": 7}, 7, ("at",)),
    "BR": Country(4, ("São Paulo", "Curitiba"), {"pt": 95, "en": 5}, 11, ("br",)),
    "IN": Country(3, ("Bengaluru", "Pune"), {"en": 88, "hi": 12}, 4, ("in",)),
    "AU": Country(2, ("Sydney", "Melbourne"), {"en": 100}, 0, ("au",)),
}

INDUSTRIES = {
    "Software": 26,
    "Fintech": 13,
    "Healthcare": 11,
    "Retail": 13,
    "Manufacturing": 12,
    "Logistics": 8,
    "Education": 6,
    "Media": 6,
    "Professional services": 5,
}
BUSINESS_MODELS = {"B2B": 58, "B2C": 22, "B2B2C": 12, "Marketplace": 8}
EMPLOYEE_BANDS: dict[tuple[int, int], int] = {
    (4, 49): 34,
    (50, 249): 34,
    (250, 999): 20,
    (1000, 4999): 9,
    (5000, 22000): 3,
}

# tools by category, each account takes at most one per category
TOOLS: dict[str, dict[str, int]] = {
    "crm": {"salesforce": 34, "hubspot": 30, "pipedrive": 10, "": 26},
    "warehouse": {"snowflake": 24, "bigquery": 18, "databricks": 9, "": 49},
    "bi": {"tableau": 18, "looker": 12, "power_bi": 24, "metabase": 12, "": 34},
    "support": {"zendesk": 32, "intercom": 20, "": 48},
    "chat": {"slack": 52, "teams": 36, "": 12},
}

ACCOUNT_TAGS = {"reference": 0.09, "pilot": 0.05, "partner_sourced": 0.12, "price_sensitive": 0.1, "sso": 0.22}
USER_TAGS = {"beta": 0.08, "api_user": 0.12, "certified": 0.1, "champion": 0.06, "newsletter": 0.35}
GROUPS = {"admins": 0.12, "developers": 0.16, "billing_contacts": 0.07, "community": 0.2, "advisory_board": 0.02}

ORGANIZATION_KINDS = {"holding": 60, "partner": 28, "association": 12}
OWNER_TEAMS = {
    "emea": ("DE", "GB", "FR", "NL", "ES", "CH", "SE", "AT"),
    "amer": ("US", "CA", "BR"),
    "apac": ("IN", "AU"),
}

DEPARTMENTS: dict[str, tuple[str, ...]] = {
    "analytics": ("Data analyst", "Analytics engineer", "BI developer"),
    "marketing": ("Marketing manager", "Growth marketer", "Campaign manager"),
    "product": ("Product manager", "Product analyst", "UX researcher"),
    "sales": ("Account executive", "Sales operations", "Sales development"),
    "support": ("Support agent", "Support lead", "Success manager"),
    "finance": ("Controller", "Finance analyst", "Revenue operations"),
    "engineering": ("Data engineer", "Software engineer", "Platform engineer"),
}
SENIORITIES = {"junior": 22, "mid": 36, "senior": 24, "lead": 10, "director": 6, "executive": 2}
EDUCATIONS = {"secondary": 12, "vocational": 14, "bachelor": 40, "master": 28, "doctorate": 6}
USER_TYPES = {"member": 62, "viewer": 18, "admin": 12, "agent": 8}
SIGNUP_SOURCES = {"invitation": 54, "organic": 18, "paid_search": 10, "partner": 8, "event": 5, "referral": 5}

FEATURES = (
    "dashboard", "report_builder", "segments", "alerts", "funnels", "cohorts", "sharing",
    "annotations", "forecasts", "api", "audit_log", "scheduled_reports", "sql_editor", "integrations",
)  # fmt: skip
FORMATS = {"pdf": 46, "csv": 30, "xlsx": 20, "png": 4}
DEVICES = {"web": 74, "desktop": 14, "mobile": 12}

USE_CASES = {
    "reporting": 30,
    "product_analytics": 22,
    "marketing_attribution": 16,
    "customer_support": 12,
    "forecasting": 12,
    "data_sharing": 8,
}
ATTITUDES = ("early_adopter", "price_sensitive", "privacy_minded", "automation_first", "hands_on", "evidence_driven")
INTERESTS = ("ai", "automation", "benchmarks", "certification", "community", "dashboards", "data_quality")

TICKET_TOPICS = {"how_to": 34, "bug": 24, "billing": 14, "performance": 12, "integration": 10, "access": 6}
CHANNELS = {"email": 46, "chat": 34, "web": 14, "phone": 6}

NAME_HEADS = (
    "Amber", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper",
    "Kestrel", "Lumen", "Maple", "Nimbus", "Opal", "Pine", "Quartz", "Raven", "Slate", "Tidal",
)  # fmt: skip
NAME_TAILS = (
    "Analytics", "Bay", "Bridge", "Cargo", "Care", "Clinic", "Craft", "Field", "Foods", "Forge",
    "Freight", "Grid", "Labs", "Ledger", "Learning", "Market", "Media", "Motors", "Outfitters", "Works",
)  # fmt: skip
