"""Builds the Flask application: the interface, the answers to errors, the headers. Pages register themselves on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from service.commands.services import Services
from service.notices.outbox import Wanted
from service.web.api.blueprint import register_api
from service.web.api.reading_body import MOST_JSON_BYTES
from service.web.bank_callback import register_bank
from service.web.context import Check, Drain, Stepping, WebContext, install
from service.web.hardening import register_hardening
from service.web.health import register_health
from service.web.metrics_page import Depths, register_metrics
from service.web.pages import register_pages
from service.web.phone import register_phone
from service.web.problems import register_problems

STATIC = Path(__file__).parent / "static"


def create_app(
    engine: Engine,
    services: Services,
    *,
    drain: Drain | None = None,
    stepping: Stepping | None = None,
    readiness: Mapping[str, Check] | None = None,
    depths: Depths | None = None,
    static_folder: Path = STATIC,
) -> Flask:
    """The application on a migrated database.

    `drain(now, wanted)` sends some of what waits in the outbox and says how much; without one only the worker sends.
    `stepping` is the worker of a testing installation: with it the clock's paths exist, and every act is followed by
    what it made due. `readiness` adds checks to /readyz, the broker's for
    example; `depths` tells /metrics how many messages lie in its queues.
    """
    app = Flask("service.web", static_folder=str(static_folder), static_url_path="/static")
    settings = services.settings
    app.config["MAX_CONTENT_LENGTH"] = settings.upload_limit_bytes + MOST_JSON_BYTES
    if settings.trusted_proxies:
        # Who asks, and whether over TLS, as the nearest proxies tell it; what a client adds counts for nothing.
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    web = WebContext(engine, services, drain or _sends_nothing, services.files, stepping, readiness or {})
    install(app, web)
    register_hardening(app)
    register_problems(app)
    register_health(app)
    register_bank(app)
    register_phone(app)
    register_api(app, testing=stepping is not None)
    register_pages(app, web)
    register_metrics(app, web, depths or dict)
    return app


def _sends_nothing(_now: datetime, _wanted: Wanted) -> int:
    return 0
