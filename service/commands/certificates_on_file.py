"""Certificates that were handed in as materials and have ended since: somebody looks at them before a decision.

A certificate that was only replaced says nothing wrong of its holder; one that was revoked or cancelled may be what
the decision stands on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, or_, select

from service.database.in_text import among
from service.database.rows import read_rows
from service.database.tables import attachment, certificate
from service.errors import Detail, Refused
from service.user_tasks.moves import DECIDING

if TYPE_CHECKING:
    from service.commands.act import CaseAct

ENDED: Final = ("revoked", "cancelled")
_ENDED = (
    select(attachment.c.id, attachment.c.material, certificate.c.number)
    .join(certificate, certificate.c.document_id == attachment.c.certificate_id)
    .where(
        attachment.c.case_id == bindparam("case_id"),
        attachment.c.removed_at.is_(None),
        attachment.c.refused_at.is_(None),
        among(certificate.c.standing, ENDED),
        or_(
            attachment.c.original_seen_at.is_(None),
            certificate.c.ended_at.is_(None),
            attachment.c.original_seen_at < certificate.c.ended_at,
        ),
    )
    .order_by(attachment.c.id)
)


def ended_on_file(act: CaseAct) -> dict[int, tuple[str, str]]:
    """Material and number by the file, of those that nobody has examined since they ended."""
    rows = read_rows(act.connection, _ENDED, {"case_id": act.row.case_id})
    return {row.id: (row.material, row.number) for row in rows}


def require_certificates_examined(act: CaseAct) -> None:
    """Before a decision. Raises Refused control_node_missing, which names each material."""
    if act.row.task_separation_group not in DECIDING:
        return
    if act.item is None or not any(one.certificate_of for one in act.item.materials.values()):
        return
    ended = ended_on_file(act)
    if not ended:
        return
    details = [
        Detail(
            "certificate_ended",
            f"电子证照 {number} 已失效，须重新核对或者退回",
            f"Certificate {number} has ended; it has to be examined anew or refused",
            material=material,
        )
        for material, number in ended.values()
    ]
    raise Refused(
        "control_node_missing",
        "；".join(one.message for one in details),
        "Expected every certificate on file to be in force, or to be examined after it ended",
        details,
    )
