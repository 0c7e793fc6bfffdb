"""A file that comes in pieces: announced, sent from where the last piece ended, and put on file when it is whole."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlalchemy.engine import Row

from service.attachments.store import StagedFile, too_large
from service.commands.attach_file import AttachFile, attach_file, clean_filename, file_act, require_material
from service.commands.services import Services
from service.database.tables import unfinished_upload
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor

# As many as one person can have in hand; the rest waits, or is swept away a day later.
MOST_OF_A_PERSON = 20
MOST_OF_ALL = 1000
_ONE = select(unfinished_upload).where(
    unfinished_upload.c.id == bindparam("upload_id"), unfinished_upload.c.person_id == bindparam("person_id")
)
_COUNTS = select(func.count(), func.count().filter(unfinished_upload.c.person_id == bindparam("person_id")))


class Pieces(Protocol):
    """Where the pieces lie."""

    def received_bytes(self, upload_id: str) -> int: ...
    def append(self, upload_id: str, offset: int, piece: bytes) -> int | None: ...
    def assembled(self, upload_id: str) -> StagedFile: ...
    def drop(self, upload_id: str) -> None: ...
    def keep(self, staged: StagedFile) -> None: ...


@dataclass(frozen=True, slots=True)
class BeginUpload:
    """`digest` is the SHA-256 that the client promises; None where its browser cannot reckon it."""

    number: str
    material: str
    filename: str
    size: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class FinishUpload:
    """`row` is the upload as it was found, `replaces` the file that it is a new version of."""

    number: str
    row: Row[Any]
    files: Pieces
    replaces: int | None


def begin_upload(connection: Connection, services: Services, actor: Actor, command: BeginUpload, now: datetime) -> str:
    """Announce a file; the upload's id. Raises Refused as attaching does, and rate_limited beyond the quota."""
    act = file_act(connection, services, command.number, actor, now)
    require_material(act, command.material)
    if command.size > services.settings.upload_limit_bytes:
        raise too_large(services.settings.upload_limit_bytes)
    everybody, own = connection.execute(_COUNTS, {"person_id": actor.person_id}).one()
    if own >= MOST_OF_A_PERSON or everybody >= MOST_OF_ALL:
        raise Refused(
            "rate_limited",
            f"未传完的文件已有 {own} 个，请先传完或取消",
            f"Expected at most {MOST_OF_A_PERSON} unfinished uploads, but there are {own}",
        )
    upload_id = secrets.token_hex(16)
    connection.execute(
        insert(unfinished_upload),
        {
            "id": upload_id,
            "case_id": act.row.case_id,
            "person_id": actor.person_id,
            "material": command.material,
            "filename": clean_filename(command.filename),
            "size": command.size,
            "digest": command.digest,
            "began_at": now,
        },
    )
    return upload_id


def find_upload(connection: Connection, actor: Actor, case_id: int, upload_id: str) -> Row[Any]:
    """An upload that this person began on this case. Raises Refused not_found."""
    row = connection.execute(_ONE, {"upload_id": upload_id, "person_id": actor.person_id}).one_or_none()
    if row is None or row.case_id != case_id:
        raise not_found("该上传", f"upload {upload_id}")
    return row


def take_piece(files: Pieces, row: Row[Any], offset: int, piece: bytes) -> int:
    """Add a piece; the new length. Raises Refused offset_conflict, which says where to go on, payload_too_large."""
    if offset + len(piece) > row.size:
        raise too_large(row.size)
    length = files.append(row.id, offset, piece)
    if length is None:
        found = files.received_bytes(row.id)
        raise Refused(
            "offset_conflict",
            f"应从第 {found} 字节续传",
            f"Expected a piece from byte {found}, but it begins at {offset}",
            [Detail("offset", str(found), str(found), pointer="/offset")],
        )
    return length


def finish_upload(
    connection: Connection, services: Services, actor: Actor, command: FinishUpload, now: datetime
) -> int:
    """Put the whole file on file; the attachment's id.

    Raises Refused as attaching does, offset_conflict while pieces lack, invalid_request for another digest.
    """
    row, files = command.row, command.files
    found = files.received_bytes(row.id)
    if found != row.size:
        raise Refused("offset_conflict", f"还差 {row.size - found} 字节", f"Expected {row.size} bytes, found {found}")
    staged = files.assembled(row.id)
    if row.digest is not None and staged.digest != row.digest:
        raise Refused(
            "invalid_request",
            "文件在传输中损坏，请重新上传",
            f"Expected the digest {row.digest}, but found {staged.digest}",
            [Detail("digest", "摘要不符", "The digest does not match", pointer="/digest")],
        )
    attached = AttachFile(command.number, row.material, row.filename, staged, files.keep, command.replaces)
    attachment_id = attach_file(connection, services, actor, attached, now)
    forget_upload(connection, row.id)
    return attachment_id


def forget_upload(connection: Connection, upload_id: str) -> None:
    connection.execute(delete(unfinished_upload).where(unfinished_upload.c.id == upload_id))
