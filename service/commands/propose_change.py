"""Somebody proposes to revoke, cancel, correct or replace a certificate: a case of its own, with its diagram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.engine import Row

from service.catalogue.office import CERTIFICATE_CHANGE
from service.certificates import Term, standing_on
from service.certificates.standing import ENDED_BY, EXPIRED, VALID
from service.commands.correcting import correctable_fields
from service.commands.open_case import OpenCase, open_case
from service.commands.services import Services
from service.database.tables import case, certificate, certificate_change
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.visibility import may_read_case

KINDS: Final = tuple(ENDED_BY)
# A case of the office's own about its certificates.
CASE_KIND: Final = "office"
_PREFIX: Final = "ZZ"
# Who proposes has handled the change: neither reviews nor decides it.
_GROUP: Final = "accept"
MOST_CORRECTIONS: Final = 40
LONGEST_VALUE: Final = 400
_CERTIFICATE = (
    select(certificate, case.c.applicant)
    .join(case, case.c.id == certificate.c.case_id)
    .where(certificate.c.document_id == bindparam("document_id"))
    .with_for_update(of=certificate)
)
_UNDER_WAY = (
    select(case.c.number)
    .join(certificate_change, certificate_change.c.case_id == case.c.id)
    .where(certificate_change.c.document_id == bindparam("document_id"), case.c.closed_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class ProposeChange:
    """`corrections` {key: right value} for `correct` alone. `legal_basis` may be empty for `reissue`."""

    certificate_id: int
    kind: str
    legal_basis: str
    reason: str
    corrections: Mapping[str, str] = field(default_factory=dict)


def propose_change(
    connection: Connection, services: Services, actor: Actor, command: ProposeChange, now: datetime
) -> str:
    """Open the case; its number. The holder stands in it as its applicant.

    Raises Refused: not_found, not_permitted, invalid_request, certificate_ended, move_refused while another change of
    the same certificate is under way.
    """
    row = _certificate(connection, actor, command.certificate_id)
    _require_words(command)
    today = services.calendars.get(connection).local_date(now)
    _require_changeable(connection, row, command.kind, standing_on(row.standing, _term(row), today))
    corrections = _corrections(connection, services, row, command, now)
    opened = OpenCase(
        CERTIFICATE_CHANGE,
        CASE_KIND,
        row.department,
        row.holder,
        _PREFIX,
        variables={"change_kind": command.kind},
        applicant=row.applicant,
        actor=actor,
        group=_GROUP,
        about={"certificate": row.number, "kind": command.kind, "reason": command.reason.strip()},
    )

    def write(case_id: int, _number: str) -> None:
        values = {"case_id": case_id, "document_id": row.document_id, "kind": command.kind, "corrections": corrections}
        words = {"legal_basis": command.legal_basis.strip(), "reason": command.reason.strip()}
        connection.execute(
            insert(certificate_change), {**values, **words, "opened_at": now, "opened_by": actor.person_id}
        )

    return open_case(connection, services, opened, now, with_case=write)[1]


def _certificate(connection: Connection, actor: Actor, certificate_id: int) -> Row[Any]:
    row = connection.execute(_CERTIFICATE, {"document_id": certificate_id}).one_or_none()
    if row is None or not may_read_case(actor, row.department):
        raise not_found("该证照", f"certificate {certificate_id}")
    if not may(actor, "propose_certificate_changes", row.department):
        raise Refused(
            "not_permitted", "您的岗位不能提出证照变动", "Expected a post that proposes changes of certificates"
        )
    return row


def _term(row: Row[Any]) -> Term:
    return Term(row.valid_from, row.valid_until)


def _require_words(command: ProposeChange) -> None:
    missing = []
    if command.kind not in KINDS:
        missing.append(Detail("required", "请选择变动种类", "Choose the kind of change", pointer="/kind"))
    if command.kind != "reissue" and not command.legal_basis.strip():
        missing.append(Detail("required", "须写明法律依据", "Name the ground of law", pointer="/legal_basis"))
    if not command.reason.strip():
        missing.append(Detail("required", "须写明事实和理由", "Say why", pointer="/reason"))
    if missing:
        raise Refused("invalid_request", "请把提出变动的理由填写完整", "Expected kind, ground and reason", missing)


def _require_changeable(connection: Connection, row: Row[Any], kind: str, standing: str) -> None:
    # What has run out may still be found to have been granted wrongly; nothing else can be done to it.
    if standing not in (VALID, "not_yet") and not (standing == EXPIRED and kind in ("revoke", "cancel")):
        raise Refused(
            "certificate_ended",
            "该证照已失效，不能再变动",
            f"Expected a certificate in force, but this one is {standing}",
        )
    other = connection.execute(_UNDER_WAY, {"document_id": row.document_id}).scalars().first()
    if other is not None:
        raise Refused("move_refused", f"该证照正在办理变动：{other}", f"Expected no other change, but {other} is open")


def _corrections(
    connection: Connection, services: Services, row: Row[Any], command: ProposeChange, now: datetime
) -> dict[str, str]:
    """The values that differ from what the certificate says, by key of a field that it shows as text."""
    given = {key: value.strip() for key, value in command.corrections.items()}
    if command.kind != "correct":
        if given:
            raise _wrong_correction("只有更正才填写更正内容", "Expected corrections of a correction alone")
        return {}
    shown = {one.key: one.value for one in correctable_fields(connection, services, row.document_id, now)}
    changed = {key: value for key, value in given.items() if value and value != shown.get(key)}
    if not changed or len(changed) > MOST_CORRECTIONS:
        raise _wrong_correction("请填写要更正的内容", "Expected at least one value that differs")
    if not changed.keys() <= shown.keys() or any(len(value) > LONGEST_VALUE for value in changed.values()):
        raise _wrong_correction("有不能更正的栏目，或者内容过长", "Expected fields that the certificate shows as text")
    return changed


def _wrong_correction(zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("invalid", zh, en, pointer="/corrections")])
