"""The pages of the language reference as cases: what stands below each `##` heading of the Markdown files of this folder.

A case is one fenced `yaml` block, the file `spec.yml`, and perhaps a `diagnostic` block with the exact text expected. The
`yaml` block before a page's first heading, where there is one, is a second file, `shared.yml`, of each case of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
FILE, SHARED = "spec.yml", "shared.yml"
_FENCE = re.compile(r"^```(?P<kind>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## +(?P<title>.+?) *$", re.MULTILINE)


class PageError(Exception):
    """A page that is not laid out as `index.md` says."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its place and title, its files, and the diagnostics expected (empty: none)."""

    page: str
    line: int
    title: str
    sources: Mapping[str, str] = field(hash=False)
    diagnostic: str

    @property
    def name(self) -> str:
        """The case's name in a list of tests."""
        return re.sub(r"[^A-Za-z0-9]+", "-", self.title).strip("-").lower()


def read_page(path: Path) -> tuple[Case, ...]:
    """The cases of one page, in order."""
    page = path.read_text("utf-8")
    headings = [match for match in _HEADING.finditer(page) if not _fenced(page, match.start())]
    ends = [match.start() for match in headings[1:]] + [len(page)]
    before = page[: headings[0].start()] if headings else page
    shared = [match["text"] for match in _FENCE.finditer(before) if match["kind"] == "yaml"]
    if len(shared) > 1:
        raise PageError(f"{path.name}: one yaml block at most before the first case")
    common = {SHARED: shared[0]} if shared else {}
    return tuple(
        _case(path.name, page, heading, page[heading.end() : end], common)
        for heading, end in zip(headings, ends, strict=True)
    )


def read_pages(folder: Path = FOLDER) -> Iterator[Case]:
    """The cases of all pages."""
    for path in sorted(folder.glob("*.md")):
        yield from read_page(path)


def _fenced(page: str, position: int) -> bool:
    return any(match.start() < position < match.end() for match in _FENCE.finditer(page))


def _case(name: str, page: str, heading: re.Match[str], body: str, common: Mapping[str, str]) -> Case:
    line = page.count("\n", 0, heading.start()) + 1
    blocks: dict[str, str] = {}
    for match in _FENCE.finditer(body):
        if match["kind"] in blocks or match["kind"] not in ("yaml", "diagnostic"):
            raise PageError(f"{name}:{line}: a case has one `yaml` block and at most one `diagnostic` block")
        blocks[match["kind"]] = match["text"]
    if "yaml" not in blocks:
        raise PageError(f"{name}:{line}: `{heading['title']}` has no yaml block")
    sources = {**common, FILE: blocks["yaml"]}
    return Case(name, line, heading["title"], sources, blocks.get("diagnostic", ""))
