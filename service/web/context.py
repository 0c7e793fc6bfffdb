"""What every request of the web application may reach: the database, the services, files, guards against guessing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, cast

from flask import Flask, Response, current_app
from sqlalchemy import Engine

from service.attachments.store import FileStore
from service.commands.services import Services
from service.errors import Refused
from service.notices.outbox import Wanted
from service.web.guards import Guards

_EXTENSION = "mingjing"
Drain = Callable[[datetime, Wanted], int]
# Why a part of the installation cannot be used; empty if it can.
Check = Callable[[], str]


class Stepping(Protocol):
    """The worker of a testing installation, where time moves by request (service.worker.advancing)."""

    def look(self) -> None:
        """Fire and send what is due now."""

    def move_to(self, instant: datetime) -> None:
        """Move the clock, doing on the way what falls due, in its order."""


@dataclass
class WebContext:
    """`drain` sends what an answer needs of the outbox; `stepping` is there under `--testing` alone.

    `readiness` are checks beside the database's own, by name. `page_of_problem`, set by the pages, shows a refusal as
    HTML.
    """

    engine: Engine
    services: Services
    drain: Drain
    files: FileStore
    stepping: Stepping | None = None
    readiness: Mapping[str, Check] = field(default_factory=dict)
    guards: Guards = field(default_factory=Guards)
    page_of_problem: Callable[[Refused], Response] | None = None


def install(app: Flask, web: WebContext) -> None:
    app.extensions[_EXTENSION] = web


def context() -> WebContext:
    """The context of the application that answers this request."""
    return cast(WebContext, current_app.extensions[_EXTENSION])
