"""Where a server listens: the port is taken before anything else starts, so that a port in use is told at once."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import click


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address. Every address that a name stands for must be its own."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return False
    return all(ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)


def require_loopback(host: str, *, testing: bool) -> None:
    """UsageError (exit 2): whoever can reach a server with a testing clock can move its time."""
    if testing and not is_loopback(host):
        raise click.UsageError(f"Expected a loopback address with --testing, but found {host}")


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 takes a free one. ClickException when it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as problem:
        raise click.ClickException(f"Expected an address to listen on, but found {host}: {problem}") from problem
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        # A port that another process listens on is refused here and not when everything else has been started.
        bound.listen(128)
    except OSError as problem:
        bound.close()
        raise click.ClickException(
            f"Expected to listen on {host}:{port}, but {problem.strerror}: choose another --port"
        ) from problem
    return bound


def address_of(bound: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - what is bound, not what we bind
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{port}"
