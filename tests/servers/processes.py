"""Starting and ending processes of our own, as the user that a server insists on, and ports for them."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Below the range from which Linux picks the ports of outgoing connections: a client that asks such a port again and
# again before its server listens can end up connected to itself.
_PORTS = range(20_000, 30_000)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    for port in random.sample(_PORTS, 200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise OSError("Expected a free port between 20000 and 29999, but found none in 200 tries")


def own_folder(folder: Path, user: str | None) -> None:
    """Make the folder, for that user alone."""
    folder.mkdir(parents=True, mode=0o700)
    if user:
        shutil.chown(folder, user, user)


def server_user(name: str) -> str | None:
    """The package's own user when we are root, whom these servers refuse or who should not run them; else ourselves."""
    return name if os.geteuid() == 0 else None


def start(
    command: Sequence[str | Path], user: str | None, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """A process in a session of its own, its words in `folder`/output."""
    with (folder / "output").open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder), **environment},
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )


def end(process: subprocess.Popen[bytes], *, first: signal.Signals, seconds: float = 10) -> None:
    """Ask with the signal `first`, then kill what is left of the process' session."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path, seconds: float) -> None:
    """Until the server answers; RuntimeError with its last words when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            words = (folder / "output").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"Expected {process.args!r} to answer within {seconds} s, but it said: {words}")
        time.sleep(0.05)
