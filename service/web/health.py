"""Whether the process lives, and whether it can work: asked by whatever starts and watches it."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from service.database.session import reading
from service.log import log
from service.web.context import context


def register_health(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


def healthz() -> Response:
    """The process answers."""
    return jsonify(status="alive")


def readyz() -> tuple[Response, int]:
    """Database and broker answer; 503 with the reasons otherwise."""
    web = context()
    checks = {"database": _database(), **{name: check() for name, check in web.readiness.items()}}
    faults = {name: reason for name, reason in checks.items() if reason}
    if faults:
        log.warning("not_ready", **faults)
        return jsonify(status="not_ready", code="not_ready", reasons=faults), 503
    return jsonify(status="ready", checks=sorted(checks)), 200


def _database() -> str:
    """Why the database cannot be used; empty if it can."""
    try:
        with reading(context().engine) as connection:
            connection.execute(text("SELECT 1 FROM person LIMIT 1"))
    except SQLAlchemyError as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"
    return ""
