"""A certificate of an earlier case is handed in instead of a file (电子证照): in force today, its digest linked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from service.attachments.kinds import PDF
from service.commands.attach_file import clean_filename, file_act
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import attachment
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.reads.earlier_certificates import earlier_certificates

_INSERT = insert(attachment).returning(attachment.c.id)
_ON_FILE = select(attachment.c.id).where(
    attachment.c.case_id == bindparam("case_id"),
    attachment.c.material == bindparam("material"),
    attachment.c.certificate_id == bindparam("certificate_id"),
    attachment.c.removed_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class ReuseCertificate:
    number: str
    material: str
    certificate_id: int


def reuse_certificate(
    connection: Connection, services: Services, actor: Actor, command: ReuseCertificate, now: datetime
) -> int:
    """Put the certificate's signed copy on file for the material; the attachment's id, the same if it is there already.

    Raises Refused as attaching a file does, and certificate_ended for one that is not in force today, not the
    applicant's, or none that the material takes: which of these it is, nobody learns about others' certificates.
    """
    act = file_act(connection, services, command.number, actor, now)
    applicant = act.row.applicant or {}
    found = earlier_certificates(connection, act.row.case_id, act.materials.values(), applicant, act.today)
    fitting = found.get(command.material, ())
    chosen = next((one for one in fitting if one.id == command.certificate_id), None)
    if chosen is None:
        words = (
            "没有可用于该材料的有效证照",
            "Expected a certificate in force that this material takes",
        )
        raise Refused("certificate_ended", *words, [Detail("certificate_ended", *words, material=command.material)])
    asked = {"case_id": act.row.case_id, "material": command.material, "certificate_id": chosen.id}
    known = connection.execute(_ON_FILE, asked).scalars().first()
    if known is not None:
        return int(known)
    row = asked | {
        "digest": chosen.digest,
        "filename": clean_filename(f"{chosen.name_zh} {chosen.number}.pdf"),
        "media_type": PDF,
        "size": chosen.size,
        "uploaded_at": now,
        "uploaded_by": actor.person_id,
    }
    attachment_id = int(connection.execute(_INSERT, row).scalar_one())
    act.record("certificate_reused", None, material=command.material, digest=chosen.digest, number=chosen.number)
    record_events(act)
    return attachment_id
