"""What every request of the web application may reach: the database, the services, files, guards against guessing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import Flask, Response, current_app
from sqlalchemy import Engine

from service.attachments.store import FileStore
from service.commands.services import Services
from service.errors import Refused
from service.web.guards import Guards

_EXTENSION = "mingjing"
Drain = Callable[[datetime], int]


@dataclass
class WebContext:
    """`drain` sends what waits in the outbox; `page_of_problem`, set by the pages, shows a refusal as HTML."""

    engine: Engine
    services: Services
    drain: Drain
    files: FileStore
    guards: Guards = field(default_factory=Guards)
    page_of_problem: Callable[[Refused], Response] | None = None


def install(app: Flask, web: WebContext) -> None:
    app.extensions[_EXTENSION] = web


def context() -> WebContext:
    """The context of the application that answers this request."""
    return cast(WebContext, current_app.extensions[_EXTENSION])
