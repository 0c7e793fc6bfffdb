"""The archive package of a case that is over (归档): documents, files and events in one ZIP, with an index of digests.

Electronic archives come from where they say, whole and in order (档案法 Art. 37): index and chained history tell.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from service.certificates import render_document
from service.commands.act import CaseAct
from service.commands.document_texts import document_data
from service.commands.print_document import GATED_KINDS
from service.commands.services import Services
from service.database.tables import attachment, document, document_copy, event
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import hot_by_number

_CLOSED = ("completed", "terminated")
_FOR_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
# What is the same each time is packed the same: the entries bear no time of their own.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
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
_EVENTS = select(event).where(event.c.case_id == _OF_CASE).order_by(event.c.seq)


class _Package:
    """A ZIP that notes of each of its files where it lies, how large it is and its SHA-256."""

    def __init__(self, into: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED)
        self.files: list[dict[str, Any]] = []

    def add(self, path: str, parts: Iterator[bytes], **about: Any) -> None:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(zipfile.ZipInfo(path, _NO_TIME), "w", force_zip64=True) as entry:
            for part in parts:
                digest.update(part)
                size += len(part)
                entry.write(part)
        self.files.append({"path": path, "size": size, "sha256": digest.hexdigest(), **about})

    def close(self, index: Mapping[str, Any]) -> None:
        text = json.dumps({**index, "files": self.files}, ensure_ascii=False, indent=2)
        self._zip.writestr(zipfile.ZipInfo("index.json", _NO_TIME), text)
        self._zip.close()


def archive_case(
    connection: Connection, services: Services, actor: Actor, number: str, now: datetime, into: IO[bytes]
) -> None:
    """Write the package into a file. Documents that nobody printed are drawn for it, but for those that are unpaid.

    Raises Refused: not_found, not_permitted, case_open while the case goes on.
    """
    row = hot_by_number(connection, number)
    if row is None:
        raise not_found("该办件", f"case {number}")
    if not may(actor, "archive_cases", row.case_department):
        raise Refused(
            "not_permitted", "您的岗位不能导出归档包", "Expected a post of the department that keeps its files"
        )
    if row.case_status not in _CLOSED:
        raise Refused("case_open", "办件尚未办结，不能归档", "Expected a case that is over, but it goes on")
    act = CaseAct(connection, services, row, now, actor)
    act.load()
    package = _Package(into)
    _add_documents(act, package)
    for place, one in enumerate(connection.execute(_FILES, {"case_id": row.case_id}).all(), start=1):
        path = f"attachments/{place:03d}-{_for_name(one.material)}-{_for_name(one.filename)}"
        about = {"what": "attachment", "material": one.material, "filename": one.filename}
        package.add(path, _kept(act, one.digest), **about, replaced=one.replaced_by is not None)
    package.add("history.jsonl", _history(act), what="history")
    package.close(_about(act, now))


def _add_documents(act: CaseAct, package: _Package) -> None:
    copies: dict[int, list[Any]] = {}
    for copy in act.connection.execute(_COPIES, {"case_id": act.row.case_id}):
        copies.setdefault(copy.document_id, []).append(copy)
    for place, one in enumerate(act.connection.execute(_DOCUMENTS, {"case_id": act.row.case_id}).all(), start=1):
        stem = f"documents/{place:03d}-{_for_name(one.name_zh)}-{_for_name(one.number or one.kind)}"
        about = {"what": "document", "kind": one.kind, "number": one.number}
        for copy in copies.get(one.id, ()):
            package.add(f"{stem}-{copy.copy_no}.pdf", _kept(act, copy.digest), **about, copy=copy.copy_no)
        if one.id not in copies and (one.kind not in GATED_KINDS or act.fact("fee_settled")):
            package.add(f"{stem}.pdf", iter([_drawn(act, one)]), **about, copy=None)


def _drawn(act: CaseAct, row: Any) -> bytes:
    """A copy for the archive, which is none that was handed out."""
    data = replace(document_data(act, row), copy_no="")
    rendered = render_document(row.kind, data, locale="zh-CN")
    return act.services.signing_key.sign(rendered, organ_zh=data.organ_zh, title_zh=data.title_zh)


def _kept(act: CaseAct, digest: str) -> Iterator[bytes]:
    source = act.services.files.source(digest)
    if source is None:
        raise Refused("not_found", "有文件已丢失，不能归档", f"Expected the bytes of {digest}, but they are gone")
    with source.open("rb") if isinstance(source, Path) else source as opened:
        while part := opened.read(1 << 20):
            yield part


def _history(act: CaseAct) -> Iterator[bytes]:
    """The events as they were chained: each line has the hash of the one before."""
    for one in act.connection.execute(_EVENTS, {"case_id": act.row.case_id}):
        line = {
            "seq": one.seq,
            "at": one.at.isoformat(),
            "kind": one.kind,
            "actor": one.actor_name,
            "post": one.post,
            "element_id": one.element_id,
            "payload": json.loads(one.payload),
            "hash": one.hash,
            "previous_hash": one.previous_hash,
        }
        yield (json.dumps(line, ensure_ascii=False) + "\n").encode()


def _about(act: CaseAct, now: datetime) -> dict[str, Any]:
    row = act.row
    return {
        "case": row.number,
        "power_item": row.power_item,
        "item_name": act.item.name_zh if act.item else None,
        "applicant": row.applicant_name,
        "department": row.case_department,
        "status": row.case_status,
        "packed_at": now.isoformat(),
        "last_event_hash": row.event_hash,
    }


def _for_name(text: str) -> str:
    """As part of a file's name on any system; never a way out of the folder."""
    return _FOR_NAMES.sub("_", text).strip(". ")[:80] or "_"
