"""What takes two people: one proposes, another decides, and nothing happens before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from service.commands.decide_proposal import approve_proposal, refuse_proposal, withdraw_proposal
from service.commands.proposals import Applied, Proposal, ProposalKind
from service.commands.propose import Propose, propose
from service.commands.services import Services
from service.database.session import reading, transaction
from service.database.tables import office_change, proposal, setting
from service.errors import Refused
from service.people.permissions import may
from service.reads.proposals import list_proposals, read_proposal
from tests.commands.office import Office


def _check(_connection: Connection, _services: Services, asked: Proposal, _now: datetime) -> Mapping[str, Any]:
    if not isinstance(asked.content.get("motto"), str):
        raise Refused("invalid_request", "须有口号", "Expected a motto")
    return {"motto": asked.content["motto"].strip()}


def _apply(connection: Connection, _services: Services, asked: Proposal, _now: datetime) -> Applied:
    connection.execute(insert(setting), {"name": "motto", "content": asked.content["motto"]})
    return Applied(None, asked.content)


MOTTO = ProposalKind(
    "motto",
    may_propose=lambda actor, _: may(actor, "edit_calendar") or may(actor, "grant_posts"),
    may_decide=lambda actor, _: may(actor, "grant_posts"),
    check=_check,
    apply=_apply,
    may_read=lambda actor: may(actor, "grant_posts"),
)
KINDS = {"motto": MOTTO}


def proposed(office: Office, by: str = "sysadmin", reason: str = "换届", motto: object = " 公开 ") -> int:
    with transaction(office.engine) as connection:
        command = Propose("motto", "setting/motto", {"motto": motto}, reason)
        return propose(connection, office.services, office.actor(by), command, office.now, kinds=KINDS)


def approved(office: Office, number: int, by: str = "secadmin") -> None:
    with transaction(office.engine) as connection:
        approve_proposal(connection, office.services, office.actor(by), number, office.now, kinds=KINDS)


def motto_of(office: Office) -> list[object]:
    return [row.content for row in office.rows(select(setting).where(setting.c.name == "motto"))]


def test_it_takes_effect_when_another_person_approves_and_the_book_has_both(office: Office) -> None:
    number = proposed(office)
    assert motto_of(office) == []
    approved(office, number)
    assert motto_of(office) == ["公开"]
    (change,) = office.rows(select(office_change).where(office_change.c.kind == "motto"))
    assert (change.proposer, change.actor) == (office.ids["sysadmin"], office.ids["secadmin"])
    assert (change.subject, change.after, change.reason) == ("setting/motto", {"motto": "公开"}, "换届")
    with reading(office.engine) as connection:
        found = read_proposal(connection, number)
        assert found is not None and (found.status, found.decided_at) == ("approved", office.now)
        assert [one.id for one in list_proposals(connection, ["motto"], status="approved").items] == [number]
        assert list_proposals(connection, []).total == list_proposals(connection, ["motto"], status="open").total == 0


def test_nobody_approves_or_refuses_what_they_have_proposed(office: Office) -> None:
    number = proposed(office, by="secadmin")
    with pytest.raises(Refused) as refused:
        approved(office, number)
    assert refused.value.code == "separation_of_duty"
    with pytest.raises(Refused) as refused, transaction(office.engine) as connection:
        refuse_proposal(connection, office.actor("secadmin"), number, "不妥", office.now, kinds=KINDS)
    assert refused.value.code == "separation_of_duty"
    assert motto_of(office) == []


def test_only_the_posts_of_the_kind_propose_and_decide(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        proposed(office, by="auditor")
    assert refused.value.code == "not_permitted"
    number = proposed(office)
    with pytest.raises(Refused) as refused:
        approved(office, number, by="sysadmin")
    assert refused.value.code == "not_permitted"


@pytest.mark.parametrize(("reason", "motto"), [("  ", "公开"), ("换届", 5)])
def test_a_proposal_without_reason_or_that_its_kind_refuses_is_not_kept(
    office: Office, reason: str, motto: object
) -> None:
    with pytest.raises(Refused) as refused:
        proposed(office, reason=reason, motto=motto)
    assert refused.value.code == "invalid_request"
    assert office.rows(select(proposal)) == []


def test_one_proposal_about_a_subject_waits_at_a_time_and_each_is_decided_once(office: Office) -> None:
    number = proposed(office)
    with pytest.raises(Refused) as refused:
        proposed(office)
    assert refused.value.code == "move_refused"
    with transaction(office.engine) as connection:
        refuse_proposal(connection, office.actor("secadmin"), number, " 不妥 ", office.now, kinds=KINDS)
    with pytest.raises(Refused) as refused:
        approved(office, number)
    assert refused.value.code == "not_waiting"
    (row,) = office.rows(select(proposal))
    assert (row.status, row.ground, row.decided_by) == ("refused", "不妥", office.ids["secadmin"])
    assert motto_of(office) == [] and proposed(office) != number


def test_who_proposed_takes_it_back_and_nobody_else(office: Office) -> None:
    number = proposed(office)
    with pytest.raises(Refused) as refused, transaction(office.engine) as connection:
        withdraw_proposal(connection, office.actor("secadmin"), number, office.now)
    assert refused.value.code == "not_permitted"
    with transaction(office.engine) as connection:
        withdraw_proposal(connection, office.actor("sysadmin"), number, office.now)
    with pytest.raises(Refused) as refused:
        approved(office, number)
    assert refused.value.code == "not_waiting"


def test_a_kind_that_is_not_registered_is_neither_proposed_nor_decided(office: Office) -> None:
    with pytest.raises(Refused) as refused, transaction(office.engine) as connection:
        propose(connection, office.services, office.actor("sysadmin"), Propose("x", "x", {}, "x"), office.now)
    assert refused.value.code == "invalid_request"
    number = proposed(office)
    with pytest.raises(Refused) as refused, transaction(office.engine) as connection:
        approve_proposal(connection, office.services, office.actor("secadmin"), number, office.now, kinds={})
    assert refused.value.code == "not_found"
