"""A document that somebody wants verified: its bytes, bounded, and how often one may ask."""

from __future__ import annotations

from typing import Final

from flask import request

from service.attachments.store import too_large
from service.errors import Detail, Refused
from service.web.context import context
from service.web.guards import FILE
from service.web.request import client_address

# A copy that the county signs has a hundred kilobytes; nobody's patience is tried with more than it could be.
MOST_BYTES: Final = 5 * 1024 * 1024


def uploaded_paper() -> bytes:
    """The part `file` of the form. Raises Refused: invalid_request, payload_too_large, rate_limited."""
    key = (FILE, f"file/{client_address()}")
    context().guards.require(key)
    context().guards.failed(key)
    file = request.files.get("file")
    content = file.stream.read(MOST_BYTES + 1) if file is not None else b""
    if not content:
        raise Refused(
            "invalid_request",
            "请选择要核验的文件",
            "Expected a file, but none was chosen",
            [Detail("required", "请选择文件", "Choose a file", pointer="/file")],
        )
    if len(content) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    return content
