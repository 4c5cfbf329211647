"""The warehouse: the only place that opens databases. Cheap to import; drivers load when a connection is opened.

User SQL has its own door: `orchestration.warehouse.query.query`.
"""

from orchestration.warehouse.connection import Attach, Connection, StatementFailed, connect
from orchestration.warehouse.target import GENERATION_ALIAS, STORAGE_VERSION, DuckDBFiles, Target, read_target

__all__ = [
    "GENERATION_ALIAS",
    "STORAGE_VERSION",
    "Attach",
    "Connection",
    "DuckDBFiles",
    "StatementFailed",
    "Target",
    "connect",
    "read_target",
]
