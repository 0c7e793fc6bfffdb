"""The archive package of a case that is over (归档): documents, files and events in one ZIP, with an index of digests.

Electronic archives come from where they say, whole and in order (档案法 Art. 37): index and chained history tell. The
index is a paper too (卷内目录), drawn from the same files.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import IO, Any, Final

from sqlalchemy import Connection, bindparam, select

from service.certificates.archive_index import ArchiveIndex, IndexRow, render_archive_index
from service.certificates.binding import pages_of
from service.commands.act import CaseAct
from service.commands.archive_contents import Entry, entries_of
from service.commands.document_texts import organ_of
from service.commands.services import Services
from service.database.tables import case, event
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import hot_by_number

INDEX_PAPER: Final = "卷内目录.pdf"
_CLOSED = ("completed", "terminated")
# What is the same each time is packed the same: the entries bear no time of their own.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_EVENTS = select(event).where(event.c.case_id == bindparam("case_id")).order_by(event.c.seq)
_CLOSED_AT = select(case.c.closed_at).where(case.c.id == bindparam("case_id"))


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
    act = _act_of_archive(connection, services, actor, number, now)
    package, rows = _Package(into), []
    for serial, entry in enumerate(entries_of(act), start=1):
        parts, pages = _with_pages(entry)
        rows.append(_row(entry, pages))
        package.add(entry.path, parts, **entry.about, serial=serial, pages=pages)
    rows.append(_row_of_history(act))
    package.add("history.jsonl", _history(act), what="history", serial=len(rows))
    paper = _paper(act, rows)
    package.add(INDEX_PAPER, iter([paper]), what="index", pages=pages_of(paper))
    package.close(_about(act, now))


def archive_index(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> bytes:
    """The index as a paper alone, as it lies in the package. Raises Refused as `archive_case`."""
    act = _act_of_archive(connection, services, actor, number, now)
    rows = [_row(entry, _with_pages(entry)[1]) for entry in entries_of(act)]
    return _paper(act, [*rows, _row_of_history(act)])


def _act_of_archive(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> CaseAct:
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
    return act


def _with_pages(entry: Entry) -> tuple[Iterator[bytes], int | None]:
    """The bytes, and how many pages they are; None for what has none or cannot be read as a PDF."""
    if entry.is_pdf:
        content = b"".join(entry.parts())
        return iter([content]), pages_of(content)
    return entry.parts(), 1 if entry.is_picture else None


def _row(entry: Entry, pages: int | None) -> IndexRow:
    said = [entry.row.remark] if entry.row.remark else []
    if pages is None:
        said.append("页数无法读出" if entry.is_pdf else "电子文件")
    return replace(entry.row, pages=pages, remark="，".join(said))


def _row_of_history(act: CaseAct) -> IndexRow:
    title, filename = "办理过程记录", "history.jsonl"
    day = act.calendar.local_date(_closed_at(act))
    return IndexRow(title, organ_of(act, None), day, filename=filename, remark="电子文件")


def _closed_at(act: CaseAct) -> datetime:
    return act.connection.execute(_CLOSED_AT, {"case_id": act.row.case_id}).scalar_one() or act.now


def _paper(act: CaseAct, rows: Sequence[IndexRow]) -> bytes:
    item = act.item.name_zh if act.item else ""
    closed_on = act.calendar.local_date(_closed_at(act))
    index = ArchiveIndex(organ_of(act, None), item, act.row.number, str(act.row.applicant_name), closed_on, rows)
    return render_archive_index(index)


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
