"""A reader in a process of its own: looks at the contract again and again until its input ends, then prints what it saw.

`python -m tests.bi.reader URL MODE`, where MODE is `reconnect` (a new connection per look) or `hold` (one for all of them).
It prints a line as soon as it has looked once, and at its end one line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import ExitStack

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

TABLES = (
    "segment_membership", "account_segments", "segment_generation", "user_segments", "account_traits", "segment_daily",
    "engagement", "segment_catalog", "segment_membership_history",
)  # fmt: skip
LONG = "select count(*) from segments.segment_membership where segment = 'at_risk_accounts'"
WIDE = "select count(*) from segments.account_segments where at_risk_accounts"


def engine_for(url: str) -> Engine:
    """An engine as a BI tool makes it, after `dbt_project/BI.md`."""
    read_only = {"connect_args": {"read_only": True}} if url.startswith("duckdb") else {}
    return create_engine(url, poolclass=NullPool, **read_only)


def look(connection: Connection) -> str:
    """The one generation that all tables show within a transaction; raises where they show more."""
    with connection.begin():
        parts = [f"select publish_id, '{table}' from segments.{table} group by publish_id" for table in TABLES]
        one_by_one = [connection.execute(text(part)).all() for part in parts]
        at_once = connection.execute(text(" union all ".join(parts))).all()
        found = {row[0] for rows in (*one_by_one, at_once) for row in rows}
        if len(found) != 1 or not all(one_by_one):
            raise AssertionError(f"tables of generations {sorted(found)}, rows in {list(map(len, one_by_one))}")
        members = [connection.execute(text(query)).scalar_one() for query in (LONG, WIDE)]
        if members[0] != members[1]:
            raise AssertionError(f"{members[0]} members in the long table, {members[1]} in the wide one")
        return str(found.pop())


def _wait(stopped: threading.Event) -> None:
    sys.stdin.read()
    stopped.set()


def main(url: str, mode: str) -> None:
    stopped = threading.Event()
    threading.Thread(target=_wait, args=(stopped,), daemon=True).start()
    engine, seen, looks, errors = engine_for(url), list[str](), 0, list[str]()
    with ExitStack() as stack:
        held = stack.enter_context(engine.connect()) if mode == "hold" else None
        while not (stopped.is_set() and looks):
            try:
                if held is not None:
                    generation = look(held)
                else:
                    with engine.connect() as connection:
                        generation = look(connection)
            except Exception as error:  # whatever it is, the test must hear of it
                errors.append(f"{type(error).__name__}: {error}")
                break
            looks += 1
            if generation not in seen[-1:]:
                seen.append(generation)
            if looks == 1:
                print("looking", flush=True)
            stopped.wait(0.1)  # leaves the machine to the build
    print(json.dumps({"looks": looks, "generations": seen, "errors": errors}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
