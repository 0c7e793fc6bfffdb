"""What a file is, by its own bytes: the name and the client's word count for nothing."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from service.errors import Detail, Refused

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT: Final = "text/plain"
ACCEPTED: Final[Mapping[str, str]] = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", DOCX: ".docx", XLSX: ".xlsx"}
# ISO 32000-2, 7.5.2; PNG, 5.2; JPEG's start of image with the marker that follows; ZIP's first local header.
_SIGNATURES: Final[Mapping[bytes, str]] = {
    b"%PDF-": PDF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"PK\x03\x04": "zip",
}
# A browser may draw these inside a page; everything else is only ever downloaded.
SHOWN_INLINE: Final = frozenset({PDF, PNG, JPEG})
# The first part that names the kind of an Office document (ECMA-376, part 2).
_OFFICE_PARTS: Final = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_ACTIVE_PARTS: Final = ("vbaProject.bin", "vbaData.xml")
MOST_PARTS: Final = 10_000
MOST_TEXT_BYTES: Final = 4 * 1024 * 1024
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def kind_of(path: Path) -> str:
    """The media type of a file that the county takes in.

    Raises Refused unsupported_media for programs, pages, drawings with scripts, macros and whatever is not one of
    PDF, PNG, JPEG, DOCX, XLSX, or plain text, which only some materials may be (`require_accepted`).
    """
    found = _sniffed(path)
    if found in (PDF, PNG, JPEG):
        return found
    if not found and _is_plain_text(path):
        return TEXT
    office = _office_kind(path) if found == "zip" else None
    if office is None:
        raise _unsupported()
    return office


def _sniffed(path: Path) -> str:
    """By the signature at the head of the file; empty for one that is none of these."""
    with path.open("rb") as file:
        head = file.read(16)
    return next((kind for signature, kind in _SIGNATURES.items() if head.startswith(signature)), "")


def require_accepted(media_type: str, also_accepted: Collection[str]) -> None:
    """Refuse a kind of file that this material may not be. Raises Refused unsupported_media."""
    if media_type not in ACCEPTED and media_type not in also_accepted:
        raise _unsupported()


def _is_plain_text(path: Path) -> bool:
    """UTF-8 without control characters, and nothing that begins like a page, a drawing or a program."""
    if path.stat().st_size > MOST_TEXT_BYTES:
        return False
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(text) and not text.lstrip().startswith(("<", "#!", "MZ", "%PDF", "{\\rtf"))


def _office_kind(path: Path) -> str | None:
    """DOCX or XLSX by what the package holds; None for any other archive, and for one with macros."""
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    if len(names) > MOST_PARTS or any(name.endswith(_ACTIVE_PARTS) for name in names):
        return None
    return next((kind for part, kind in _OFFICE_PARTS.items() if part in names), None)


def _unsupported() -> Refused:
    return Refused(
        "unsupported_media",
        "只接收 PDF、PNG、JPEG、DOCX、XLSX 文件",
        "Expected a PDF, PNG, JPEG, DOCX or XLSX file, by its content",
        [Detail("unsupported_media", "文件类型不支持", "This type of file is not taken", pointer="/file")],
    )
