"""What a certificate ends, and what ends with one: on both databases, each in a transaction of its own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from service.attachments.kinds import PDF
from service.commands.examine_file import ExamineFile, examine_file
from service.commands.print_document import PrintDocument, print_document
from service.database.session import transaction
from service.database.tables import attachment, case, certificate, document_copy
from service.errors import Refused
from tests.commands.office import Office
from tests.commands.stories import MZ, SG, ZR
from tests.commands.walking import begin, do


def issued(office: Office, number: str, kind: str = "certificate") -> Any:
    """The paper is printed and the outbox delivered; its row on the register."""
    actor, command = office.actor("printer", number), PrintDocument(number, kind)
    office.perform(lambda c: print_document(c, office.services, actor, command, office.now), actor, number)
    office.deliver()
    return row_of(office, number)


def row_of(office: Office, number: str) -> Any:
    case_id = office.case(number).id
    return next(iter(office.rows(select(certificate).where(certificate.c.case_id == case_id))), None)


def same_holder(office: Office, number: str, as_of: str) -> None:
    """The applicant of a case is that of another."""
    with transaction(office.engine) as connection:
        known = connection.execute(select(case.c.applicant, case.c.applicant_name).where(case.c.number == as_of)).one()
        connection.execute(update(case).where(case.c.number == number).values(**known._mapping))


def test_a_renewal_ends_the_licence_that_it_names_and_no_other(office: Office) -> None:
    first = begin(office, SG, "print_certificate", business_form="shop")
    old = issued(office, first)
    other = issued(office, begin(office, SG, "print_certificate", business_form="shop"))
    renewal = office.start(SG, application_kind="extend", layout_changed="no", old_cert_no=old.number)
    same_holder(office, renewal, first)
    office.put()
    while "print_certificate" not in office.open_steps(renewal):
        do(office, office.open_steps(renewal)[0], renewal)
    new = issued(office, renewal)
    ended = row_of(office, first)
    assert (ended.standing, ended.replaced_by, ended.ended_by) == ("replaced", new.document_id, new.case_id)
    (still,) = office.rows(select(certificate).where(certificate.c.document_id == other.document_id))
    assert still.standing == "valid"
    assert len(office.history(first, "certificate_superseded")) == 1
    issued(office, renewal)
    assert len(office.history(first, "certificate_superseded")) == 1, "a second copy ends nothing again"


def test_a_cancelled_registration_ends_its_certificate(office: Office) -> None:
    first = begin(office, MZ, "print_certificate", reg_kind="found")
    old = issued(office, first)
    cancelling = begin(office, MZ, "print_certificate", reg_kind="cancel")
    code = office.task("apply", cancelling, status="completed").answers["org_code"]
    with transaction(office.engine) as connection:
        change = update(certificate).where(certificate.c.document_id == old.document_id)
        connection.execute(change.values(holder_code=code))
    issued(office, cancelling, "cancel_proof")
    assert row_of(office, first).standing == "cancelled"


@pytest.mark.parametrize("standing", ["revoked", "cancelled", "replaced"])
def test_a_decision_waits_until_a_certificate_that_has_ended_was_examined_anew(office: Office, standing: str) -> None:
    first = begin(office, ZR, "await_payment")
    office.pay()
    old = issued(office, first)
    number = begin(office, ZR, "decide")
    (copy,) = office.rows(select(document_copy).where(document_copy.c.document_id == old.document_id))
    kept = {"digest": copy.digest, "size": copy.size, "media_type": PDF, "filename": "旧证.pdf"}
    with transaction(office.engine) as connection:
        file = {"case_id": office.case(number).id, "material": "old_certificate", "uploaded_at": office.now, **kept}
        connection.execute(insert(attachment), {**file, "certificate_id": old.document_id})
        ended = update(certificate).where(certificate.c.document_id == old.document_id)
        connection.execute(ended.values(standing=standing, ended_at=office.now))
    if standing != "replaced":
        with pytest.raises(Refused) as refused:
            do(office, "decide", number)
        assert (refused.value.code, refused.value.details[0].code) == ("control_node_missing", "certificate_ended")
        assert office.open_steps(number) == ["decide"]
        actor = office.actor("clerk", number)
        found = office.rows(select(attachment.c.id).where(attachment.c.certificate_id == old.document_id))
        look = ExamineFile(number, found[0].id, original_seen=True)
        office.perform(lambda c: examine_file(c, office.services, actor, look, office.now), actor, number)
    do(office, "decide", number)
    assert office.open_steps(number) != ["decide"]
