"""The subprocess: dbt's command line, ended when the process that started it is gone.

Run as a file. The starter keeps the other end of standard input open and writes nothing; when that end closes, the starter
has died (also by kill -9), and dbt must not go on writing to a warehouse that somebody else may open next.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

SECONDS_TO_CANCEL = 5.0


def _end_with_starter() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(SECONDS_TO_CANCEL)
    os._exit(3)


def main() -> None:
    """Run dbt with this process's arguments."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits it ignored
    threading.Thread(target=_end_with_starter, daemon=True).start()
    try:
        from dbt.cli.main import cli
    except ModuleNotFoundError as error:
        sys.exit(f"dbt cannot be imported: {error}")
    cli(sys.argv[1:], prog_name="dbt")


if __name__ == "__main__":
    main()
