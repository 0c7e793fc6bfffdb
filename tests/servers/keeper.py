"""Keeps one server for one run of the tests: `python -m tests.servers.keeper KIND RUN_FOLDER`.

It ends the server when the run's lifeline is cut: a pipe that the run's first process holds open, so that even one
that is killed leaves nothing behind.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from tests.servers.postgresql import PostgresqlServer
from tests.servers.rabbitmq import RabbitmqServer

SERVERS = {"postgresql": PostgresqlServer, "rabbitmq": RabbitmqServer}
LIFELINE = "lifeline"


def main(kind: str, run_folder: Path) -> int:
    """0 when the server ran and ended; 1 when it never came up, which is told in the same file as its port."""
    server = SERVERS[kind](run_folder / kind)
    # Opened without waiting: the run may have died since, and a pipe without writers would never open.
    lifeline = os.open(run_folder / LIFELINE, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(lifeline, True)
    try:
        _tell(run_folder / f"{kind}.json", server.start())
        os.read(lifeline, 1)
    except (RuntimeError, LookupError, OSError) as failure:
        _tell(run_folder / f"{kind}.json", {"failure": str(failure)})
        return 1
    finally:
        server.stop()
        shutil.rmtree(run_folder / kind, ignore_errors=True)
    return 0


def _tell(file: Path, facts: dict[str, int] | dict[str, str]) -> None:
    staged = file.with_suffix(".new")
    staged.write_text(json.dumps(facts))
    staged.replace(file)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2])))
