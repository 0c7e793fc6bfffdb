"""A file of the bank or the treasury: looked at whole, then taken in rows at a time, each transaction so many.

What the bank has told already is matched as it comes in; every other receipt in a transaction of its own.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Connection, Insert, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from service.commands.services import Services
from service.commands.taking_receipts import take_rows
from service.database.session import is_sqlite
from service.database.tables import receipt_mapping, receipt_preview, treasury_import
from service.errors import Detail, Refused, not_found
from service.fees.receipt_file import FileRefused, Scan, scan
from service.fees.receipt_mapping import BUILT_IN, ReceiptMapping, read_mapping
from service.fees.workbook import is_workbook, write_as_text
from service.people.actor import Actor
from service.people.permissions import FINANCE, may

LONGEST_MAPPING_NAME = 40
_PIECE = 1024 * 1024
_SAVED = select(receipt_mapping).order_by(receipt_mapping.c.name)
_SAME = select(treasury_import.c.id).where(treasury_import.c.digest == bindparam("digest"))
_PREVIEW = select(receipt_preview).where(receipt_preview.c.id == bindparam("id"))
# code -> what stands in the file and should not, in both languages
_FAULTS: Mapping[str, tuple[str, str]] = {
    "unreadable": (
        "文件无法读取（须为 UTF-8 或 GB18030 编码的文本，或 Excel 工作簿）",
        "Expected text in UTF-8 or GB18030, or an Excel workbook, but it cannot be read",
    ),
    "empty": ("文件是空的", "Expected a file with headings and rows, but it is empty"),
    "no_mapping": (
        "没有一个映射与文件的表头相符",
        "Expected the headings of a known mapping, but found others",
    ),
    "too_many_rows": ("文件行数过多", "Expected fewer rows"),
    "no_rows": ("文件中没有数据行", "Expected rows below the headings, but there are none"),
    "wrong_total": ("合计与明细不符，文件不完整", "Expected totals that add up, but the file is not whole"),
}


@dataclass(frozen=True, slots=True)
class ImportReceipts:
    """`source` can be read again from its beginning. `mapping` names a saved one; without, the headings choose."""

    source: IO[bytes]
    filename: str
    mapping: str | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that was read whole once: the text of its rows is kept, nothing is taken in. `known`: as which import."""

    digest: str
    text_digest: str
    filename: str
    found: Scan
    known: int | None = None


def may_import(actor: Actor) -> bool:
    """Finance's cashiers, level 2 and the centre: nobody whose department takes fees or fines."""
    return may(actor, "import_treasury_receipts", FINANCE)


def _not_permitted() -> Refused:
    return Refused("not_permitted", "只有财政、二级监察和控制中心可以办理", "Expected finance, level 2 or the centre")


def examine(connection: Connection, services: Services, actor: Actor | None, command: ImportReceipts) -> Examined:
    """Read a file whole, writing nothing to the database: it may take seconds, and holds nobody up.

    `actor` None is the machine's own command line. Raises Refused: not_permitted, invalid_request for a file that
    cannot be read or whose totals do not add up.
    """
    if actor is not None and not may_import(actor):
        raise _not_permitted()
    digest = _digest_of(command.source)
    known = connection.execute(_SAME, {"digest": digest}).scalar_one_or_none()
    mappings = _mappings(connection, command.mapping)
    try:
        with _text_of(command.source) as text:
            found = scan(text, mappings)
            text.seek(0)
            with services.files.taken(text) as staged:
                services.files.keep(staged)
    except FileRefused as fault:
        raise _refused(fault) from fault
    return Examined(digest, staged.digest, command.filename[:200] or "receipts.csv", found, known)


def import_receipts(
    connection: Connection, services: Services, actor: Actor | None, examined: Examined, now: datetime
) -> tuple[int, bool]:
    """Take a file in; its id, and whether it is new: the same bytes again change nothing.

    The first rows come in at once, those of a long file by messages, so many a transaction. Raises Refused
    not_permitted.
    """
    if actor is not None and not may_import(actor):
        raise _not_permitted()
    found = examined.found
    values = {
        "digest": examined.digest,
        "filename": examined.filename,
        "mapping": found.mapping.name,
        "total_rows": found.total_rows,
        "total_fen": found.total_fen,
        "imported_at": now,
        "imported_by": actor.person_id if actor else None,
        "text_digest": examined.text_digest,
    }
    made = connection.execute(_once(connection), values).scalar_one_or_none()
    if made is None:  # Taken in before, or somebody else was first with the same file.
        return int(connection.execute(_SAME, {"digest": examined.digest}).scalar_one()), False
    take_rows(connection, services, int(made), examined.text_digest, found, found.begin, now)
    return int(made), True


def keep_preview(connection: Connection, actor: Actor, examined: Examined, now: datetime) -> int:
    """Keep what was found in a file until the same person has it taken in, or a day has passed; its id."""
    if not may_import(actor):
        raise _not_permitted()
    return int(
        connection.execute(
            receipt_preview.insert().returning(receipt_preview.c.id),
            {
                "digest": examined.digest,
                "text_digest": examined.text_digest,
                "filename": examined.filename,
                "found": examined.found.as_json(),
                "made_at": now,
                "made_by": actor.person_id,
            },
        ).scalar_one()
    )


def read_preview(connection: Connection, actor: Actor, preview_id: int) -> Examined:
    """The file that this person has looked at. Raises Refused not_found."""
    row = connection.execute(_PREVIEW, {"id": preview_id}).one_or_none()
    if row is None or row.made_by != actor.person_id:
        raise not_found("该预览", f"a preview {preview_id} of this person")
    known = connection.execute(_SAME, {"digest": row.digest}).scalar_one_or_none()
    return Examined(row.digest, row.text_digest, row.filename, Scan.of_json(row.found), known)


def save_mapping(connection: Connection, actor: Actor, name: str, content: Mapping[str, Any], now: datetime) -> None:
    """Save how a file is read, under a name. Raises Refused: not_permitted, invalid_request."""
    if not may_import(actor):
        raise _not_permitted()
    try:
        mapping = read_mapping(name, content)
    except ValueError as wrong:
        raise _wrong_mapping("映射不正确", str(wrong)) from wrong
    if name in BUILT_IN or len(name) > LONGEST_MAPPING_NAME:
        raise _wrong_mapping("该名称为系统内置或过长", "Expected a name that is not built in")
    values = {"content": mapping.as_json(), "saved_at": now, "saved_by": actor.person_id}
    dialect = sqlite if is_sqlite(connection) else postgresql
    made = dialect.insert(receipt_mapping).values(name=name, **values)
    connection.execute(made.on_conflict_do_update(index_elements=["name"], set_=values))


def saved_mappings(connection: Connection) -> list[ReceiptMapping]:
    """The county's own, then those that are built in."""
    own = [read_mapping(row.name, row.content) for row in connection.execute(_SAVED)]
    return [*own, *BUILT_IN.values()]


def _mappings(connection: Connection, name: str | None) -> list[ReceiptMapping]:
    every = saved_mappings(connection)
    chosen = [one for one in every if name in (None, "", one.name)]
    if not chosen:
        words = f"没有名为“{name}”的映射", f"Expected a saved mapping, but there is none called {name!r}"
        raise Refused("invalid_request", *words, [Detail("not_a_choice", *words, pointer="/mapping")])
    return chosen


def _wrong_mapping(zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("invalid", zh, en, pointer="/columns")])


def _refused(fault: FileRefused) -> Refused:
    zh, en = _FAULTS[fault.code]
    found = "".join(sign for sign in fault.found if sign.isprintable())
    en = f"{en}: {found}" if found else en
    # Why a file cannot be read is a library's sentence, in English.
    zh = f"{zh}：{found}" if found and fault.code != "unreadable" else zh
    return Refused("invalid_request", zh, en, [Detail(fault.code, zh, en, pointer="/file")])


def _once(connection: Connection) -> Insert:
    dialect = sqlite if is_sqlite(connection) else postgresql
    made: Insert = dialect.insert(treasury_import).on_conflict_do_nothing(index_elements=["digest"])
    return made.returning(treasury_import.c.id)


def _digest_of(source: IO[bytes]) -> str:
    source.seek(0)
    hashed = hashlib.sha256()
    while piece := source.read(_PIECE):
        hashed.update(piece)
    return hashed.hexdigest()


@contextmanager
def _text_of(source: IO[bytes]) -> Iterator[IO[bytes]]:
    """The source itself, or a workbook's rows as text."""
    if not is_workbook(source):
        yield source
        return
    with tempfile.TemporaryFile(prefix="mingjing-workbook-") as text:
        write_as_text(source, text)
        yield text
