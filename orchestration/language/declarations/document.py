"""The files of a project as one document: the declared items of each kind, in the order of files and lines."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field

from orchestration.diagnostics import Report, nearest
from orchestration.spec.nodes import Mapping, Node, Sequence, describe, parse

LISTS = ("entities", "streams", "predicates", "traits", "segments", "tests")
RESERVED = ("kpis", "experiments")


@dataclass(slots=True)
class Document:
    """The declared items of a project, undecoded, and the text of each file."""

    sources: MappingOf[str, str]
    project: Mapping | None = None
    items: dict[str, list[Mapping]] = field(default_factory=lambda: {kind: [] for kind in LISTS})


def read_document(sources: MappingOf[str, str], report: Report) -> Document:
    """All items of all files; what is no item is reported."""
    document = Document(sources)
    for file in sorted(sources):
        node = parse(file, sources[file], report)
        if node is not None:
            _add(document, node, report)
    return document


def _add(document: Document, node: Node, report: Report) -> None:
    if not isinstance(node, Mapping):
        report.error(
            "bad-file",
            f"{describe(node)} at the top of a spec file",
            node.span,
            "begin with one of: project, " + ", ".join(LISTS),
        )
        return
    for key, value in node.entries:
        if key.text == "project":
            if not isinstance(value, Mapping):
                report.error(
                    "bad-value", f"{describe(value)} where the project was expected", value.span, "write a mapping"
                )
            elif document.project is not None:
                report.error(
                    "duplicate-name", "a second `project`", key.span, f"the first is at {document.project.span}"
                )
            else:
                document.project = value
        elif key.text in RESERVED:
            report.error("not-supported-yet", f"`{key.text}` is not supported yet", key.span, "leave it out for now")
        elif key.text not in LISTS:
            report.error(
                "unknown-key",
                f"`{key.text}` is not a section of a spec file",
                key.span,
                nearest(key.text, ("project", *LISTS)),
            )
        else:
            _add_items(document.items[key.text], key.text, value, report)


def _add_items(items: list[Mapping], kind: str, value: Node, report: Report) -> None:
    if not isinstance(value, Sequence):
        report.error(
            "bad-value", f"{describe(value)} where a list was expected for `{kind}`", value.span, "write `- ` before it"
        )
        return
    for item in value.items:
        if isinstance(item, Mapping):
            items.append(item)
        else:
            report.error(
                "bad-value", f"{describe(item)} in `{kind}`", item.span, "each item is a mapping with a `name`"
            )
