"""Where the tables are: a target of dbt's `profiles.yml`, read as dbt reads it.

In: the folder of a dbt project and the name of a target. Out: a frozen `Target`. Nothing is opened. Every mistake in
the profile is a `UserError`; only the chosen target is rendered, as dbt does, so the others may lack their variables.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.diagnostics import UserError, nearest
from orchestration.warehouse.profile import read_yaml, render, text_setting

GENERATION_ALIAS = "segments_next"
STORAGE_VERSION = "v1.4.0"  # of the files that readers open: the oldest DuckDB client that shall be able to
RESERVED_SCHEMAS = frozenset({"segments", "segments_build", "segments_run", "segments_history", "segments_facts"})
RESERVED_CATALOGS = RESERVED_SCHEMAS | {"main", "memory", "system", "temp", "information_schema", "pg_catalog"}

GENERATION_EXAMPLE = f"""\
      attach:
        - path: warehouse/{GENERATION_ALIAS}.duckdb
          alias: {GENERATION_ALIAS}
          options: {{storage_version: {STORAGE_VERSION}}}"""


@dataclass(frozen=True, slots=True)
class DuckDBFiles:
    """The files of a DuckDB target, all absolute.

    `main` is dbt's own database; `generation`, attached as `alias`, is the generation being built; `serving` is what
    readers open. A file's catalog is the name DuckDB gives it.
    """

    main: Path
    generation: Path
    alias: str
    serving: Path

    @property
    def main_catalog(self) -> str:
        return catalog_of(self.main)

    @property
    def serving_catalog(self) -> str:
        return catalog_of(self.serving)


@dataclass(frozen=True, slots=True)
class Target:
    """One output of a dbt profile. `dialect` is the adapter's `type`, which is sqlglot's name of the dialect too."""

    name: str
    profile: str
    dialect: str
    dbt_dir: Path
    profiles_dir: Path
    settings: Mapping[str, object] = field(repr=False)  # rendered; may hold a password
    files: DuckDBFiles | None = None  # of a DuckDB target

    @property
    def place(self) -> str:
        """Which warehouse it is, for messages; never a secret."""
        if self.files:
            return str(self.files.main)
        database = self.settings.get("dbname") or self.settings.get("database") or ""
        return f"{database} on {self.settings.get('host', '')}".strip()


def read_target(dbt_dir: Path, name: str | None = None) -> Target:
    """The target `name` of the project's profile; None is `DBT_TARGET`, else the profile's own default."""
    dbt_dir = dbt_dir.resolve()
    profile = _profile_name(dbt_dir)
    profiles_dir = _profiles_dir(dbt_dir)
    path = profiles_dir / "profiles.yml"
    entry = read_yaml(path).get(profile)
    if not isinstance(entry, Mapping):
        known = [key for key in read_yaml(path) if key != "config"]
        raise UserError.of(
            "unknown-profile",
            f"`{path}` has no profile `{profile}`, which dbt_project.yml names",
            nearest(profile, map(str, known)) or f"add `{profile}:` with `target:` and `outputs:`",
        )
    outputs = entry.get("outputs")
    if not isinstance(outputs, Mapping) or not outputs:
        raise UserError.of("bad-profile", f"profile `{profile}` in `{path}` has no `outputs:`", "add a target below it")
    chosen = name or os.environ.get("DBT_TARGET") or text_setting(render(entry.get("target", "default"), path))
    settings = outputs.get(chosen)
    if not isinstance(settings, Mapping):
        raise UserError.of(
            "unknown-target",
            f"profile `{profile}` in `{path}` has no target `{chosen}`",
            nearest(chosen, map(str, outputs)),
        )
    return _target(chosen, profile, dbt_dir, profiles_dir, settings)


def _target(name: str, profile: str, dbt_dir: Path, profiles_dir: Path, raw: Mapping[object, object]) -> Target:
    path = profiles_dir / "profiles.yml"
    settings = {str(key): render(value, path) for key, value in raw.items()}
    dialect = text_setting(settings.get("type")).lower()
    if not dialect:
        raise UserError.of("bad-profile", f"target `{name}` in `{path}` has no `type:`", "for example `type: duckdb`")
    files = _duckdb_files(name, dbt_dir, settings) if dialect == "duckdb" else None
    return Target(name, profile, dialect, dbt_dir, profiles_dir, settings, files)


def _profile_name(dbt_dir: Path) -> str:
    path = dbt_dir / "dbt_project.yml"
    if not path.is_file():
        raise UserError.of(
            "no-dbt-project", f"there is no dbt project in `{dbt_dir}`", "it is the folder with dbt_project.yml"
        )
    profile = os.environ.get("DBT_PROFILE") or text_setting(render(read_yaml(path).get("profile"), path))
    if not profile:
        raise UserError.of("bad-dbt-project", f"`{path}` names no profile", "add `profile: <name in profiles.yml>`")
    return profile


def _profiles_dir(dbt_dir: Path) -> Path:
    """Where dbt, started in its project's folder, finds profiles.yml."""
    override = os.environ.get("DBT_PROFILES_DIR")
    places = [Path(override).expanduser().resolve()] if override else [dbt_dir, Path.home() / ".dbt"]
    for place in places:
        if (place / "profiles.yml").is_file():
            return place
    looked = " and ".join(f"`{place}`" for place in places)
    raise UserError.of(
        "no-profile",
        f"there is no profiles.yml in {looked}",
        "it says where the warehouse is; DBT_PROFILES_DIR names its folder",
    )


def _duckdb_files(name: str, dbt_dir: Path, settings: Mapping[str, object]) -> DuckDBFiles:
    main = _file(name, dbt_dir, text_setting(settings.get("path")), "path")
    attached = settings.get("attach") or []
    entries = [entry for entry in attached if isinstance(entry, Mapping)] if isinstance(attached, list) else []
    generation = next((entry for entry in entries if entry.get("alias") == GENERATION_ALIAS), None)
    if generation is None:
        raise UserError.of(
            "no-generation-file",
            f"target `{name}` attaches no file as `{GENERATION_ALIAS}`, where a generation of segment tables is built",
            f"write below the target in profiles.yml:\n{GENERATION_EXAMPLE}",
        )
    if generation.get("read_only"):
        raise UserError.of(
            "no-generation-file",
            f"target `{name}` attaches `{GENERATION_ALIAS}` read-only, but a generation is built there",
            "remove `read_only`",
        )
    path = _file(name, dbt_dir, text_setting(generation.get("path")), f"path of `{GENERATION_ALIAS}`")
    serving = path.parent / f"{catalog_of(main)}_segments.duckdb"
    files = DuckDBFiles(main, path, GENERATION_ALIAS, serving)
    _refuse_ambiguous(name, files, settings, entries)
    return files


def _file(name: str, dbt_dir: Path, path: str, key: str) -> Path:
    if not path or path == ":memory:" or ":" in path.split("/", 1)[0][2:]:
        raise UserError.of(
            "not-a-file",
            f"target `{name}` has `{path or 'nothing'}` as {key}; a DuckDB target must be a file on disk",
            "write a path such as `warehouse/acme.duckdb`, relative to the dbt project",
        )
    return (dbt_dir / Path(path).expanduser()).resolve()


def _refuse_ambiguous(
    name: str, files: DuckDBFiles, settings: Mapping[str, object], entries: Iterable[Mapping[object, object]]
) -> None:
    """DuckDB takes a file's name for its catalog's, and a catalog named like a schema makes references ambiguous."""
    taken = RESERVED_CATALOGS | {text_setting(settings.get("schema")).lower()}
    main = files.main_catalog
    if main.lower() in taken or main.lower() == files.alias:
        raise UserError.of(
            "reserved-name",
            f"target `{name}`: the database `{files.main}` is called `{main}`, which is also the name of a schema",
            "give the file another name, for example `acme.duckdb`",
        )
    for alias in (text_setting(entry.get("alias")) for entry in entries):
        if alias.lower() in taken | {main.lower()}:
            raise UserError.of(
                "reserved-name",
                f"target `{name}`: the alias `{alias}` in `attach:` is already the name of a schema or of the database",
                "give it another alias",
            )
    if len({files.main, files.generation, files.serving}) < 3:
        raise UserError.of(
            "same-file",
            f"target `{name}`: the file attached as `{files.alias}` is the database itself or the file that readers "
            f"open (`{files.serving}`)",
            f"attach another path, for example `{GENERATION_ALIAS}.duckdb`",
        )


def catalog_of(path: Path) -> str:
    """The name that DuckDB gives to the catalog of a file: up to the first dot."""
    return path.name.lstrip(".").split(".")[0]
