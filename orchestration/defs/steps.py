"""What the steps of a run share: the project compiled anew, its target, and failures in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import dagster as dg

from orchestration.commands.loading import Specs, compiled_or_fail, read_specs, target_of
from orchestration.compiler.compiled import Compiled
from orchestration.defs.compiled_project import REMEDY, CompiledProject
from orchestration.diagnostics import UserError
from orchestration.project import change_set
from orchestration.warehouse import Target

Told: TypeAlias = dg.MaterializeResult[None] | dg.AssetCheckResult  # what a step tells of, as it comes
FAILED_CHECKS = "failed_checks"  # in the metadata of a failure: a list, an object for each check


@dataclass(frozen=True, slots=True)
class Step:
    """A step's view of the project: its specs, compiled for the target."""

    specs: Specs
    compiled: Compiled
    target: Target


def open_step(project: CompiledProject) -> Step:
    """Compiles the specs; UserError where the models on disk, which dbt builds, are not theirs."""
    specs = read_specs(project.project.root)
    target = target_of(specs, project.target)
    compiled = compiled_or_fail(specs, target)
    changes = change_set(specs.project.compiled_dir, compiled.files, within=specs.project.dbt_dir)
    if not changes.is_empty:
        what = f"the compiled models are not those of the specs for target `{target.name}`"
        raise UserError.of("stale-models", what, REMEDY)
    return Step(specs, compiled, target)


@contextmanager
def failing_in_words() -> Iterator[None]:
    """Turns a mistake of a user into a failed step that says what it is."""
    try:
        yield
    except UserError as error:
        raise failure("\n".join(_lines(error))) from None


def _lines(error: UserError) -> Iterator[str]:
    """What is wrong, and each remedy once."""
    yield from (f"{d.message} ({d.span})" if d.span else d.message for d in error.diagnostics)
    yield from dict.fromkeys(d.hint for d in error.diagnostics if d.hint)


def failure(text: str, metadata: Mapping[str, Any] | None = None) -> dg.Failure:
    """A failed step; doing the same again would fail again."""
    return dg.Failure(text, metadata=metadata, allow_retries=False)
