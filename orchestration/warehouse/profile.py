"""Reading and rendering dbt's YAML settings: plain YAML, then Jinja with `env_var` and nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestration.diagnostics import Span, UserError


def read_yaml(path: Path) -> Mapping[str, object]:
    """The mapping in a YAML file."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        span = Span(str(path), mark.line + 1, mark.column + 1, mark.column + 2) if mark else None
        problem = getattr(error, "problem", None) or "it is not UTF-8 text"
        raise UserError.of("bad-yaml", f"`{path}` cannot be read: {problem}", span=span) from error
    except OSError as error:
        raise UserError.of("unreadable-file", f"`{path}` cannot be read: {error.strerror}") from error
    if not isinstance(content, Mapping):
        raise UserError.of("bad-yaml", f"`{path}` is not a mapping of keys to values")
    return content


def render(value: object, path: Path) -> object:
    """A value with every text in it rendered; `path` is named in messages."""
    match value:
        case str():
            return _render_text(value, path) if "{{" in value or "{%" in value else value
        case Mapping():
            return {key: render(item, path) for key, item in value.items()}
        case list():
            return [render(item, path) for item in value]
        case _:
            return value


def _render_text(text: str, path: Path) -> str:
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    def env_var(name: str, default: object = None) -> object:
        found = os.environ.get(name, default)
        if found is None:
            raise UserError.of(
                "missing-variable",
                f"`{path}` needs the environment variable `{name}`, which is not set",
                f"set it, or give a default: env_var('{name}', '…')",
            )
        return found

    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals = {"env_var": env_var}
    for name in ("as_bool", "as_native", "as_number", "as_text"):
        environment.filters[name] = str
    try:
        return environment.from_string(text).render()
    except (TemplateError, TypeError, ValueError) as error:
        raise UserError.of(
            "bad-template",
            f"`{text}` in `{path}` cannot be rendered: {error}",
            "only `env_var` is available here",
        ) from error


def text_setting(value: object) -> str:
    """A setting as text; empty where there is none."""
    return "" if value is None else str(value).strip()


def integer_setting(settings: Mapping[str, object], key: str, default: int) -> int:
    """A setting as a whole number, which a rendered one is not yet."""
    text = text_setting(settings.get(key))
    try:
        return int(text) if text else default
    except ValueError as error:
        raise UserError.of("bad-profile", f"`{key}: {text}` in profiles.yml is not a whole number") from error
