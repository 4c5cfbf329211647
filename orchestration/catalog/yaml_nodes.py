"""dbt's YAML as nodes with positions: YAML 1.1 as dbt reads it, anchors and merge keys included.

Nothing is converted: readers take what they know out of mappings, and text is what was written.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from orchestration.diagnostics import Report, Span

Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 500

_NULL = "tag:yaml.org,2002:null"
_BOOLEAN = "tag:yaml.org,2002:bool"
_MERGE = "tag:yaml.org,2002:merge"


def compose(path: str, text: str, report: Report) -> yaml.Node | None:
    """The root node of a file; None where it is empty, or no YAML, which is reported."""
    try:
        if _may_be_deep(text) and _depth(text) > MAX_DEPTH:
            report.error("dbt-yaml", f"nested more than {MAX_DEPTH} deep", Span(path, 1, 1, 2))
            return None
        return yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(path, mark.line + 1, mark.column + 1, mark.column + 2) if mark else Span(path, 1, 1, 2)
        what = ", ".join(part for part in (error.context, error.problem) if part)
        report.error("dbt-yaml", f"this is not YAML: {what}", span)
    except yaml.YAMLError as error:
        report.error("dbt-yaml", f"this is not YAML: {str(error).splitlines()[0]}", Span(path, 1, 1, 2))
    return None


def _may_be_deep(text: str) -> bool:
    """A bound that is cheap to see: each level takes a bracket, or a column of a line."""
    return text.count("[") + text.count("{") > MAX_DEPTH or max(map(len, text.splitlines()), default=0) > MAX_DEPTH // 2


def _depth(text: str) -> int:
    """The deepest nesting. libyaml composes recursively on the C stack, and would end the process; its events do not."""
    depth = deepest = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


def span_of(path: str, node: yaml.Node) -> Span:
    """Where a node stands; one that goes over several lines is marked where it begins."""
    start, end = node.start_mark, node.end_mark
    last = end.column if end.line == start.line and end.column > start.column else start.column + 1
    return Span(path, start.line + 1, start.column + 1, last + 1)


def entries(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """A mapping's values by key, merge keys resolved, the last of equal keys; empty for anything that is no mapping."""
    return _entries(node, ())


def _entries(node: yaml.Node | None, seen: tuple[int, ...]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode) or id(node) in seen:
        return {}
    own: dict[str, yaml.Node] = {}
    merged: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.tag == _MERGE:
            for other in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                merged = {**_entries(other, (*seen, id(node))), **merged}
        elif isinstance(key, yaml.ScalarNode):
            own[key.value] = value
    return {**merged, **own}


def items(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """The items of a sequence; nothing for anything else."""
    if isinstance(node, yaml.SequenceNode):
        yield from node.value


def scalar(node: yaml.Node | None) -> str | None:
    """A scalar's text as written; None for null and for what is no scalar."""
    return node.value if isinstance(node, yaml.ScalarNode) and node.tag != _NULL else None


def is_null(node: yaml.Node | None) -> bool:
    """Whether there is a node, and it says null."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


def truth(node: yaml.Node | None) -> bool | None:
    """What YAML 1.1 takes for a boolean, as one."""
    if isinstance(node, yaml.ScalarNode) and node.tag == _BOOLEAN:
        return node.value.lower() in ("yes", "true", "on")
    return None
