"""The generated company: a seeded B2B SaaS business with the shapes and the dirt of real systems.

In: a directory, a size, a seed. Out: one CSV file per raw table, and its description in `TABLES`.
"""

from orchestration.sample.days import SAMPLE_AS_OF
from orchestration.sample.generation import DEFAULT_SEED, SIZES, LoadsCsv, generate, load
from orchestration.sample.tables import TABLES, RawTable

__all__ = ["DEFAULT_SEED", "SAMPLE_AS_OF", "SIZES", "TABLES", "LoadsCsv", "RawTable", "generate", "load"]
