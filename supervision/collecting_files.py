"""What stands in small files: a pass reads each of them once, for the bytes of a digest never change."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from service.attachments.store import FileStore

# A page that somebody has scanned or photographed is larger.
SMALL = 4096
_BLANKS = b" \t\r\n\f\v\0"


def filled(files: FileStore, digest: str) -> int | None:
    """How many bytes of a file are not blank; None if it cannot be read now."""
    try:
        return _count(files, digest)
    except OSError:
        return None


@lru_cache(maxsize=20_000)
def _count(files: FileStore, digest: str) -> int:
    source = files.source(digest)
    if source is None:
        raise FileNotFoundError(digest)
    if isinstance(source, Path):
        content = source.read_bytes()
    else:
        with source:
            content = source.read()
    return len(content.translate(None, _BLANKS))
