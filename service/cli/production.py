"""The web application in several processes, by gunicorn's threads: what `mingjing serve` runs."""

from __future__ import annotations

from collections.abc import Callable
from socket import socket
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from service.garbage import collect_rarely

# A request that works longer than this has hung; its process is replaced.
TIMEOUT_SECONDS = 60
# A request that has begun when SIGTERM comes may go on for so long; with the processes' own end it stays under ten.
GRACE_SECONDS = 8


class _Server(BaseApplication):  # type: ignore[misc]
    """Each process makes the application for itself, so that none shares a connection with another."""

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = self._make_app()
        collect_rarely()
        return app


def serve_in_processes(make_app: Callable[[], Flask], bound: socket, *, workers: int, threads: int) -> None:
    """Until a signal comes; SIGTERM lets requests end first."""
    _Server(
        make_app,
        {
            "bind": f"fd://{bound.fileno()}",
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "timeout": TIMEOUT_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "loglevel": "warning",
            "control_socket_disable": True,
            "forwarded_allow_ips": "127.0.0.1,::1",
        },
    ).run()
