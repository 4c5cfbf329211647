"""The warehouse: the only place that opens databases. Cheap to import; drivers load when a connection is opened."""

from orchestration.warehouse.connection import Attach, Connection, StatementFailed, connect
from orchestration.warehouse.query import QueryResult, query
from orchestration.warehouse.target import GENERATION_ALIAS, STORAGE_VERSION, DuckDBFiles, Target, read_target

__all__ = [
    "GENERATION_ALIAS",
    "STORAGE_VERSION",
    "Attach",
    "Connection",
    "DuckDBFiles",
    "QueryResult",
    "StatementFailed",
    "Target",
    "connect",
    "query",
    "read_target",
]
