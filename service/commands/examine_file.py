"""A clerk looks at one paper: seen beside its original (与原件核对), refused with its reason, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from service.commands.attach_file import file_act, file_on_record, require_not_relied_upon
from service.commands.certificates_on_file import ended_on_file
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import attachment
from service.errors import Detail, Refused
from service.people.actor import Actor

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class ExamineFile:
    """`refused_because` is the reason that the applicant will read; None lets the file stand."""

    number: str
    attachment_id: int
    original_seen: bool
    refused_because: str | None = None


def examine_file(connection: Connection, services: Services, actor: Actor, command: ExamineFile, now: datetime) -> None:
    """Note what the clerk found. A refused file is not on file, and its reason stands in the one notice.

    Raises Refused: not_found, invalid_request, case_closed; not_permitted once a step relies upon the file,
    unless it is a certificate that was revoked or cancelled since.
    """
    reason = _reason(command)
    act = file_act(connection, services, command.number, actor, now)
    found = file_on_record(act, command.attachment_id)
    if found.id not in ended_on_file(act):
        require_not_relied_upon(act, found.material)
    seen, refused = command.original_seen, reason is not None
    connection.execute(
        update(attachment)
        .where(attachment.c.id == found.id)
        .values(
            original_seen_at=now if seen else None,
            original_seen_by=actor.person_id if seen else None,
            refused_at=now if refused else None,
            refused_by=actor.person_id if refused else None,
            refused_because=reason,
        )
    )
    kind = "material_refused" if refused else "original_seen" if seen else "examination_undone"
    act.record(kind, None, material=found.material, digest=found.digest)
    record_events(act)


def _reason(command: ExamineFile) -> str | None:
    if command.refused_because is None:
        return None
    reason = command.refused_because.strip()
    if not reason or len(reason) > LONGEST_REASON or command.original_seen:
        raise Refused(
            "invalid_request",
            "退回材料须写明理由（至多 500 字），且不能同时核对原件",
            "Expected a reason of at most 500 characters, and no original seen, for a refused file",
            [Detail("required", "请写明退回理由", "Say why it is refused", pointer="/refused_because")],
        )
    return reason
