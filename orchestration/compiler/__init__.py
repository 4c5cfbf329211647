"""The compiler: specs to tables. Pure: no file, no clock, no warehouse, no environment."""

from orchestration.compiler.compile import check_specs, compile_specs
from orchestration.compiler.schema import spec_schema

__all__ = ["check_specs", "compile_specs", "spec_schema"]
