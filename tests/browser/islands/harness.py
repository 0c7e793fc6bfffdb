"""A small server over real HTTP that speaks the contract of API.md to the islands, and remembers what it was asked."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server

from service.web.manifest import island_tags

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
WEB = ROOT / "service" / "web"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data: blob:; "
    "media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
CSRF = "token-of-this-session"


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    json: Any = None
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    text: str = ""


@dataclass
class Desk:
    """What the tests set and read: answers by path, requests in order, pause before an answer."""

    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    pause_seconds: float = 0
    schemas: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    xml: str = ""
    state: dict[str, Any] = field(default_factory=dict)

    def answer(self, path: str, *answers: tuple[int, Any]) -> None:
        """The next requests for `path` get these, in order; then the usual answer again."""
        self.answers[path] = list(answers)

    def to(self, path: str, method: str | None = None) -> list[Asked]:
        return [one for one in self.asked if one.path == path and method in (None, one.method)]


def problem(status: int, code: str, detail: str, **more: Any) -> tuple[int, Any]:
    return status, {"type": "about:blank", "title": detail, "status": status, "code": code, "detail": detail, **more}


def create_app(desk: Desk) -> Flask:
    app = Flask(__name__, static_folder=str(WEB / "static"), static_url_path="/static")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE / "templates"), FileSystemLoader(WEB / "templates")])
    app.jinja_env.globals["island_tags"] = island_tags
    app.after_request(_with_policy)
    _add_pages(app, desk)
    _add_interface(app, desk)
    return app


def _with_policy(response: Response) -> Response:
    designer = request.path.startswith("/modeler")
    response.headers["Content-Security-Policy"] = POLICY.format(styles=" 'unsafe-inline'" if designer else "")
    return response


def _add_pages(app: Flask, desk: Desk) -> None:
    def page(name: str) -> str:
        lang = request.args.get("lang", "zh-CN")
        return render_template(f"{name}.html", lang=lang, en=lang == "en", csrf=CSRF, desk=desk, args=request.args)

    for name in ("form", "forms", "start", "list", "viewer", "modeler"):
        app.add_url_rule(f"/{name}", name, lambda name=name: page(name))
    app.add_url_rule("/arrived/<path:rest>", "arrived", lambda rest: f"<!doctype html><title>{rest}</title>")
    app.add_url_rule("/fragment", "fragment", lambda: f"<p id=fresh>{len(desk.asked)}</p>")
    app.add_url_rule("/favicon.ico", "favicon", lambda: ("", 204))
    app.add_url_rule("/diagram.bpmn", "diagram", lambda: Response(desk.xml, mimetype="application/xml"))
    app.add_url_rule("/state.json", "state", lambda: jsonify(desk.state))


def _add_interface(app: Flask, desk: Desk) -> None:
    def take(usual: Callable[[], tuple[int, Any]]) -> Callable[..., Response]:
        def view(**_: str) -> Response:
            desk.asked.append(_read_request())
            time.sleep(desk.pause_seconds)
            waiting = desk.answers.get(request.path)
            status, body = waiting.pop(0) if waiting else usual()
            kind = "application/problem+json" if status >= 400 else "application/json"
            return Response(json.dumps(body, ensure_ascii=False), status, mimetype=kind)

        return view

    def rule(path: str, methods: list[str], usual: Callable[[], tuple[int, Any]]) -> None:
        app.add_url_rule(f"/api/v1/{path}", path, take(usual), methods=methods)

    done = {"outcome": "completed", "case": "YJ-XK-2026-000326", "alarms": []}
    rule("user-tasks/<id>/complete", ["POST"], lambda: (200, done))
    rule("user-tasks/<id>/draft", ["PUT"], lambda: (200, {"id": "12"}))
    rule("user-tasks/<id>/claim", ["POST"], lambda: (200, {"id": "12"}))
    rule("cases", ["POST"], lambda: (201, {"number": "YJ-XK-2026-000400"}))
    rule("cases/<number>/attachments", ["POST"], lambda: (201, _stored()))
    pieces: list[bytes] = []

    def begun() -> tuple[int, Any]:
        if request.method == "PATCH":
            pieces.append(request.get_data())
        return 200, {"id": "u1", "offset": sum(map(len, pieces))}

    def whole() -> tuple[int, Any]:
        return 201, {"id": "8", "digest": hashlib.sha256(b"".join(pieces)).hexdigest(), "size": sum(map(len, pieces))}

    rule("cases/<number>/uploads", ["POST"], lambda: (201, {"id": "u1", "offset": 0}))
    rule("cases/<number>/uploads/<id>", ["GET", "PATCH", "DELETE"], begun)
    rule("cases/<number>/uploads/<id>/finish", ["POST"], whole)
    rule("sessions/current/second-factor", ["POST"], lambda: (200, {}))
    waits = {"id": "a1", "number": "42", "status": "waiting", "expires_at": "2026-11-23T10:00:00+08:00"}
    rule("sessions/current/confirmations", ["POST"], lambda: (201, waits))
    rule("sessions/current/confirmations/<id>", ["GET"], lambda: (200, {"id": "a1", "status": "waiting"}))
    rule("process-definitions/lint", ["POST"], lambda: (200, {"problems": desk.problems}))
    rule("process-definitions", ["POST"], lambda: (201, {"key": "survey", "version": 8}))


def _read_request() -> Asked:
    files = {name: stored.read() for name, stored in request.files.items()}
    kind = request.mimetype
    text = request.get_data(as_text=True) if kind not in ("multipart/form-data", "application/json") else ""
    body = request.get_json(silent=True) if kind == "application/json" else None
    return Asked(request.method, request.path, dict(request.headers), body, request.form.to_dict(), files, text)


def _stored() -> dict[str, Any]:
    request.files["file"].seek(0)
    content = request.files["file"].read()
    return {"id": "7", "digest": hashlib.sha256(content).hexdigest(), "size": len(content)}


@contextmanager
def serving(desk: Desk) -> Iterator[str]:
    """The address of the server, which runs until the block is left."""
    server = make_server("127.0.0.1", 0, create_app(desk), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
