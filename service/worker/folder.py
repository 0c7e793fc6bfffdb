"""A folder as the broker: kombu's, made safe against readers that come too early and writers that were killed."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem, virtual
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

from service.log import log


class FolderChannel(filesystem.Channel):  # type: ignore[misc]
    """Messages appear whole or not at all; what cannot be read is dropped, since the next look makes up for it.

    Which queue is bound to what is known from the program and kept in memory: a file of it could be half written too.
    """

    @property
    def data_folder_in(self) -> str:
        """The one folder for both ways; made again if somebody has cleared it away."""
        folder = str(self.transport_options["data_folder_in"])
        os.makedirs(folder, exist_ok=True)
        return folder

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        """Written under a name that nobody looks for, then renamed: kombu would show the empty file first."""
        name = f"{monotonic_ns():020}_{uuid.uuid4()}.{queue}"
        folder = Path(self.data_folder_in)
        staged = folder / f"{name}.new"
        staged.write_bytes(str_to_bytes(dumps(payload)))
        os.replace(staged, folder / f"{name}.msg")

    def _get(self, queue: str) -> Any:
        """The oldest message that can be read. Raises queue.Empty when there is none."""
        while True:
            try:
                payload = super()._get(queue)
            except ValueError as problem:  # JSON and UTF-8 errors alike; kombu has taken the file away already
                log.warning("unreadable_message", queue=queue, why=str(problem))
                continue
            if isinstance(payload, dict) and "body" in payload:
                return payload
            log.warning("unreadable_message", queue=queue, why="Expected an object with a body")

    def get_table(self, exchange: str) -> list[Any]:
        return list(virtual.Channel.get_table(self, exchange))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Nothing to write down."""


class FolderTransport(filesystem.Transport):  # type: ignore[misc]
    Channel = FolderChannel


def use_folder_transport() -> None:
    """Addresses that begin with filesystem:// are ours from now on, in this process."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:{FolderTransport.__name__}"
