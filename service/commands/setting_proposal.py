"""A setting of the county takes two people: one administrator proposes it, another decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from service.commands.proposals import Applied, Content, Proposal, ProposalKind
from service.commands.services import Services
from service.database.tables import department, setting
from service.people.county_settings import Known, checked
from service.people.permissions import may

SETTING_CHANGE = "setting_changed"
_NOW = select(setting.c.content).where(setting.c.name == bindparam("name"))


def subject_of_setting(name: str) -> str:
    return f"setting/{name}"


def _name(proposal: Proposal) -> str:
    return proposal.subject.partition("/")[2]


def _check(connection: Connection, _services: Services, proposal: Proposal, _now: datetime) -> Content:
    codes = connection.execute(select(department.c.code)).scalars().all()
    return checked(_name(proposal), proposal.content, Known(codes))


def _apply(connection: Connection, _services: Services, proposal: Proposal, _now: datetime) -> Applied:
    name = _name(proposal)
    before = connection.execute(_NOW, {"name": name}).scalar_one_or_none()
    content = dict(proposal.content)
    if before is None:
        connection.execute(insert(setting), {"name": name, "content": content})
    else:
        connection.execute(update(setting).where(setting.c.name == name).values(content=content))
    return Applied(before, content)


SETTING = ProposalKind(
    SETTING_CHANGE,
    may_propose=lambda actor, _proposal: may(actor, "change_settings"),
    may_decide=lambda actor, _proposal: may(actor, "change_settings"),
    check=_check,
    apply=_apply,
    may_read=lambda actor: may(actor, "change_settings") or may(actor, "read_office_changes"),
)
