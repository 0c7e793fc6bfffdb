"""Files for a case's materials: put on file and taken off again. The bytes are kept before the row is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, insert, select, update

from service.attachments.store import StagedFile
from service.commands.act import CaseAct, require_open
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import attachment, event
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import HotRow, hot_by_number

LONGEST_FILENAME = 255
# Events that tell that a token was in a step: a person's, or one of the service's own.
_REACHED = ("step_entered", "case_accepted", "decision_published", "payment_notice_made")
_INSERT = insert(attachment).returning(attachment.c.id)


@dataclass(frozen=True, slots=True)
class AttachFile:
    """`staged` has been received; `keep` moves it into the store. `material` is a key of the item's checklist."""

    number: str
    material: str
    filename: str
    staged: StagedFile
    keep: Callable[[StagedFile], None]


@dataclass(frozen=True, slots=True)
class RemoveFile:
    number: str
    attachment_id: int


def attach_file(connection: Connection, services: Services, actor: Actor, command: AttachFile, now: datetime) -> int:
    """Put a file on file for a material, also while the case is halted; the attachment's id.

    Raises Refused: not_found, not_permitted, case_closed, invalid_request for a material that the item does not name.
    """
    act = _act(connection, services, hot_by_number(connection, command.number), command.number, actor, now)
    material = act.item.materials.get(command.material) if act.item else None
    if material is None:
        raise Refused(
            "invalid_request",
            f"本事项没有材料“{command.material[:80]}”",
            f"Expected a material of the item, but found {command.material[:80]!r}",
            [Detail("unknown_material", "未知材料", "Unknown material", pointer="/material")],
        )
    command.keep(command.staged)
    attachment_id = connection.execute(
        _INSERT,
        {
            "case_id": act.row.case_id,
            "material": command.material,
            "digest": command.staged.digest,
            "filename": clean_filename(command.filename),
            "media_type": command.staged.media_type,
            "size": command.staged.size,
            "uploaded_at": now,
            "uploaded_by": actor.person_id,
        },
    ).scalar_one()
    act.record(
        "material_attached", None, material=command.material, digest=command.staged.digest, size=command.staged.size
    )
    record_events(act)
    return int(attachment_id)


def remove_file(connection: Connection, services: Services, actor: Actor, command: RemoveFile, now: datetime) -> None:
    """Take a file off a case before its step is reached; its row and bytes stay. Raises Refused as attaching does."""
    act = _act(connection, services, hot_by_number(connection, command.number), command.number, actor, now)
    found = connection.execute(
        select(attachment).where(
            attachment.c.id == command.attachment_id,
            attachment.c.case_id == act.row.case_id,
            attachment.c.removed_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise not_found("该文件", f"attachment {command.attachment_id}")
    if _relied_upon(act, found.material):
        raise Refused(
            "not_permitted",
            "该材料已作为办理依据，不能删除",
            "Expected a file that no step relies upon yet, but the step that needs it has been reached",
        )
    connection.execute(update(attachment).where(attachment.c.id == found.id).values(removed_at=now))
    act.record("material_removed", None, material=found.material, digest=found.digest)
    record_events(act)


def _relied_upon(act: CaseAct, key: str) -> bool:
    """Whether a token has entered the step that the material is needed before."""
    material = act.item.materials.get(key) if act.item else None
    if material is None:
        return False
    of_step = (event.c.case_id == act.row.case_id, event.c.element_id == material.needed_before_step)
    return bool(act.connection.execute(select(exists().where(*of_step, event.c.kind.in_(_REACHED)))).scalar_one())


def clean_filename(name: str) -> str:
    """The last part of a path, without control characters, short enough to be stored."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    cleaned = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    return cleaned[-LONGEST_FILENAME:] or "file"


def _act(
    connection: Connection, services: Services, row: HotRow | None, number: str, actor: Actor, now: datetime
) -> CaseAct:
    if row is None:
        raise not_found("该办件", f"case {number}")
    if not may(actor, "attach_files", row.case_department):
        raise Refused(
            "not_permitted", "您的岗位不能上传本件材料", "Expected a post that handles this department's cases"
        )
    require_open(row)
    return CaseAct(connection, services, row, now, actor)
