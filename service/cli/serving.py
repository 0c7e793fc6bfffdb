"""The web application in this process, by waitress: what `mingjing run` serves with."""

from __future__ import annotations

import time
from socket import socket
from typing import Any

import waitress
from flask import Flask

from service.garbage import collect_rarely

# Requests that have begun when the program is told to stop may go on for so long.
GRACE_SECONDS = 6.0


def serve_here(app: Flask, bound: socket, *, threads: int) -> None:
    """Until SystemExit is raised by a signal's handler; requests that have begun then are answered first."""
    server = waitress.create_server(
        app, sockets=[bound], threads=threads, ident=None, clear_untrusted_proxy_headers=True
    )
    collect_rarely()
    try:
        # Not server.run(), which leaves the loop at once, and with it every answer that is not sent yet.
        server.asyncore.loop(timeout=1.0, use_poll=True, map=server._map)
    except SystemExit:
        _finish(server)
        raise
    finally:
        server.task_dispatcher.shutdown()
        server.close()


def _finish(server: Any) -> None:
    """Listen no more; let go of who asks nothing; go on with the others until they are answered."""
    server.del_channel()
    server.socket.close()
    end = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < end:
        channels = list(server.active_channels.values())
        for channel in channels:
            if not _is_busy(channel):
                channel.handle_close()
        if not server.active_channels:
            return
        server.asyncore.loop(timeout=0.1, map=server._map, count=1)


def _is_busy(channel: Any) -> bool:
    """A request is half read, waits, is at work, or its answer is not sent yet."""
    return bool(channel.request is not None or channel.requests or channel.total_outbufs_len)
