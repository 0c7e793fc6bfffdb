"""Several signed documents as one file for the printer: their pages one after the other, seals drawn into them.

That file is for paper alone. It carries no signature any more; the signed file of each copy is kept by itself. How many
pages a file has is asked here too.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from contextlib import closing
from typing import Any, Final

import pypdfium2

# PDFium keeps state of the whole process: one thread at a time.
_ONE_AT_A_TIME: Final = threading.Lock()


def bound_for_printing(papers: Iterable[bytes]) -> bytes:
    """One PDF of all pages in order, what signatures show flattened into the pages."""
    with _ONE_AT_A_TIME, closing(pypdfium2.PdfDocument.new()) as bound:
        for content in papers:
            with closing(pypdfium2.PdfDocument(_flattened(content))) as paper:
                bound.import_pages(paper)
        return _saved(bound)


def pages_of(content: bytes) -> int | None:
    """How many pages a PDF has; None for what cannot be read as one, or asks for a password."""
    try:
        with _ONE_AT_A_TIME, closing(pypdfium2.PdfDocument(content)) as paper:
            return len(paper) or None
    except pypdfium2.PdfiumError:
        return None


def _flattened(content: bytes) -> bytes:
    with closing(pypdfium2.PdfDocument(content)) as paper:
        paper.init_forms()
        for number in range(len(paper)):
            with closing(paper[number]) as page:
                page.flatten(pypdfium2.raw.FLAT_PRINT)
        return _saved(paper)


def _saved(document: Any) -> bytes:
    into = io.BytesIO()
    document.save(into)
    return into.getvalue()
