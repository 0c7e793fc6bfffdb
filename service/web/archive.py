"""Answers with the archive package of a case that is over."""

from __future__ import annotations

import tempfile

from flask import Response, send_file
from sqlalchemy import Connection

from service.commands.archiving import archive_case, archive_index
from service.people.actor import Actor
from service.web.context import context
from service.web.request import now

# Larger packages are put together on the disk.
_IN_MEMORY_BYTES = 8 * 1024 * 1024


def send_archive(connection: Connection, actor: Actor, number: str) -> Response:
    """The package as a download. Raises Refused: those of `archive_case`."""
    package = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)
    try:
        archive_case(connection, context().services, actor, number, now(), package)
        size = package.tell()
        package.seek(0)
        response = send_file(package, mimetype="application/zip", as_attachment=True, download_name=f"{number}.zip")
    except BaseException:
        package.close()
        raise
    response.content_length = size
    return response


def send_archive_index(connection: Connection, actor: Actor, number: str) -> Response:
    """卷内目录, to read in the browser. Raises Refused: those of `archive_case`."""
    response = Response(archive_index(connection, context().services, actor, number, now()))
    response.content_type = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{number}-index.pdf"'
    return response
