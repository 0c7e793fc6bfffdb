"""Processes for designers: the list, the versions of one, the modeler, the diagram of a version."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template
from sqlalchemy import Connection

from service.commands.deploy_definition import lint_diagram
from service.errors import not_found
from service.people.permissions import may
from service.people.posts import POST_NAMES
from service.reads.definitions import (
    VersionView,
    current_version,
    list_definitions,
    list_versions,
    read_version,
    read_xml,
)
from service.reads.diagram_words import diagram_in
from service.reads.guide import guide_steps
from service.reads.modelling_options import ModellingOptions, read_options
from service.reads.paging import MOST_ROWS, Asked
from service.web.hardening import CONTENT_SECURITY_POLICY
from service.web.pages import words
from service.web.pages.shell import ask, pages, require

# The properties panel brings a code editor that writes style elements (islands/README.md, modeler).
_DESIGNER_POLICY = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


@pages.app_template_global("posts_of")
def posts_of(steps: Any) -> dict[str, str]:
    """The badges of a diagram: {step: post in words}."""
    return {step.element_id: words.post_word(step.post) for step in steps if step.post}


@pages.get("/processes")
def processes() -> str:
    """The version in force of each process, with the cases that run on it."""
    actor = require("read_definitions")
    found = ask(lambda connection: list_definitions(connection, Asked(limit=MOST_ROWS)))
    kinds = ("item", "shared", "order")
    groups = [(kind, [one for one in found.items if one.kind == kind]) for kind in kinds]
    return render_template(
        "processes.html",
        total=found.total,
        groups=[(kind, rows) for kind, rows in groups if rows],
        may_draft=may(actor, "draft_definitions"),
    )


def _unknown(key: str, version: int | None = None) -> Exception:
    return not_found("该流程", f"process definition {key}" + (f" version {version}" if version else ""))


@pages.get("/processes/<key:key>")
def process(key: str) -> str:
    """One process: its versions, the diagram in force, its steps as a list, the linter's notes."""
    actor = require("read_definitions")

    def read(connection: Connection) -> dict[str, Any]:
        versions = list_versions(connection, key)
        if not versions:
            raise _unknown(key)
        current = next((v for v in versions if v.current), versions[0])
        xml = read_xml(connection, key, current.version) or b""
        return {
            "versions": versions,
            "current": current,
            "detail": read_version(connection, key, current.version),
            "steps": guide_steps(xml),
            "problems": lint_diagram(connection, xml),
        }

    return render_template("process.html", **ask(read), key=key, may_draft=may(actor, "draft_definitions"))


@pages.get("/processes/<key:key>/versions/<number:version>")
def process_version(key: str, version: int) -> str:
    """One version as it was deployed: diagram, forms, called processes."""
    require("read_definitions")

    def read(connection: Connection) -> tuple[VersionView, tuple[Any, ...]]:
        found = read_version(connection, key, version)
        if found is None:
            raise _unknown(key, version)
        return found, guide_steps(read_xml(connection, key, version) or b"")

    found, steps = ask(read)
    return render_template("process_version.html", detail=found, one=found.definition, steps=steps, key=key)


@pages.get("/processes/<key:key>/versions/<number:version>/drawing.bpmn")
def process_drawing(key: str, version: int) -> Response:
    """The diagram of a version for the viewer, its names in the reader's language."""
    require("read_definitions")
    xml = ask(lambda connection: read_xml(connection, key, version))
    if xml is None:
        raise _unknown(key, version)
    return Response(diagram_in(xml, words.locale_code()), content_type="application/xml; charset=utf-8")


@pages.get("/processes/new")
def new_process() -> Response:
    """The modeler with a small diagram to begin from."""
    require("draft_definitions")
    return _modeler(None)


@pages.get("/processes/<key:key>/edit")
def edit_process(key: str) -> Response:
    """The modeler with the version in force."""
    require("draft_definitions")
    return _modeler(key)


def _modeler(key: str | None) -> Response:
    def read(connection: Connection) -> dict[str, Any]:
        version = current_version(connection, key) if key else None
        if key and version is None:
            raise _unknown(key)
        current = read_version(connection, key, version) if key and version else None
        return {
            "version": version,
            "name": words.named(current.definition) if current else None,
            "running": current.definition.running_cases if current else 0,
            "options": _options(read_options(connection, key)),
        }

    response = make_response(render_template("modeler.html", **ask(read), key=key))
    response.headers["Content-Security-Policy"] = _DESIGNER_POLICY
    return response


def _options(found: ModellingOptions) -> dict[str, list[dict[str, str]]]:
    """The lists of the properties panel: [{value, label}] in the reader's language."""

    def named(rows: Any) -> list[dict[str, str]]:
        return [{"value": row.value, "label": words.named(row)} for row in rows]

    return {
        "posts": [{"value": post, "label": words.post_word(post)} for post in POST_NAMES],
        "groups": [{"value": code, "label": words.word(words.GROUPS, code)} for code in words.GROUPS],
        "forms": [{"value": key, "label": key} for key in found.forms],
        "materials": named(found.materials),
        "documents": named(found.documents),
        "operations": [{"value": name, "label": name} for name in found.operations],
        "processes": named(found.processes),
    }
