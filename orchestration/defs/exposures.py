"""dbt's exposures as assets: who reads the segments. Dagster does not build them."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.compiled_project import CompiledProject, Node, is_segment
from orchestration.defs.names import node_key, owners, served_key

GROUP = "readers"


def exposures(project: CompiledProject) -> Iterator[dg.AssetSpec]:
    """An asset for each exposure, below what it reads."""
    for exposure in project.manifest["exposures"].values():
        parents = [_node(project, unique_id) for unique_id in exposure["depends_on"]["nodes"]]
        email = (exposure.get("owner") or {}).get("email")
        url = exposure.get("url")
        yield dg.AssetSpec(
            dg.AssetKey([GROUP, exposure["name"]]),
            deps=[_key(parent) for parent in parents if parent is not None],
            description="\n\n".join(filter(None, [f"**{exposure.get('label') or ''}**", exposure.get("description")])),
            metadata={"url": dg.MetadataValue.url(url)} if url else {},
            group_name=GROUP,
            owners=owners(email if isinstance(email, list) else [email] if email else []),
            kinds={exposure["type"]},
        )


def _node(project: CompiledProject, unique_id: str) -> Node | None:
    found: Node | None = project.manifest["nodes"].get(unique_id) or project.manifest["sources"].get(unique_id)
    return found


def _key(node: Node) -> dg.AssetKey:
    return served_key(node["config"]["meta"]["segment"]) if is_segment(node) else node_key(node)
