"""The body and the query of a request, parsed and checked; every fault is named by its pointer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from flask import request
from marshmallow import ValidationError
from werkzeug.datastructures import FileStorage

from service.errors import Detail, Refused
from service.form_schemas.problems import escaped
from service.web.api.endpoint import Endpoint
from service.web.api.fields import words_of

MOST_JSON_BYTES: Final = 1024 * 1024
# A diagram over the linter's own bound of 2 MB is told so as a problem; beyond this nobody reads it.
MOST_XML_BYTES: Final = 4 * 1024 * 1024
MOST_PIECE_BYTES: Final = 4 * 1024 * 1024
MOST_FORM_BYTES: Final = 16 * 1024 * 1024
MOST_ERRORS: Final = 50
_MEDIA: Final = {
    "json": frozenset({"application/json"}),
    "xml": frozenset({"application/xml", "text/xml", "application/octet-stream", "application/bpmn+xml", ""}),
    "multipart": frozenset({"multipart/form-data"}),
    "octets": frozenset({"application/octet-stream"}),
}


def required_file() -> FileStorage:
    """The part `file` of a form. Raises Refused invalid_request without it."""
    file = request.files.get("file")
    if file is None:
        words = "请选择文件", "Expected the part `file`"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/file")])
    return file


def read_query(endpoint: Endpoint) -> dict[str, Any]:
    """The parameters after the question mark. Raises Refused invalid_request."""
    if endpoint.query is None:
        return {}
    try:
        given = {name: value for name, value in request.args.items() if value != ""}
        loaded: dict[str, Any] = endpoint.query.load(given)
        return loaded
    except ValidationError as error:
        raise refusal_of(error) from None


def read_body(endpoint: Endpoint, upload_limit: int) -> Any:
    """The body as the endpoint declares it.

    Raises Refused: unsupported_media, payload_too_large, bad_request for what is no JSON, invalid_request.
    """
    if endpoint.content == "none":
        return None
    if request.mimetype not in _MEDIA[endpoint.content]:
        expected = sorted(kind for kind in _MEDIA[endpoint.content] if kind)[0]
        raise Refused(
            "unsupported_media",
            f"请求内容应为 {expected}",
            f"Expected {expected}, but found {request.mimetype[:60] or 'nothing'}",
        )
    if endpoint.content == "xml":
        request.max_content_length = MOST_XML_BYTES
        return request.get_data()
    if endpoint.content == "octets":
        request.max_content_length = MOST_PIECE_BYTES
        return request.get_data()
    if endpoint.content == "multipart":
        request.max_content_length = upload_limit + MOST_JSON_BYTES
        request.max_form_memory_size = MOST_FORM_BYTES
        len(request.files)  # Reads the parts now, so that what is too large is refused before the act begins.
        return None
    request.max_content_length = MOST_JSON_BYTES
    return _loaded(endpoint, parse_json(request.get_data()))


def _loaded(endpoint: Endpoint, given: Any) -> Any:
    if endpoint.body is None:
        return given
    try:
        return endpoint.body.load(given)
    except ValidationError as error:
        raise refusal_of(error) from None


def parse_json(content: bytes) -> Any:
    """The value in a JSON text. Raises Refused bad_request; NaN and Infinity are no JSON (RFC 8259)."""
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused("bad_request", "请求内容不是 JSON", "Expected JSON in UTF-8, but the body is not") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def refusal_of(error: ValidationError) -> Refused:
    """All faults at once, each with a JSON pointer (RFC 6901)."""
    details = []
    for pointer, message in list(_faults(error.messages, ""))[:MOST_ERRORS]:
        code, zh, en = words_of(message)
        details.append(Detail(code, zh, en, pointer=pointer))
    return Refused(
        "invalid_request",
        f"请求内容有 {len(details)} 处不正确",
        f"Expected a request that fits the schema, but {len(details)} parts do not",
        details,
    )


def _faults(messages: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            at_root = name == "_schema"
            yield from _faults(inner, pointer if at_root else f"{pointer}/{escaped(str(name)[:100])}")
    else:
        for message in messages:
            yield pointer, str(message)


def body_digest(endpoint: Endpoint) -> str:
    """SHA-256 of what was sent, for telling a repetition from another request; of a form, what its parts say."""
    if endpoint.content != "multipart":
        return hashlib.sha256(request.get_data()).hexdigest()
    hashed = hashlib.sha256()
    for name, value in sorted(request.form.items(multi=True)):
        hashed.update(f"field {name}={value}\n".encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda part: (part[0], part[1].filename or "")):
        hashed.update(f"file {name}={file.filename} {_file_digest(file)}\n".encode())
    return hashed.hexdigest()


def _file_digest(file: Any) -> str:
    file.stream.seek(0)  # It may have been read before: a file is received ahead of its act.
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()
    file.stream.seek(0)
    return digest


_ETAG: Final = re.compile(r'(?:W/)?"?(\d{1,18})"?')


def read_if_match(given: str | None) -> frozenset[int] | None:
    """The versions that If-Match names; None for none and for `*`. What is no version of ours matches nothing."""
    if given is None or given.strip() == "*":
        return None
    found = (_ETAG.fullmatch(tag.strip()) for tag in given.split(","))
    return frozenset(int(match[1]) for match in found if match)
