"""What an archive package holds of a case: its documents and files in the order of their days, and where each lies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, select

from service.attachments.kinds import JPEG, PDF, PNG
from service.certificates import render_document
from service.certificates.archive_index import IndexRow
from service.commands.act import CaseAct
from service.commands.document_texts import document_data, organ_of
from service.commands.print_document import GATED_KINDS
from service.database.tables import attachment, document, document_copy
from service.errors import Refused

_FOR_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_OF_CASE: BindParameter[int] = bindparam("case_id")
_DOCUMENTS = select(document).where(document.c.case_id == _OF_CASE).order_by(document.c.id)
_COPIES = (
    select(document_copy)
    .join(document, document.c.id == document_copy.c.document_id)
    .where(document.c.case_id == _OF_CASE)
    .order_by(document_copy.c.document_id, document_copy.c.copy_no)
)
_FILES = (
    select(attachment)
    .where(attachment.c.case_id == _OF_CASE, attachment.c.removed_at.is_(None) | attachment.c.replaced_by.is_not(None))
    .order_by(attachment.c.id)
)
# Who hands a material in by himself; all others are the office's own papers.
_OUTSIDE: Final = frozenset({"applicant", "party", "project_unit"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the package: its path, what it is, its row of the index but for the pages, and its bytes when asked.

    `kind` is its media type; `at` is when it came about.
    """

    path: str
    at: datetime
    row: IndexRow
    kind: str
    parts: Callable[[], Iterator[bytes]]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def is_pdf(self) -> bool:
        return self.kind == PDF

    @property
    def is_picture(self) -> bool:
        return self.kind in (PNG, JPEG)


def entries_of(act: CaseAct) -> list[Entry]:
    """In the order of the index: the earlier before the later."""
    return sorted([*_documents(act), *_files(act)], key=lambda entry: entry.at)


def _documents(act: CaseAct) -> Iterator[Entry]:
    """Each copy that was handed out; what nobody printed is drawn, but for what is unpaid."""
    copies: dict[int, list[Any]] = {}
    for copy in act.connection.execute(_COPIES, {"case_id": act.row.case_id}):
        copies.setdefault(copy.document_id, []).append(copy)
    for place, one in enumerate(act.connection.execute(_DOCUMENTS, {"case_id": act.row.case_id}).all(), start=1):
        stem = f"documents/{place:03d}-{_for_name(one.name_zh)}-{_for_name(one.number or one.kind)}"
        about = {"what": "document", "kind": one.kind, "number": one.number}
        day = act.calendar.local_date(one.made_at)
        row = IndexRow(one.name_zh, organ_of(act, one.kind), day, one.number or "")
        for copy in copies.get(one.id, ()):
            said = replace(row, remark=_about_copy(copy, len(copies[one.id])))
            path, bytes_of = f"{stem}-{copy.copy_no}.pdf", partial(kept, act, copy.digest)
            yield Entry(path, one.made_at, said, PDF, bytes_of, {**about, "copy": copy.copy_no})
        if one.id not in copies and (one.kind not in GATED_KINDS or act.fact("fee_settled")):
            said = replace(row, remark="归档制作")
            yield Entry(f"{stem}.pdf", one.made_at, said, PDF, partial(_drawn, act, one), {**about, "copy": None})


def _about_copy(copy: Any, count: int) -> str:
    said = [f"副本 {copy.copy_no}"] if count > 1 else []
    return "，".join([*said, *(["英文译本"] if copy.locale.startswith("en") else [])])


def _files(act: CaseAct) -> Iterator[Entry]:
    for place, one in enumerate(act.connection.execute(_FILES, {"case_id": act.row.case_id}).all(), start=1):
        path = f"attachments/{place:03d}-{_for_name(one.material)}-{_for_name(one.filename)}"
        about = {"what": "attachment", "material": one.material, "filename": one.filename}
        row = IndexRow(
            _material_name(act, one.material),
            _whose(act, one),
            act.calendar.local_date(one.uploaded_at),
            filename=one.filename,
            remark="已换新版" if one.replaced_by is not None else "退回" if one.refused_at is not None else "",
        )
        told = {**about, "replaced": one.replaced_by is not None}
        yield Entry(path, one.uploaded_at, row, one.media_type, partial(kept, act, one.digest), told)


def _material_name(act: CaseAct, key: str) -> str:
    material = act.item.materials.get(key) if act.item is not None else None
    return material.name_zh if material is not None else key


def _whose(act: CaseAct, row: Any) -> str:
    """Who answers for a file: whoever had to hand it in, else whoever put it on file."""
    material = act.item.materials.get(row.material) if act.item is not None else None
    outside = material.provided_by in _OUTSIDE if material is not None else row.uploaded_by is None
    return str(act.row.applicant_name) if outside else organ_of(act, None)


def _drawn(act: CaseAct, row: Any) -> Iterator[bytes]:
    """A copy for the archive, which is none that was handed out."""
    data = replace(document_data(act, row), copy_no="")
    rendered = render_document(row.kind, data, locale="zh-CN")
    yield act.services.signing_key.sign(rendered, organ_zh=data.organ_zh, title_zh=data.title_zh)


def kept(act: CaseAct, digest: str) -> Iterator[bytes]:
    """The bytes of a kept file, piece by piece. Raises Refused not_found where they are gone."""
    source = act.services.files.source(digest)
    if source is None:
        raise Refused("not_found", "有文件已丢失，不能归档", f"Expected the bytes of {digest}, but they are gone")
    with source.open("rb") if isinstance(source, Path) else source as opened:
        while part := opened.read(1 << 20):
            yield part


def _for_name(text: str) -> str:
    """As part of a file's name on any system; never a way out of the folder."""
    return _FOR_NAMES.sub("_", text).strip(". ")[:80] or "_"
