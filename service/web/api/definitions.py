"""Process definitions: check a diagram, deploy it with its forms, read what was deployed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from flask import request
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from service.commands.deploy_definition import DeployDefinition, deploy_definition, lint_diagram
from service.errors import Detail, Refused, not_found
from service.modelling.xml_reading import MAX_BYTES
from service.reads.definitions import (
    current_version,
    list_definitions,
    list_versions,
    read_form,
    read_version,
    read_xml,
)
from service.web.api import other_schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.reading_body import parse_json
from service.web.api.schemas import page_of

endpoints = Endpoints("process-definitions")

BPMN = "application/xml"
MOST_FORMS = 200
_VERSION = "/process-definitions/<key:key>/versions/<number:version>"


@endpoints.post(
    "/process-definitions/lint",
    answer=other_schemas.DiagramProblems(),
    content="xml",
    acts=False,
    permission="read_definitions",
    codes=("payload_too_large",),
)
def lint_one_diagram(call: Call, connection: Connection) -> Answer:
    """Every problem of a diagram, also of one that does not parse; nothing is stored."""
    return Answer({"problems": lint_diagram(connection, call.body)})


@endpoints.post(
    "/process-definitions",
    answer=other_schemas.Deployed(),
    content="multipart",
    status=201,
    permission="deploy_definitions",
    codes=("invalid_diagram", "payload_too_large"),
)
def deploy_one_definition(call: Call, connection: Connection) -> Answer:
    """Deploy a diagram (`diagram`) with forms (`forms[]`, each named by its key); with an error nothing is stored."""
    xml = _part_bytes("diagram")
    if xml is None:
        raise _missing_diagram()
    command = DeployDefinition(xml, dict(_forms()))
    deployed = deploy_definition(connection, call.web.services, call.actor, command, call.now)
    return Answer(deployed, headers={"Location": f"/api/v1/process-definitions/{deployed.key}"})


def _missing_diagram() -> Refused:
    detail = Detail("required", "必填", "This is required", pointer="/diagram")
    return Refused("invalid_request", "请选择流程图文件", "Expected the part `diagram`", [detail])


def _part_bytes(name: str) -> bytes | None:
    """A part as a file or as text; of a file too large for any diagram the beginning, which the linter refuses."""
    file = request.files.get(name)
    if file is not None:
        return file.stream.read(MAX_BYTES + 1)
    text = request.form.get(name)
    return None if text is None else text.encode()


def _forms() -> Iterator[tuple[str, dict[str, Any]]]:
    files = [*request.files.getlist("forms[]"), *request.files.getlist("forms")]
    if len(files) > MOST_FORMS:
        raise Refused("invalid_request", "表单过多", f"Expected at most {MOST_FORMS} forms, but found {len(files)}")
    for file in files:
        yield PurePath(file.filename or "").stem, _form(file)


def _form(file: FileStorage) -> dict[str, Any]:
    name = PurePath(file.filename or "").stem[:80]
    try:
        content = parse_json(file.stream.read(MAX_BYTES + 1))
    except Refused:
        content = None
    if not isinstance(content, dict) or not name:
        words = (f"表单“{name}”不是 form-js 结构", f"The form {name!r} is no form-js schema")
        raise Refused("invalid_request", *words, [Detail("invalid_form", *words, pointer=f"/forms/{name}")])
    return content


@endpoints.get(
    "/process-definitions",
    answer=page_of(other_schemas.Definition()),
    query=PageQuery(),
    permission="read_definitions",
)
def find_definitions(call: Call, connection: Connection) -> Answer:
    """The version in force of each process."""
    return Answer(list_definitions(connection, asked_page(call)))


@endpoints.get(
    "/process-definitions/<key:key>",
    answer=other_schemas.DefinitionVersions(),
    permission="read_definitions",
    codes=("not_found",),
)
def read_one_definition(call: Call, connection: Connection, key: str) -> Answer:
    """All versions of a process, the newest first."""
    versions = list_versions(connection, key)
    if not versions:
        raise _unknown(key)
    current = next((v for v in versions if v.current), versions[0])
    names = {"name_zh": current.name_zh, "name_en": current.name_en}
    return Answer({"key": key, **names, "current_version": current.version, "versions": versions})


def _unknown(key: str, version: int | None = None) -> Refused:
    return not_found("该流程", f"process definition {key}" + (f" version {version}" if version else ""))


@endpoints.get(_VERSION, answer=other_schemas.DefinitionVersion(), permission="read_definitions", codes=("not_found",))
def read_one_version(call: Call, connection: Connection, key: str, version: int) -> Answer:
    """One version with the keys of its forms and of the diagrams it calls."""
    found = read_version(connection, key, version)
    if found is None:
        raise _unknown(key, version)
    return Answer({**asdict(found.definition), "forms": found.forms, "called": found.called})


@endpoints.get(f"{_VERSION}.bpmn", answer=None, permission="read_definitions", codes=("not_found",), produces=BPMN)
def read_diagram_of_version(call: Call, connection: Connection, key: str, version: int) -> Answer:
    """The diagram byte for byte as it was deployed."""
    xml = read_xml(connection, key, version)
    if xml is None:
        raise _unknown(key, version)
    name = f'attachment; filename="{key}-{version}.bpmn"'
    return Answer(xml, content_type=BPMN, headers={"Content-Disposition": name})


@endpoints.get(
    "/process-definitions/<key:key>.bpmn",
    answer=None,
    permission="read_definitions",
    codes=("not_found",),
    produces=BPMN,
)
def read_current_diagram(call: Call, connection: Connection, key: str) -> Answer:
    """The diagram of the version in force."""
    version = current_version(connection, key)
    if version is None:
        raise _unknown(key)
    return read_diagram_of_version(call, connection, key, version)


@endpoints.get(
    f"{_VERSION}/forms/<key:form_key>",
    answer=other_schemas.AnyObject(),
    permission="read_definitions",
    codes=("not_found",),
)
def read_form_of_version(call: Call, connection: Connection, key: str, version: int, form_key: str) -> Answer:
    """A form-js schema as it was deployed."""
    found = read_form(connection, key, version, form_key)
    if found is None:
        raise not_found("该表单", f"form {form_key} of {key} version {version}")
    return Answer(found)
