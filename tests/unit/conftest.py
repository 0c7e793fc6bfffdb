"""Stand-ins of the world outside, for tests that need nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from service.standins.application import StandIn
from service.standins.serving import serve_in_thread


@pytest.fixture
def serve() -> Iterator[Callable[[StandIn], str]]:
    running = []

    def start(app: StandIn) -> str:
        server, url = serve_in_thread(app)
        running.append(server)
        return url

    yield start
    for server in running:
        server.close()
