"""`segments publish`: the generations that were published, and the way back to one."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.commands.loading import read_specs, target_of
from orchestration.commands.options import format_option, project_options
from orchestration.commands.output import print_json, print_table, say, step


@click.command()
@click.argument("publish_id", required=False)
@click.option("--list", "listing", is_flag=True, help="List the generations, newest first; this is the default.")
@click.option(
    "--rollback", is_flag=True, help="Serve PUBLISH_ID again, by default the generation before the served one."
)
@click.option("--breaking", is_flag=True, help="Go back even where columns that readers have change or go.")
@project_options
@format_option()
def command(
    publish_id: str | None,
    listing: bool,
    rollback: bool,
    breaking: bool,
    project_dir: Path | None,
    target: str | None,
    form: str,
) -> None:
    """List the published generations, or go back to an earlier one.

    `segments build` publishes; what it replaces is kept, so that readers can be given it again, all tables at once and their
    history with them.
    """
    if (publish_id or breaking) and not rollback:
        raise click.UsageError("a PUBLISH_ID and --breaking go with --rollback")
    if listing and rollback:
        raise click.UsageError("--list and --rollback exclude each other")
    from orchestration import publish

    into = target_of(read_specs(project_dir), target)
    if rollback:
        with publish.exclusive(into), step("rolling back"):
            served = publish.rollback(into, publish_id, breaking=breaking)
        if form == "json":
            print_json({"publish_id": served.publish_id, "as_of": dict(served.as_of), "state": served.state})
        else:
            say(f"readers see {served.publish_id} again, as of {served.latest.isoformat(sep=' ')} UTC")
            for line in served.notes:
                say(line)
        return
    found = publish.generations(into)
    if form == "json":
        print_json(
            [
                {
                    "publish_id": g.publish_id,
                    "state": g.state,
                    "as_of": dict(g.as_of),
                    "published_at": g.published_at,
                    "previous": g.previous,
                    "compiled_hash": g.compiled_hash,
                }
                for g in found
            ]
        )
    elif found:
        rows = [[g.publish_id, g.state, g.latest, g.published_at, g.compiled_hash] for g in found]
        print_table(["publish_id", "state", "as_of", "published_at", "compiled_hash"], rows)
    else:
        say(f"nothing is published on target `{into.name}` yet; `segments build` publishes")
