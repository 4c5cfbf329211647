"""Words that published tables use and that specs therefore may not give to things of their own."""

TABLES = frozenset(
    f"segment_{word}"
    for word in (
        "membership",
        "membership_history",
        "catalog",
        "daily",
        "changes",
        "transitions",
        "overlap",
        "checks",
        "generation",
        "runs",
    )
)
COLUMNS = frozenset(
    (
        "as_of",
        "today",
        "publish_id",
        "published_at",
        "segment",
        "tier",
        "entity",
        "entity_id",
        "entered_at",
        "valid_from",
        "valid_to",
        "definition_hash",
        "size",
        "share",
        "true",
        "false",
        "null",
    )
)
# columns of tables that hold an entity's key too
BESIDE_KEYS = frozenset(("as_of", "publish_id", "entered_at", "tier"))
SUFFIXES = ("__entered_at", "_segments", "_traits", "_state")
PREFIXES = ("segment__",)


def reserved(name: str) -> str:
    """Why a name is reserved; empty where it is free."""
    if name in TABLES:
        return f"`{name}` is a published table"
    if name in COLUMNS:
        return f"`{name}` is a word of published tables"
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return f"names that end in `{suffix}` belong to published tables"
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return f"names that begin with `{prefix}` belong to dbt nodes"
    return ""
