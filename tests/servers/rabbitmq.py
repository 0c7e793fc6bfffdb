"""A RabbitMQ node in a temporary folder with an epmd of its own, so that no other node of this machine is met."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import amqp

from tests.servers.processes import end, free_port, own_folder, server_user, start, wait_until
from tests.servers.programs import installed

USER = "mingjing"
PASSWORD = "of-the-tests-alone"
# One for each worker of pytest-xdist and one for a run without workers, so that queues of the same name do not meet.
VHOSTS = ("master", *(f"gw{number}" for number in range(8)))


@dataclass(frozen=True)
class Rabbitmq:
    """A running node, as tests see it."""

    port: int

    def url(self, vhost: str = "master") -> str:
        """For Celery. LookupError for a virtual host that was not made."""
        if vhost not in VHOSTS:
            raise LookupError(f"Expected a virtual host of {', '.join(VHOSTS)}, but found {vhost}")
        return f"amqp://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{vhost}"


class RabbitmqServer:
    """`start` takes about six seconds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._port, self._epmd_port = free_port(), free_port()

    def start(self) -> dict[str, int]:
        """The arguments of `Rabbitmq`. RuntimeError when the node does not come up."""
        own_folder(self._folder, server_user("rabbitmq"))
        self._configure()
        return self.start_again()

    def start_again(self) -> dict[str, int]:
        """With the queues that are there, at the same port."""
        user, port = server_user("rabbitmq"), self._port
        epmd = str(Path(shutil.which("epmd") or "epmd").resolve())
        at = {"ERL_EPMD_PORT": str(self._epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        self._processes.append(start([epmd], user, self._folder, at))
        node = start([installed("broker") / "rabbitmq-server"], user, self._folder, self._environment(port) | at)
        self._processes.append(node)
        wait_until(lambda: _answers(port), node, self._folder, 90)
        return {"port": port}

    def forget(self) -> None:
        """Of a node that is stopped: every queue and every message. Its users stand in the definitions."""
        for folder in self._folder.glob("mingjing*@localhost*"):
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink()

    def stop(self) -> None:
        """At once: nothing here is worth an orderly end. The node goes before its epmd."""
        while self._processes:
            end(self._processes.pop(), first=signal.SIGKILL)

    def _environment(self, port: int) -> dict[str, str]:
        folder = str(self._folder)
        return {
            "RABBITMQ_NODENAME": f"mingjing{os.getpid()}@localhost",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": folder,
            "RABBITMQ_LOG_BASE": folder,
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
        }

    def _configure(self) -> None:
        """The node's user and virtual hosts are there from its first second."""
        definitions = self._folder / "definitions.json"
        definitions.write_text(json.dumps(_definitions()))
        (self._folder / "rabbitmq.conf").write_text(f"load_definitions = {definitions}\n")
        (self._folder / "plugins").write_text("[].\n")


def _definitions() -> dict[str, list[dict[str, object]]]:
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": USER, "password_hash": _password_hash(), "tags": ["administrator"]}],
        "vhosts": [{"name": vhost} for vhost in VHOSTS],
        "permissions": [{"user": USER, "vhost": vhost, **everything} for vhost in VHOSTS],
    }


def _password_hash() -> str:
    """RabbitMQ's own form: four bytes of salt, then SHA-256 over salt and password, in Base64."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + PASSWORD.encode()).digest()).decode()


def _answers(port: int) -> bool:
    try:
        with amqp.Connection(f"127.0.0.1:{port}", USER, PASSWORD, virtual_host=VHOSTS[-1], connect_timeout=2):
            return True
    except (OSError, amqp.AMQPError):
        return False
