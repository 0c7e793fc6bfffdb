"""Runs a stand-in in a thread on a loopback port, and closes it without leaving a socket or a thread behind."""

from __future__ import annotations

import socket
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import waitress

from service.standins.application import StandIn

_JOIN_SECONDS = 10.0


class RunningServer:
    """A stand-in that answers at `url` until `close`."""

    def __init__(self, app: StandIn, host: str, port: int) -> None:
        self._app = app
        self._sockets: dict[int, Any] = {}
        self._left: list[Any] = []
        self._server = waitress.create_server(
            app, self._sockets, host=host, port=port, threads=4, ident=None, clear_untrusted_proxy_headers=True
        )
        self.url = f"http://{host}:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._server.run, name=f"stand-in {self.url}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Safe to call twice. Requests being answered are given five seconds."""
        if self._thread.is_alive():
            self._server.task_dispatcher.shutdown(cancel_pending=False)
            self._server.trigger.pull_trigger(self._leave_loop)
            self._thread.join(_JOIN_SECONDS)
            for each in self._left:
                each.close()
        self._app.close()

    def _leave_loop(self) -> None:
        """Runs in the loop's thread, which ends when it watches nothing; what it watched is closed afterwards.

        Closed any earlier, a socket would fail the loop's select(), and the trigger its own second half.
        """
        self._left = list(self._sockets.values())
        self._sockets.clear()


def serve_in_thread(app: StandIn, host: str = "127.0.0.1", port: int = 0) -> tuple[RunningServer, str]:
    """The running server and its address. Port 0 takes a free one. ValueError for an address that is not loopback."""
    if not ip_address(host).is_loopback:
        raise ValueError(f"Expected a loopback address for a stand-in, but found {host}")
    server = RunningServer(app, host, port)
    return server, server.url


def steady_port(file: Path) -> int:
    """The port noted in `file` if it is free, else a free one, noted there: addresses given out outlive a restart."""
    noted = file.read_text() if file.exists() else ""
    port = int(noted) if noted.isdigit() and _is_free(int(noted)) else _free_port()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str(port))
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
