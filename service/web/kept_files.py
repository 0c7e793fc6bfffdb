"""Answers with the bytes of a file of a case, wherever this installation keeps them."""

from __future__ import annotations

from pathlib import Path

from flask import Response, send_file

from service.attachments.kinds import SHOWN_INLINE
from service.web.context import context


def send_kept_file(digest: str, size: int, *, media_type: str, filename: str, inline: bool) -> Response | None:
    """The file under its name; None if its bytes are gone. `inline` counts for kinds that do no harm in a browser."""
    source = context().files.source(digest)
    if source is None:
        return None
    response = send_file(
        source,
        mimetype=media_type,
        as_attachment=not (inline and media_type in SHOWN_INLINE),
        download_name=filename,
        etag=digest,
        last_modified=None,
        conditional=True,
    )
    if not isinstance(source, Path) and response.status_code == 200:
        response.content_length = size
    return response
