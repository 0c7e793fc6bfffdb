"""Files for a case's materials: put on file and taken off again. The bytes are kept before the row is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update
from sqlalchemy.engine import Row

from service.attachments.kinds import require_accepted
from service.attachments.store import StagedFile
from service.catalogue.item import Material
from service.commands.act import CaseAct, require_open
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.rows import read_rows
from service.database.tables import attachment, event
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.reads.hot import hot_by_number
from service.reads.visibility import may_on_case

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
    # The file of the same material that this is a new version of; it stays on record.
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveFile:
    number: str
    attachment_id: int


def require_material(act: CaseAct, key: str) -> Material:
    """The material of the item's checklist. Raises Refused invalid_request for one that the item does not name."""
    material = act.materials.get(key)
    if material is None:
        raise Refused(
            "invalid_request",
            f"本事项没有材料“{key[:80]}”",
            f"Expected a material of the item, but found {key[:80]!r}",
            [Detail("unknown_material", "未知材料", "Unknown material", pointer="/material")],
        )
    return material


def attach_file(connection: Connection, services: Services, actor: Actor, command: AttachFile, now: datetime) -> int:
    """Put a file on file for a material, also while the case is halted; the attachment's id.

    Raises Refused: not_found, not_permitted, case_closed, invalid_request for a material that the item does not name.
    """
    act = file_act(connection, services, command.number, actor, now)
    material = require_material(act, command.material)
    require_accepted(command.staged.media_type, material.also_accepts)
    former = _replaceable(act, command) if command.replaces is not None else None
    command.keep(command.staged)
    (written,) = read_rows(
        connection,
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
    )
    attachment_id = int(written.id)
    act.record(
        "material_attached", None, material=command.material, digest=command.staged.digest, size=command.staged.size
    )
    if former is not None:
        values = {"removed_at": now, "replaced_by": attachment_id}
        connection.execute(update(attachment).where(attachment.c.id == former.id).values(values))
        act.record("material_replaced", None, material=command.material, digest=former.digest)
    record_events(act)
    return int(attachment_id)


def _replaceable(act: CaseAct, command: AttachFile) -> Row[Any]:
    """The file on record that a new version takes the place of: one that was refused, or that no step relies upon."""
    found = file_on_record(act, command.replaces or 0)
    if found.material != command.material:
        raise not_found("该材料的文件", f"attachment {command.replaces} of {command.material[:80]}")
    if found.refused_at is None:
        require_not_relied_upon(act, found.material)
    return found


def file_on_record(act: CaseAct, attachment_id: int) -> Row[Any]:
    """A file of the case that was neither removed nor replaced. Raises Refused not_found."""
    found = act.connection.execute(
        select(attachment).where(
            attachment.c.id == attachment_id,
            attachment.c.case_id == act.row.case_id,
            attachment.c.removed_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise not_found("该文件", f"attachment {attachment_id}")
    return found


def remove_file(connection: Connection, services: Services, actor: Actor, command: RemoveFile, now: datetime) -> None:
    """Take a file off a case before its step is reached; its row and bytes stay. Raises Refused as attaching does."""
    act = file_act(connection, services, command.number, actor, now)
    found = file_on_record(act, command.attachment_id)
    require_not_relied_upon(act, found.material)
    connection.execute(update(attachment).where(attachment.c.id == found.id).values(removed_at=now))
    act.record("material_removed", None, material=found.material, digest=found.digest)
    record_events(act)


def require_not_relied_upon(act: CaseAct, key: str) -> None:
    """Refuse to change a file after the step that needs its material has been reached."""
    if _relied_upon(act, key):
        raise Refused(
            "not_permitted",
            "该材料已作为办理依据，不能更改",
            "Expected a file that no step relies upon yet, but the step that needs it has been reached",
        )


def _relied_upon(act: CaseAct, key: str) -> bool:
    """Whether a token has entered the step that the material is needed before."""
    material = act.materials.get(key)
    if material is None:
        return False
    of_step = (event.c.case_id == act.row.case_id, event.c.element_id == material.needed_before_step)
    return bool(act.connection.execute(select(exists().where(*of_step, event.c.kind.in_(_REACHED)))).scalar_one())


def clean_filename(name: str) -> str:
    """The last part of a path, without control characters, short enough to be stored."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    cleaned = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    return cleaned[-LONGEST_FILENAME:] or "file"


def file_act(connection: Connection, services: Services, number: str, actor: Actor, now: datetime) -> CaseAct:
    """An act on the files of an open case by somebody whose post handles them. Raises Refused."""
    row = hot_by_number(connection, number)
    if row is None:
        raise not_found("该办件", f"case {number}")
    if not may_on_case(connection, actor, "attach_files", row.case_id, row.case_department):
        raise Refused(
            "not_permitted", "您的岗位不能上传本件材料", "Expected a post that handles this department's cases"
        )
    require_open(row)
    return CaseAct(connection, services, row, now, actor)
